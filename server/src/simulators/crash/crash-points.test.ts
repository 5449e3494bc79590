import { expect, test } from 'vitest';
import { sqlStore } from '../../store/sql-store.ts';
import { sqliteDriver } from '../../store/sqlite-driver.ts';
import { openSqlite } from '../../store/sqlite-file.ts';
import { sqliteStore } from '../../store/sqlite-store.ts';
import { fakeClock } from '../fake-clock.ts';
import { type CrashPoint, crashingStore, passing, WRITING_VERBS } from './crash-points.ts';

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
  const database = openSqlite({ path: ':memory:' });
  const kept = database.prepare('SELECT state FROM calls').pluck();
  const seen: [CrashPoint, unknown, boolean][] = [];
  const pass = (point: CrashPoint) => seen.push([point, kept.get(), database.inTransaction]);
  const crashing = crashingStore(sqliteDriver(database), (driver) => sqlStore(driver, clock), pass);
  await crashing.accept(DRAFT, { limits: [] });
  await crashing.takeDue(1, () => ({ state: 'dialing', dueAt: clock.now() + 1 }));
  expect(seen).toEqual([
    ['accept:before', undefined, false],
    ['accept:inside', 'accepted', true],
    ['accept:after', 'accepted', false],
    ['takeDue:before', 'accepted', false],
    ['takeDue:inside', 'dialing', true],
    ['takeDue:after', 'dialing', false],
  ]);
  await crashing.close();
});

test('every verb of the store is read as one that writes or as one that does not', async () => {
  const store = sqliteStore({ path: ':memory:', clock: fakeClock() });
  const finds = ['find', 'findByKey', 'findByRef', 'findByNumber', 'countScheduled', 'listMessages', 'readCredential', 'nextDueAt'];
  const others = [...finds, 'haveRoom', 'isOptedOut', 'isUsedUp'];
  // No application's token is renewed in these worlds, and no portal's form asks for a call.
  const apart = ['swapCredential', 'useUp', 'ping', 'close'];
  expect(new Set(Object.keys(store))).toEqual(new Set([...WRITING_VERBS, ...others, ...apart]));
  await store.close();
});
