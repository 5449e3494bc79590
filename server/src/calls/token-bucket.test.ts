import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tokenBucket } from './token-bucket.ts';

const PACE = { host: 'portal', perSecond: 2, burst: 50 };

test('a burst goes at once, then two a second', () => {
  const bucket = tokenBucket(PACE);
  for (let at = 0; at < 50; at += 1) expect(bucket.take(0)).toBeUndefined();
  expect(bucket.take(0)).toBe(500);
  expect(bucket.take(499)).toBe(500);
  expect(bucket.take(500)).toBeUndefined();
  expect(bucket.take(500)).toBe(1_000);
});

test('questions leave room for dials', () => {
  const bucket = tokenBucket(PACE);
  let asked = 0;
  while (bucket.take(0, 2, 10) === undefined) asked += 1;
  expect(asked).toBe(20);
  expect(bucket.take(0, 2, 10)).toBe(1_000);
  for (let dial = 0; dial < 10; dial += 1) expect(bucket.take(0)).toBeUndefined();
  expect(bucket.take(0)).toBe(500);
});

test('after having been emptied it goes at the steady pace', () => {
  const bucket = tokenBucket(PACE);
  bucket.empty(0);
  expect(bucket.take(0)).toBe(500);
});

test('a clock that is set back stops nothing', () => {
  const bucket = tokenBucket(PACE);
  bucket.empty(600_000);
  expect(bucket.take(0)).toBe(500);
  expect(bucket.take(500)).toBeUndefined();
});

test('whatever is asked when, no stretch of time passes more than its burst and its pace', () => {
  const ask = fc.record({ afterMs: fc.integer({ min: 0, max: 3_000 }), count: fc.integer({ min: 1, max: 5 }) });
  fc.assert(
    fc.property(fc.array(ask, { maxLength: 200 }), (asks) => {
      const bucket = tokenBucket(PACE);
      const passed: { at: number; count: number }[] = [];
      let now = 0;
      for (const { afterMs, count } of asks) {
        now += afterMs;
        if (bucket.take(now, count) === undefined) passed.push({ at: now, count });
      }
      for (const [from, first] of passed.entries()) {
        let sum = 0;
        for (const each of passed.slice(from)) {
          sum += each.count;
          expect(sum).toBeLessThanOrEqual(PACE.burst + ((each.at - first.at) / 1000) * PACE.perSecond);
        }
      }
    }),
  );
});

test('the time that it names is when it would let through, and not earlier', () => {
  const bucket = tokenBucket({ host: 'portal', perSecond: 3, burst: 4 });
  bucket.empty(0);
  let now = 0;
  for (let turn = 0; turn < 100; turn += 1) {
    const freeAt = bucket.take(now);
    if (freeAt === undefined) continue;
    expect(freeAt).toBeGreaterThan(now);
    expect(bucket.take(freeAt - 1)).toBe(freeAt);
    now = freeAt;
    expect(bucket.take(now)).toBeUndefined();
  }
});
