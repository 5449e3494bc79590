import { expect, test } from 'vitest';
import { MAX_ATTEMPTS, nextAttemptAt } from './retry-schedule.ts';

const HOUR_MS = 3_600_000;

test('soon at first, four times a day at last, about two days in all', () => {
  let now = 0;
  const delays: number[] = [];
  for (let attempts = 1; attempts < MAX_ATTEMPTS; attempts += 1) {
    const next = nextAttemptAt(attempts, now, 0.5) ?? Number.NaN;
    delays.push(next - now);
    now = next;
  }
  expect(delays.slice(0, 4)).toEqual([10_000, 40_000, 160_000, 640_000]);
  expect(delays.at(-1)).toBe(6 * HOUR_MS);
  expect(now).toBeGreaterThan(40 * HOUR_MS);
  expect(now).toBeLessThan(50 * HOUR_MS);
  expect(nextAttemptAt(MAX_ATTEMPTS, now, 0.5)).toBeUndefined();
});

test('repeats are spread, and a receiver that names a time is heeded, within reason', () => {
  expect([nextAttemptAt(1, 0, 0), nextAttemptAt(1, 0, 1)]).toEqual([8_000, 12_000]);
  expect(nextAttemptAt(1, 0, 0.5, HOUR_MS)).toBe(HOUR_MS);
  expect(nextAttemptAt(1, 0, 0.5, 5_000)).toBe(10_000);
  expect(nextAttemptAt(1, 0, 0.5, 1_000 * HOUR_MS)).toBe(6 * HOUR_MS);
});
