/** A site that is taken out of the configuration while somebody waits for its call: whoever speaks for the deployment is told. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SiteConfig } from '../config/config.ts';
import type { LogEntry } from '../log.ts';
import { type Relay, relay } from '../relay.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { plainProvider } from '../simulators/plain-provider.ts';
import { START, workdays } from '../simulators/timed-relay.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import type { Channel, Letter } from './channel.ts';

const HOUR_MS = 3_600_000;
const SHOP = exampleSite({
  key: 'shop',
  provider: 'pbx',
  channels: ['desk'],
  hours: workdays('09:00-18:00'),
  slots: { everyMinutes: 30, capacity: 2, daysAhead: 7 },
});
const BLOG = exampleSite({ key: 'blog', provider: 'pbx', channels: ['desk'] });

let clock: FakeClock;
let store: Store;
let told: Record<'desk' | 'ops', Letter[]>;
let entries: LogEntry[];

beforeEach(() => {
  clock = fakeClock(START);
  store = sqliteStore({ path: ':memory:', clock });
  told = { desk: [], ops: [] };
  entries = [];
});

afterEach(() => store.close());

function noting(name: 'desk' | 'ops'): Channel {
  const deliver: Channel['deliver'] = async (letter) => {
    told[name].push(letter);
    return { kind: 'delivered' };
  };
  return { name, deliver, verify: async () => [] };
}

function start(sites: readonly SiteConfig[], notify: readonly string[]): Relay {
  return relay({
    config: {
      demo: false,
      ownPage: false,
      sites: new Map(sites.map((site) => [site.key, site])),
      limits: USUAL_LIMITS,
      budget: { perDay: 1_000, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
      notify,
    },
    store,
    channels: new Map([
      ['desk', noting('desk')],
      ['ops', noting('ops')],
    ]),
    providers: new Map([['pbx', plainProvider(async () => ({ kind: 'placed', ref: undefined }))]]),
    secret: new Uint8Array(32).fill(9),
    clock,
    log: (entry) => entries.push(entry),
    random: () => 0,
    version: '0.0.0',
  });
}

async function ask({ fetch }: Relay, wanted: { at?: string } = {}): Promise<string> {
  const headers = { origin: 'https://shop.example', 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
  const body = JSON.stringify({ site: 'shop', phone: '+4915123456789', ...wanted });
  const response = await fetch(new Request('https://relay.example/v1/calls', { method: 'POST', headers, body }), {
    address: '198.51.100.1',
  });
  expect(response.status).toBe(202);
  return ((await response.json()) as { id: string }).id;
}

async function pass(running: Relay, totalMs: number): Promise<void> {
  for (const until = clock.now() + totalMs; clock.now() < until; clock.set(clock.now() + 10_000)) await running.drain();
}

const IN_AN_HOUR = { at: new Date(START + HOUR_MS).toISOString() };

test.each([
  ['planned', IN_AN_HOUR],
  ['waiting', {}],
] as const)('its %s call ends undialled, as a lead by the channels of the deployment', async (_, wanted) => {
  const id = await ask(start([SHOP, BLOG], ['ops']), wanted);
  await pass(start([BLOG], ['ops']), 2 * HOUR_MS);
  expect(await store.find(id)).toMatchObject({ state: 'refused', fault: 'site_gone' });
  expect(told.ops).toMatchObject([{ kind: 'lead', callId: id, number: '+4915123456789', site: { key: 'shop' } }]);
  expect(told.desk).toEqual([]);
});

test('its unclear call is told of as well', async () => {
  const id = await ask(start([SHOP, BLOG], ['ops']));
  await store.takeDue(1, () => ({ state: 'dialing', attempts: 1, dueAt: clock.now() + 20_000 }));
  await pass(start([BLOG], ['ops']), 2 * HOUR_MS);
  expect((await store.find(id))?.state).toBe('abandoned');
  expect(told.ops).toMatchObject([{ kind: 'lead', callId: id }]);
});

test('where the deployment names nobody, the log says at the end of the call that nobody is told', async () => {
  const id = await ask(start([SHOP, BLOG], []));
  await pass(start([BLOG], []), 60_000);
  expect(entries).toContainEqual(
    expect.objectContaining({ level: 'error', event: 'call.refused', callId: id, message: expect.stringContaining('Nobody is told') }),
  );
  expect(await store.listMessages({}, 10)).toEqual([]);
});
