/** What the store's SQL asks of the engine, looked at on the engine itself. */
import type Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { fakeClock } from '../simulators/fake-clock.ts';
import type { AcceptGuard, CallDraft, Limit } from './acceptance.ts';
import type { SqlDriver, SqlUnit } from './sql-driver.ts';
import { sqlStore } from './sql-store.ts';
import { sqliteDriver } from './sqlite-driver.ts';
import { openSqlite } from './sqlite-file.ts';

/** A driver that passes everything on and keeps every statement it has seen. */
const listeningDriver = (driver: SqlDriver, heard: Set<string>): SqlDriver => ({
  run: (unit) => driver.run(() => listen(unit(), heard)),
  scrub: () => driver.scrub(),
  scrubSoon: () => driver.scrubSoon(),
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

const fullGuard = (numberKey: string): AcceptGuard => ({
  limits: [
    ...limitsOf(numberKey),
    { scope: 'source_numbers', key: 'somebody', member: numberKey, windows: [{ max: 9, perMs: 3_600_000 }] },
    { scope: 'site', key: 'site', windows: [{ max: 9, perMs: 3_600_000 }], soft: [{ max: 9, perMs: 60_000, level: 1 }] },
    { scope: 'destination', key: 'site', windows: [], member: 'd', share: { last: 50, perMs: 1_000, calls: 10, percent: 40, level: 3 } },
  ],
  reservations: [{ scope: 'site_budget', key: 'purse', amount: 1, ceiling: 100, resetsAt: 4_000_000_000_000 }],
  proof: { nonceKey: `nonce-${numberKey}`, expiresAt: 4_000_000_000_000, level: 1 },
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
  await store.accept(draftOf('one'), fullGuard('one'));
  await store.accept(draftOf('two', 'one'), { limits: limitsOf('one') });
  const [taken] = await store.takeDue(1, (_, now) => ({ state: 'dialing', dueAt: now + 1_000, heldUntil: now + 86_400_000 }));
  await store.accept(draftOf('three'), fullGuard('three'));
  await store.takeDue(1, () => undefined);
  await store.settle('one', taken?.taken.fence ?? 0, { state: 'placed', cost: 2 });
  await store.amend('one', () => ({ state: 'connected', forget: true }));
  await store.amend('three', (_, now) => ({ state: 'dialing', dueAt: now }));
  await store.amend('three', () => ({ state: 'accepted' }));
  await store.forgetNumber(['three']);
  await store.optOut(['three'], 4_000_000_000_000);
  await store.find('one');
  await store.findByKey('default', 'key-one');
  await store.findByRef('portal', 'ref');
  await store.findByNumber(['three'], 0);
  await store.accept({ ...draftOf('four'), scheduledFor: 4_000_000_000_000 }, { limits: [], slot: { capacity: 1 } });
  await store.countScheduled('default', undefined, 0, 4_000_000_000_001);
  await store.accept(draftOf('five'), { limits: [] });
  await store.accept(draftOf('six'), { limits: [] });
  await store.takeDue(1, (_, now) => ({ lookAt: now }));
  await store.amend('five', (_, now) => ({ state: 'expired', dueStep: 'forget', dueAt: now, leads: ['crm'] }));
  await store.hastenForgets(undefined, () => -3_600_000);
  await store.takeDue(1, () => ({ forget: true }));
  await store.takeMessages(1, 1_000);
  await store.settleMessage('five.crm', 1, { state: 'quarantined', fault: 'timeout' });
  await store.retryQuarantined();
  await store.postNotices([{ topic: 'topic', endedBy: 'end', channel: 'mail', text: 'text', quietMs: 1 }]);
  for (const filter of [{}, { state: 'waiting' }, { callId: 'five' }, { state: 'waiting', callId: 'five' }] as const)
    await store.listMessages(filter, 1);
  await store.nextDueAt();
  await store.ping();

  // A listing of everything goes along its index, only as far as it is asked to.
  const isScan = (line: string) => /^SCAN (?!CONSTANT ROW|\d+-ROW VALUES|messages USING INDEX messages_by_age$)/.test(line);
  const plans = [...heard].map((sql) => ({ sql, plan: planOf(database, sql) }));
  expect(plans.filter(({ plan }) => plan.some((line) => isScan(line) || line.includes('TEMP B-TREE')))).toEqual([]);
  for (const table of ['calls', 'counts', 'numbers', 'nonces', 'purses', 'messages', 'pings']) {
    expect(
      plans.some(({ sql }) => sql.includes(table)),
      table,
    ).toBe(true);
  }
  expect(plans.length).toBeGreaterThanOrEqual(58);
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
  await store.accept(draftOf('one'), { limits: source });
  const changes = () => database.prepare('SELECT total_changes()').pluck().get();
  const before = changes();
  expect(await store.accept(draftOf('one'), { limits: source })).toMatchObject({ kind: 'replayed' });
  expect(await store.accept({ ...draftOf('one'), fingerprint: 'another' }, { limits: source })).toMatchObject({ kind: 'key_reused' });
  expect(await store.accept(draftOf('two', 'one'), { limits: source })).toMatchObject({ kind: 'limited', scope: 'number_active' });
  expect(await store.accept(draftOf('three'), { limits: source })).toMatchObject({ kind: 'limited', scope: 'source' });
  expect(changes()).toBe(before);
  await store.close();
});

test('where keys were lost, the hold on the number still keeps a repeat from becoming a second call', async () => {
  const { database, store } = openHeard();
  await store.accept(draftOf('one'), { limits: [] });
  database.exec('UPDATE calls SET idempotency_key = NULL');
  expect(await store.accept({ ...draftOf('one'), id: 'two' }, { limits: [] })).toMatchObject({ kind: 'limited', scope: 'number_active' });
  await store.close();
});

test('what has run out does not pile up, and calls and whatever still counts stay', async () => {
  const { clock, database, store } = openHeard();
  const countOf = (table: string) => database.prepare(`SELECT COUNT(*) FROM ${table}`).pluck().get();
  const DAY_MS = 86_400_000;
  const guardOf = (id: string, resetsAt: number): AcceptGuard => ({
    limits: [
      { scope: 'number', key: id, windows: [{ max: 2, perMs: DAY_MS }] },
      { scope: 'source', key: `source-${id}`, windows: [{ max: 2, perMs: DAY_MS }] },
    ],
    proof: { nonceKey: id, expiresAt: clock.now() + 600_000, level: 1 },
    reservations: [{ scope: 'site_budget', key: `purse-${id}`, amount: 1, ceiling: 1, resetsAt }],
  });
  const start = clock.now();
  for (let count = 0; count < 200; count += 1) await store.accept(draftOf(`old-${count}`), guardOf(`old-${count}`, start));
  for (let count = 0; count < 200; count += 1) await store.optOut([`old-${count}`], start + DAY_MS);
  expect([countOf('counts'), countOf('nonces'), countOf('purses'), countOf('numbers')]).toEqual([400, 200, 200, 200]);

  clock.set(start + 8 * DAY_MS);
  for (let count = 0; count < 80; count += 1) await store.accept(draftOf(`new-${count}`), guardOf(`new-${count}`, clock.now()));
  expect([countOf('counts'), countOf('nonces'), countOf('purses'), countOf('numbers')]).toEqual([160, 80, 80, 0]);
  expect(countOf('calls')).toBe(280);
  for (let count = 0; count < 80; count += 1) {
    const replay = { ...guardOf(`new-${count}`, clock.now()), limits: [] };
    expect(await store.accept(draftOf(`again-${count}`), replay)).toEqual({ kind: 'proof_used' });
  }
  await store.close();
});

test('an acceptance that takes no slot asks nothing about slots and messages', async () => {
  const { heard, store } = openHeard();
  // The first one sweeps as well.
  await store.accept(draftOf('one'), fullGuard('one'));
  heard.clear();
  await store.accept({ ...draftOf('two'), scheduledFor: 4_000_000_000_000 }, fullGuard('two'));
  expect(heard.size).toBeGreaterThan(5);
  expect([...heard].filter((sql) => sql.includes('scheduled_for = ') || sql.includes('messages'))).toEqual([]);
  await store.close();
});

test('messages are cleared away after thirty days, except where they still keep somebody from being told twice or not at all', async () => {
  const { clock, store } = openHeard();
  const start = clock.now();
  const DAY_MS = 86_400_000;
  /** Ends the call and sees its lead to `state`. */
  const end = async (id: string, state: 'delivered' | 'needless' | 'quarantined'): Promise<void> => {
    await store.accept(draftOf(id), { limits: [] });
    await store.amend(id, () => ({ state: 'expired', dueStep: undefined, dueAt: undefined, leads: ['crm'] }));
    await store.takeMessages(1, 1_000);
    await store.settleMessage(`${id}.crm`, 1, state === 'quarantined' ? { state, fault: 'timeout' } : { state });
  };
  const kept = async () => (await store.listMessages({}, 100)).map(({ id, topic }) => topic ?? id).toSorted();
  const sweepAll = async () => {
    for (let count = 0; count < 32; count += 1) await store.accept(draftOf(`more-${clock.now()}-${count}`), { limits: [] });
  };
  await end('kept-delivered', 'delivered');
  await end('kept-quarantined', 'quarantined');
  await end('gone-delivered', 'delivered');
  await end('gone-needless', 'needless');
  for (const id of ['gone-delivered', 'gone-needless']) await store.amend(id, () => ({ forget: true }));
  await store.postNotices([{ topic: 'notice', channel: 'mail', text: 'text', quietMs: 1 }]);
  clock.set(start + 30 * DAY_MS - 1);
  await store.postNotices([{ topic: 'later', channel: 'mail', text: 'text', quietMs: 1 }]);
  await sweepAll();
  expect(await kept()).toHaveLength(6);

  clock.set(start + 30 * DAY_MS);
  await sweepAll();
  expect(await kept()).toEqual(['kept-delivered.crm', 'kept-quarantined.crm', 'later']);
  await store.close();
});
