/** Rows that are not what was written, as a bad disk or a stray hand leaves them: each comes to an end, and nobody else waits for it. */
import type Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LogEntry } from '../log.ts';
import { exampleSite } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { plainProvider } from '../simulators/plain-provider.ts';
import type { Call } from '../store/call.ts';
import { sqlStore } from '../store/sql-store.ts';
import { sqliteDriver } from '../store/sqlite-driver.ts';
import { openSqlite } from '../store/sqlite-file.ts';
import { SET_ASIDE_MS, type Store } from '../store/store.ts';
import { vault } from '../store/vault.ts';
import { acceptCall } from './accept-call.ts';
import { callRules } from './call-rules.ts';
import type { CallsContext } from './calls.ts';
import { drainCalls } from './drain-calls.ts';
import { earlyNews } from './early-news.ts';
import { providerGate } from './provider-gate.ts';

const BAD = '+4915123456701';
const OTHER = '+4915123456702';
const HOUR_MS = 3_600_000;

let clock: FakeClock;
let database: Database.Database;
let store: Store;
let dials: string[];
let log: LogEntry[];
let context: CallsContext;

beforeEach(() => {
  clock = fakeClock();
  database = openSqlite({ path: ':memory:' });
  store = sqlStore(sqliteDriver(database), clock);
  dials = [];
  log = [];
  const provider = plainProvider(async ({ number }) => {
    dials.push(number);
    return { kind: 'placed', ref: undefined };
  });
  const sites = new Map([['default', exampleSite({ provider: 'pbx', concurrency: 100, channels: ['desk'] })]]);
  context = {
    store,
    vault: vault(new Uint8Array(32).fill(7)),
    clock,
    log: (entry) => log.push(entry),
    sites,
    providers: new Map([['pbx', provider]]),
    rulesOf: callRules({ sites, cooldownMs: 60_000, random: () => 0, switches: () => ({ paused: false, pausedSites: new Set() }) }),
    early: earlyNews(clock),
    gate: providerGate(clock),
    notify: async () => {},
  };
});

afterEach(() => store.close());

async function accept(number: string): Promise<Call> {
  const result = await acceptCall(
    {
      request: { site: 'default', phone: number },
      idempotencyKey: crypto.randomUUID(),
      e164: number,
      numberKeys: [number],
      country: 'DE',
      details: {},
      guard: {
        limits: [],
        reservations: [{ scope: 'site_budget', key: 'purse', amount: 1, ceiling: 100, resetsAt: clock.now() + 24 * HOUR_MS }],
      },
    },
    context,
  );
  if (result.kind !== 'accepted') throw new Error(result.kind);
  return result.call;
}

const leadsOf = async ({ id }: Call) => (await store.listMessages({ callId: id }, 10)).filter(({ kind }) => kind === 'lead');

test.each([
  ['a state that there is none of', "UPDATE calls SET state = 'acceptee' WHERE id = ?"],
  ['a step that there is none of', "UPDATE calls SET due_step = 'dixl' WHERE id = ?"],
])('%s: it may have rung, so it is looked for, told of and given up, never dialled', async (_, damage) => {
  const bad = await accept(BAD);
  database.prepare(damage).run(bad.id);
  const drain = drainCalls(context);
  await drain.run();
  const other = await accept(OTHER);
  await drain.run();
  expect((await store.find(other.id))?.state).toBe('placed');
  for (let minute = 0; minute < 65; minute += 1) {
    clock.set(clock.now() + 60_000);
    await drain.run();
  }
  expect(await store.find(bad.id)).toMatchObject({ state: 'abandoned', fault: 'row_damaged', dueStep: 'forget' });
  expect(await leadsOf(bad)).toHaveLength(1);
  expect(log).toContainEqual(expect.objectContaining({ level: 'error', event: 'call.damaged', callId: bad.id }));
  expect(dials).toEqual([OTHER]);
});

test('words where the deadline stood: it has passed', async () => {
  const bad = await accept(BAD);
  database.prepare("UPDATE calls SET dial_before = 'soon' WHERE id = ?").run(bad.id);
  await drainCalls(context).run();
  expect(await store.find(bad.id)).toMatchObject({ state: 'expired' });
  expect(await leadsOf(bad)).toHaveLength(1);
  expect(dials).toEqual([]);
});

test('a reservation that cannot be read stays spent, and the call comes to its end', async () => {
  const bad = await accept(BAD);
  database.prepare("UPDATE calls SET reserved = 'x' || reserved WHERE id = ?").run(bad.id);
  clock.set(bad.dialBefore);
  await drainCalls(context).run();
  expect(await store.find(bad.id)).toMatchObject({ state: 'expired' });
  expect(database.prepare('SELECT spent FROM purses').pluck().all()).toEqual([1]);
});

test('a call on which the store stumbles is set aside and counted, the others flow on, and in the end it is ended if anything can', async () => {
  const bad = await accept(BAD);
  // Nothing may be written to it but an end.
  database.exec(`CREATE TRIGGER stumble BEFORE UPDATE OF state ON calls WHEN new.state = 'dialing' AND new.id = '${bad.id}'
    BEGIN SELECT RAISE(ABORT, 'a fault of the store'); END`);
  const drain = drainCalls(context);
  for (let look = 0; look < 3; look += 1) {
    const other = await accept(`+491512345671${look}`);
    await drain.run();
    expect((await store.find(other.id))?.state).toBe('placed');
    expect((await store.find(bad.id))?.state).toBe(look < 2 ? 'accepted' : 'expired');
    clock.set(clock.now() + SET_ASIDE_MS / 3);
    await drain.run();
    clock.set(clock.now() + SET_ASIDE_MS / 3);
    database.prepare('UPDATE calls SET look_at = 0 WHERE id = ? AND state = ?').run(bad.id, 'accepted');
  }
  expect(await leadsOf(bad)).toHaveLength(1);
  expect(log.filter(({ event }) => event === 'call.undecidable').map(({ times }) => times)).toEqual([1, 2, 3]);
  expect(dials).not.toContain(BAD);
});

test('a call that cannot even be ended keeps nobody else waiting', async () => {
  const bad = await accept(BAD);
  database.exec(`CREATE TRIGGER stumble BEFORE UPDATE OF state ON calls WHEN new.id = '${bad.id}'
    BEGIN SELECT RAISE(ABORT, 'a fault of the store'); END`);
  const drain = drainCalls(context);
  for (let minute = 0; minute < 10; minute += 1) {
    const number = `+491512345680${minute}`;
    await accept(number);
    await drain.run();
    expect(dials).toContain(number);
    clock.set(clock.now() + 60_000);
  }
  expect(dials).not.toContain(BAD);
});
