import { expect, test } from 'vitest';
import { sqliteStore } from '../../store/sqlite-store.ts';
import { fakeClock } from '../fake-clock.ts';
import { type CrashPoint, crashingStore, passing } from './crash-points.ts';

const DRAFT = {
  id: 'one',
  site: 'shop',
  idempotencyKey: 'key',
  fingerprint: 'print',
  numberKey: 'number',
  sealedNumber: 'sealed',
  country: 'DE',
  dialWithinMs: 1_000,
  holdMs: 0,
};

test('a relay dies at the passage that was planned, and at no other', () => {
  const deaths: number[] = [];
  let passed = 0;
  const pass = passing({ point: 'dial:sent', nth: 3 }, () => deaths.push(passed));
  for (const point of ['dial:before', 'dial:sent', 'dial:sent', 'dial:before', 'dial:sent', 'dial:sent'] as const) {
    passed += 1;
    pass(point);
  }
  expect(deaths).toEqual([5]);
});

test('nothing is kept yet before a step and inside it, and everything is after it', async () => {
  const clock = fakeClock();
  const store = sqliteStore({ path: ':memory:', clock });
  const seen: { point: CrashPoint; kept: Promise<string | undefined> }[] = [];
  const crashing = crashingStore(store, (point) => seen.push({ point, kept: store.find('one').then((call) => call?.state) }));
  await crashing.accept(DRAFT, { limits: [] });
  await crashing.takeDue(1, () => ({ state: 'dialing', dueAt: clock.now() + 1 }));
  expect(seen.map(({ point }) => point)).toEqual(['accept:before', 'accept:after', 'takeDue:before', 'takeDue:inside', 'takeDue:after']);
  expect(await seen[1]?.kept).toBe('accepted');
  expect(await seen[4]?.kept).toBe('dialing');
  await store.close();
});
