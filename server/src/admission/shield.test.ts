import fc from 'fast-check';
import { expect, test } from 'vitest';
import { USUAL_LIMITS } from '../simulators/example-site.ts';
import { fakeClock } from '../simulators/fake-clock.ts';
import { shield } from './shield.ts';

const MINUTE_MS = 60_000;
const perMinute = (max: number) => [{ max, perMs: MINUTE_MS }];

test('lets a source ask so often at once, then one at a time', () => {
  const clock = fakeClock();
  const guard = shield({ windows: perMinute(30), clock });
  for (let at = 0; at < 30; at++) expect(guard.admit('203.0.113.7')).toBeUndefined();
  expect(guard.admit('203.0.113.7')).toBe(clock.now() + 2_000);
  clock.set(clock.now() + 1_999);
  expect(guard.admit('203.0.113.7')).toBe(clock.now() + 1);
  clock.set(clock.now() + 1);
  expect(guard.admit('203.0.113.7')).toBeUndefined();
  expect(guard.admit('203.0.113.7')).toBe(clock.now() + 2_000);
});

test('holds every window, and names the time at which all have room', () => {
  const clock = fakeClock();
  const guard = shield({ windows: USUAL_LIMITS.shield, clock });
  let admitted = 0;
  // One request a second for an hour: 30 a minute would be 1,800, 300 an hour is the tighter one.
  for (let second = 0; second < 3_600; second++) {
    const retryAt = guard.admit('203.0.113.7');
    if (retryAt === undefined) admitted++;
    else expect(retryAt).toBeGreaterThan(clock.now());
    clock.set(clock.now() + 1_000);
  }
  expect(admitted).toBeGreaterThanOrEqual(300);
  // At once, and one every 12 s in the hour that it takes to empty.
  expect(admitted).toBeLessThanOrEqual(600);
});

test('whoever comes back when told is let in, and nobody sooner', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ max: fc.integer({ min: 1, max: 20 }), perMs: fc.integer({ min: 1_000, max: 100_000 }) }), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 100 }),
      (windows, pauses) => {
        const clock = fakeClock();
        const guard = shield({ windows, clock });
        for (const pause of pauses) {
          clock.set(clock.now() + pause);
          const retryAt = guard.admit('203.0.113.7');
          if (retryAt === undefined) continue;
          clock.set(retryAt - 1);
          expect(guard.admit('203.0.113.7')).toBe(retryAt);
          clock.set(retryAt);
          expect(guard.admit('203.0.113.7')).toBeUndefined();
        }
      },
    ),
  );
});

test('a /64 is one source, an unknown address is everybody without one', () => {
  const guard = shield({ windows: perMinute(2), clock: fakeClock() });
  expect(guard.admit('2001:db8::1')).toBeUndefined();
  expect(guard.admit('2001:db8::ffff:2')).toBeUndefined();
  expect(guard.admit('2001:db8::3')).toBeDefined();
  expect(guard.admit('2001:db8:0:1::1')).toBeUndefined();
  expect(guard.admit(undefined)).toBeUndefined();
  expect(guard.admit('nonsense')).toBeUndefined();
  expect(guard.admit(undefined)).toBeDefined();
});

const addressOf = (at: number) => `198.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`;

test('remembers so many sources and no more; none that counts is forgotten for another', () => {
  const clock = fakeClock();
  const guard = shield({ windows: perMinute(2), clock, maxSources: 100 });
  for (let at = 0; at < 2; at++) guard.admit('203.0.113.7');
  for (let at = 0; at < 10_000; at++) guard.admit(addressOf(at));
  expect(guard.size).toBeLessThanOrEqual(100);
  expect(guard.admit('203.0.113.7')).toBeDefined();
  // Whoever has a place keeps it, newcomers share what is left.
  expect(guard.admit(addressOf(0))).toBeUndefined();
  expect(guard.admit('192.0.2.1')).toBeDefined();
});

test('finds room again as old sources fall silent', () => {
  const clock = fakeClock();
  const guard = shield({ windows: perMinute(2), clock, maxSources: 100 });
  for (let at = 0; at < 10_000; at++) guard.admit(addressOf(at));
  clock.set(clock.now() + 2 * MINUTE_MS);
  for (let at = 0; at < 90; at++) {
    expect(guard.admit(addressOf(20_000 + at))).toBeUndefined();
    expect(guard.admit(addressOf(20_000 + at))).toBeUndefined();
    expect(guard.admit(addressOf(20_000 + at))).toBeDefined();
  }
  expect(guard.size).toBeLessThanOrEqual(100);
});

test('without windows nobody is turned away', () => {
  const guard = shield({ windows: [], clock: fakeClock() });
  for (let at = 0; at < 1_000; at++) expect(guard.admit('203.0.113.7')).toBeUndefined();
});
