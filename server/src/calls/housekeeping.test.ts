import { expect, onTestFinished, test } from 'vitest';
import { relay } from '../relay.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { fakeClock } from '../simulators/fake-clock.ts';
import { plainProvider } from '../simulators/plain-provider.ts';
import { sqlStore } from '../store/sql-store.ts';
import { sqliteDriver } from '../store/sqlite-driver.ts';
import { openSqlite } from '../store/sqlite-file.ts';
import { StoreUnavailable } from '../store/store.ts';
import { drainTimer } from './drain-timer.ts';

const DAY_MS = 86_400_000;

/** Relays that follow one another on one store, each with its timer. */
function quietRelay() {
  const clock = fakeClock();
  const database = openSqlite({ path: ':memory:' });
  const store = sqlStore(sqliteDriver(database), clock);
  const events: string[] = [];
  let asked = 0;
  let stop = () => {};

  function run(retentionDays: number) {
    stop();
    const running = relay({
      config: {
        demo: false,
        ownPage: false,
        sites: new Map([['default', exampleSite({ provider: 'pbx', retentionMs: retentionDays * DAY_MS })]]),
        limits: USUAL_LIMITS,
        budget: { perDay: 1_000, timeZone: 'UTC' },
        deniedPrefixes: [],
        paused: false,
      },
      store,
      providers: new Map([['pbx', plainProvider(async () => ({ kind: 'placed', ref: `callback.${++asked}` }))]]),
      secret: new Uint8Array(32).fill(9),
      clock,
      log: ({ event }) => events.push(event),
      version: '0.0.0',
      onDue: () => timer.wake(),
    });
    const timer = drainTimer({ begin: running.begin, store, clock, log: () => {} });
    stop = timer.stop;
    timer.wake();
    return running;
  }

  async function ask(running: ReturnType<typeof run>, nth: number): Promise<string> {
    const headers = { origin: 'https://shop.example', 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
    const body = JSON.stringify({ site: 'default', phone: `0151 2345${String(nth).padStart(4, '0')}` });
    const request = new Request('https://relay.example/v1/calls', { method: 'POST', headers, body });
    const response = await running.fetch(request, { address: `198.51.100.${nth}` });
    return ((await response.json()) as { id: string }).id;
  }

  onTestFinished(async () => {
    stop();
    await store.close();
  });
  const countOf = (table: string) => database.prepare(`SELECT COUNT(*) FROM ${table}`).pluck().get();
  return { clock, store, run, ask, countOf, events };
}

test('a retention that was made shorter holds for what is stored already', async () => {
  const { clock, store, run, ask } = quietRelay();
  const id = await ask(run(365), 1);
  await clock.advance(3_600_000);
  expect(await store.find(id)).toMatchObject({ dueStep: 'forget' });
  const endedAt = (await store.find(id))?.endedAt ?? 0;

  // The timer need not run all the time that nothing happens in.
  clock.set(endedAt + 7 * DAY_MS - 30_000);
  run(7);
  await clock.advance(29_000);
  expect((await store.find(id))?.sealedNumber).not.toBe('');
  await clock.advance(2_000);
  expect(await store.find(id)).toMatchObject({ sealedNumber: '', country: '' });
});

test('a retention that was made longer gives nobody longer than was said when the call ended', async () => {
  const { clock, store, run, ask } = quietRelay();
  const id = await ask(run(7), 1);
  await clock.advance(3_600_000);
  const before = await store.find(id);
  run(365);
  await clock.advance(60_000);
  expect(await store.find(id)).toEqual(before);
});

test('counters do not outlive their windows because nobody asks for a call any more', async () => {
  const { clock, run, ask, countOf } = quietRelay();
  const running = run(30);
  for (let nth = 1; nth <= 5; nth += 1) await ask(running, nth);
  await clock.advance(3_600_000);
  expect(countOf('counts')).toBeGreaterThan(0);
  // The longest look back is that for numbers that begin alike.
  clock.set(clock.now() + 7 * DAY_MS);
  await clock.advance(60_000);
  expect(countOf('counts')).toBe(0);
});

test('a store in trouble is left alone for a while', async () => {
  const { clock, store, run, events } = quietRelay();
  let tries = 0;
  store.hastenForgets = () => {
    tries += 1;
    return Promise.reject(new StoreUnavailable('Not now.', { permanent: false }));
  };
  run(30);
  await clock.advance(29_000);
  expect(tries).toBe(3);
  expect(events.filter((event) => event === 'housekeeping.failed')).toHaveLength(3);
});
