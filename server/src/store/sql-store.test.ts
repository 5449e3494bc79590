/** What the store's SQL asks of the engine, looked at on the engine itself. */
import type Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { fakeClock } from '../simulators/fake-clock.ts';
import type { SqlDriver, SqlUnit } from './sql-driver.ts';
import { sqlStore } from './sql-store.ts';
import { sqliteDriver } from './sqlite-driver.ts';
import { openSqlite } from './sqlite-file.ts';
import { type CallDraft, KEY_LIFE_MS, type Limit } from './store.ts';

/** A driver that passes everything on and keeps every statement it has seen. */
const listeningDriver = (driver: SqlDriver, heard: Set<string>): SqlDriver => ({
  run: (unit) => driver.run(() => listen(unit(), heard)),
  close: () => driver.close(),
});

function* listen<T>(unit: SqlUnit<T>, heard: Set<string>): SqlUnit<T> {
  let step = unit.next();
  while (!step.done) {
    heard.add(step.value.sql);
    step = unit.next(yield step.value);
  }
  return step.value;
}

const draftOf = (id: string, numberKey: string = id): CallDraft => ({
  id,
  site: 'default',
  idempotencyKey: `key-${id}`,
  fingerprint: 'fingerprint',
  numberKey,
  sealedNumber: 'sealed',
  country: 'DE',
  dialWithinMs: 120_000,
  holdMs: 20_000,
});

const limitsOf = (numberKey: string): Limit[] => [
  { scope: 'number', key: numberKey, windows: [{ max: 2, perMs: 900_000 }] },
  { scope: 'source', key: 'somebody', windows: [{ max: 20, perMs: 3_600_000 }] },
];

function openHeard() {
  const clock = fakeClock();
  const heard = new Set<string>();
  const database = openSqlite({ path: ':memory:' });
  const store = sqlStore(listeningDriver(sqliteDriver(database), heard), clock);
  return { clock, heard, database, store };
}

test('no statement reads through a whole table', async () => {
  const { heard, database, store } = openHeard();
  await store.accept(draftOf('one'), limitsOf('one'));
  await store.accept(draftOf('two', 'one'), limitsOf('one'));
  const [taken] = await store.takeDue(1, (_, now) => ({ state: 'dialing', dueAt: now + 1_000, heldUntil: now + 86_400_000 }));
  await store.accept(draftOf('three'), limitsOf('three'));
  await store.takeDue(1, () => undefined);
  await store.settle('one', taken?.taken.fence ?? 0, { state: 'placed' });
  await store.amend('one', () => ({ state: 'connected' }));
  await store.find('one');
  await store.findByKey('default', 'key-one');
  await store.findByRef('portal', 'ref');
  await store.nextDueAt();
  await store.ping();

  const plans = [...heard].map((sql) => ({ sql, plan: planOf(database, sql) }));
  expect(plans.filter(({ plan }) => plan.some((line) => line.startsWith('SCAN') || line.includes('TEMP B-TREE')))).toEqual([]);
  // Every verb was heard: ten that read or write calls, keys and acceptances, two that sweep, one that pings, one that holds.
  expect(plans.length).toBeGreaterThanOrEqual(14);
  await store.close();
});

function planOf(database: Database.Database, sql: string): string[] {
  const params = Array.from({ length: sql.split('?').length - 1 }, () => 0);
  const rows = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(params) as { detail: string }[];
  return rows.map(({ detail }) => detail);
}

test('a refused request and a repeated one write nothing at all', async () => {
  const { database, store } = openHeard();
  const source = limitsOf('one')
    .slice(1)
    .map((limit) => ({ ...limit, windows: [{ max: 1, perMs: 3_600_000 }] }));
  await store.accept(draftOf('one'), source);
  const changes = () => database.prepare('SELECT total_changes()').pluck().get();
  const before = changes();
  expect(await store.accept(draftOf('one'), source)).toMatchObject({ kind: 'replayed' });
  expect(await store.accept({ ...draftOf('one'), fingerprint: 'another' }, source)).toMatchObject({ kind: 'key_reused' });
  expect(await store.accept(draftOf('two', 'one'), source)).toMatchObject({ kind: 'limited', scope: 'number_active' });
  expect(await store.accept(draftOf('three'), source)).toMatchObject({ kind: 'limited', scope: 'source' });
  expect(changes()).toBe(before);
  await store.close();
});

test('where keys were lost, the hold on the number still keeps a repeat from becoming a second call', async () => {
  const { database, store } = openHeard();
  await store.accept(draftOf('one'), []);
  database.exec('DELETE FROM idempotency_keys');
  expect(await store.accept({ ...draftOf('one'), id: 'two' }, [])).toMatchObject({ kind: 'limited', scope: 'number_active' });
  await store.close();
});

test('keys and acceptances that have run out do not pile up, and calls stay', async () => {
  const { clock, database, store } = openHeard();
  const countOf = (table: string) => database.prepare(`SELECT COUNT(*) FROM ${table}`).pluck().get();
  for (let count = 0; count < 200; count += 1) await store.accept(draftOf(`old-${count}`), [limitsOf(`old-${count}`)[0] as Limit]);
  clock.set(clock.now() + KEY_LIFE_MS);
  for (let count = 0; count < 128; count += 1) await store.accept(draftOf(`new-${count}`), []);
  expect(countOf('idempotency_keys')).toBe(128);
  expect(countOf('acceptances')).toBe(128);
  expect(countOf('calls')).toBe(328);
  await store.close();
});
