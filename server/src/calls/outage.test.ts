/** A portal that cannot be reached, and one that is asked too fast, with everything but the network between: the truth is the portal's own log. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DepartmentConfig, SiteConfig } from '../config/config.ts';
import { Secret } from '../config/secret.ts';
import type { LogEntry } from '../log.ts';
import { bitrix24 } from '../providers/bitrix24/bitrix24.ts';
import { type Bitrix24Portal, bitrix24Portal } from '../simulators/bitrix24/portal.ts';
import { readParam } from '../simulators/bitrix24/portal-params.ts';
import { exampleSite } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import type { Call } from '../store/call.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { vault } from '../store/vault.ts';
import { acceptCall } from './accept-call.ts';
import { callRules } from './call-rules.ts';
import type { CallsContext, Notice } from './calls.ts';
import { drainCalls } from './drain-calls.ts';
import { type DrainTimer, drainTimer } from './drain-timer.ts';
import { earlyNews } from './early-news.ts';
import { providerGate } from './provider-gate.ts';

const DIAL = 'voximplant.callback.start';
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

let clock: FakeClock;
let store: Store;
let portal: Bitrix24Portal;
let context: CallsContext;
let sites: Map<string, SiteConfig>;
let timer: DrainTimer;
let entries: LogEntry[];
let notices: Notice[];
/** No connection to the portal comes about. */
let isDown: boolean;
/** Every request that was tried, got through or not. */
let tried: { method: string; at: number }[];

beforeEach(() => {
  clock = fakeClock();
  store = sqliteStore({ path: ':memory:', clock });
  portal = bitrix24Portal({ clock, userId: '1', webhookSecret: 'secret', lines: { reg1332: 'Sales' } });
  isDown = false;
  tried = [];
  entries = [];
  notices = [];
  const provider = bitrix24({ name: 'main', webhookUrl: new Secret('https://portal.example/rest/1/secret/'), fetch: reach, clock });
  const gate = providerGate(clock);
  sites = new Map([['default', exampleSite({ provider: 'main', concurrency: 1_000, channels: ['desk'] })]]);
  context = {
    store,
    vault: vault(new Uint8Array(32).fill(7)),
    clock,
    log: (entry) => entries.push(entry),
    sites,
    providers: new Map([['main', gate.pace(provider)]]),
    rulesOf: callRules({ sites, cooldownMs: 0, random: () => 0.5, switches: () => ({ paused: false, pausedSites: new Set() }) }),
    early: earlyNews(clock),
    gate,
    notify: async (notice) => void notices.push(notice),
  };
  const drain = drainCalls(context, () => mine.wake());
  // Nobody delivers messages here: they are taken, so that they do not keep the timer awake, and stay where they are.
  const begin = () => drain.begin().then(() => void store.takeMessages(100, 60 * MINUTE_MS));
  const mine = drainTimer({ begin, store, clock, log: context.log });
  timer = mine;
});

afterEach(() => timer.stop());

/** Fails as Node's `fetch` does where nobody listens. */
async function reach(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  tried.push({ method: request.url.split('/').at(-1) ?? '', at: clock.now() });
  if (isDown) throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED', syscall: 'connect' }) });
  return portal.app.fetch(request);
}

let accepted = 0;

async function accept(asked: { site?: string; department?: string } = {}): Promise<{ call: Call; number: string }> {
  accepted += 1;
  const number = `+4915120${String(accepted).padStart(6, '0')}`;
  const result = await acceptCall(
    {
      request: { site: 'default', phone: number, ...asked },
      idempotencyKey: crypto.randomUUID(),
      e164: number,
      numberKeys: [`number-${accepted}`],
      country: 'DE',
      details: {},
      guard: { limits: [] },
    },
    context,
  );
  if (result.kind !== 'accepted') throw new Error(result.kind);
  timer.wake();
  return { call: result.call, number };
}

const dialsTried = (from: number, until: number) => tried.filter(({ method, at }) => method === DIAL && at >= from && at < until);
const ringing = () => portal.telephones.dials.map(({ number }) => number);

/** Minutes of virtual time, timer by timer. */
const LONG = { timeout: 60_000 };

test(
  'a portal that cannot be reached for ten minutes is left alone, nothing is dialled late, and no burst of old calls follows',
  LONG,
  async () => {
    const calls: { call: Call; number: string }[] = [];
    const goneAt = clock.now() + MINUTE_MS;
    const backAt = goneAt + 10 * MINUTE_MS;
    for (let second = 0; second < 13 * 60; second += 10) {
      isDown = clock.now() >= goneAt && clock.now() < backAt;
      calls.push(await accept());
      await clock.advance(10 * SECOND_MS);
    }
    await clock.advance(2 * MINUTE_MS);

    expect(dialsTried(goneAt, backAt).length).toBeLessThanOrEqual(6);
    for (const { call, number } of calls) {
      const dials = portal.requests.filter(({ method, params }) => method === DIAL && readParam(params, 'TO_NUMBER') === number);
      expect(dials.length, number).toBeLessThanOrEqual(1);
      for (const { at } of dials) expect(at).toBeLessThan(call.dialBefore);
      const isLost = call.acceptedAt >= goneAt && call.dialBefore <= backAt;
      if (isLost) expect(['expired', 'refused']).toContain((await store.find(call.id))?.state);
      if (call.acceptedAt < goneAt || call.acceptedAt >= backAt) expect(dials).toHaveLength(1);
      // Whoever was not rung leaves word for the company.
      if (dials.length === 0) expect(await store.listMessages({ callId: call.id }, 10), number).toHaveLength(1);
    }

    const after = dialsTried(backAt, backAt + 2 * MINUTE_MS).map(({ at }) => at);
    expect(after.length).toBeGreaterThan(12);
    after.slice(1).forEach((at, index) => {
      expect(at - (after[index] ?? 0)).toBeGreaterThanOrEqual(500);
    });
    expect(notices.map(({ topic }) => topic)).toEqual(['provider:main:out_of_reach', 'provider:main:in_reach']);
  },
);

test('asking whether a portal is back rings nobody', LONG, async () => {
  isDown = true;
  for (let at = 0; at < 3; at += 1) await accept();
  await clock.advance(5 * MINUTE_MS);
  const asked = tried.filter(({ method }) => method !== DIAL);
  expect(asked.length).toBeGreaterThanOrEqual(4);
  isDown = false;
  await clock.advance(MINUTE_MS);
  // No call waits any more: what reached the portal are questions alone, and nobody was rung.
  expect(portal.requests.length).toBeGreaterThan(0);
  expect(portal.requests.map(({ method }) => method)).not.toContain(DIAL);
  expect(portal.telephones.dials).toEqual([]);
  expect(entries.map(({ event }) => event)).toContain('provider.taken_up');
});

test('a call that waits for the portal is dialled once when it is back before its deadline', async () => {
  isDown = true;
  for (let at = 0; at < 2; at += 1) await accept();
  await clock.advance(20 * SECOND_MS);
  const { call, number } = await accept();
  await clock.advance(20 * SECOND_MS);
  expect((await store.find(call.id))?.state).toBe('accepted');
  isDown = false;
  await clock.advance(MINUTE_MS);
  expect(ringing()).toEqual([number]);
});

test('a hundred calls at once go as fast as the portal takes them, and none is turned away', async () => {
  const calls = await Promise.all(Array.from({ length: 100 }, () => accept()));
  await clock.advance(40 * SECOND_MS);
  expect(new Set(ringing())).toEqual(new Set(calls.map(({ number }) => number)));
  expect(ringing()).toHaveLength(100);
  expect(entries.filter(({ event }) => event === 'call.not_sent')).toEqual([]);
  expect(entries.filter(({ event }) => event === 'call.claimed')).toHaveLength(100);
});

test('two wrong lines are two faults, of one site or of two, and each says where', async () => {
  const repairs: DepartmentConfig = { key: 'repairs', name: 'Repairs', line: 'reg9', announcement: undefined, hours: undefined };
  sites.set('default', exampleSite({ provider: 'main', line: 'reg7', departments: new Map([['repairs', repairs]]) }));
  sites.set('shop', exampleSite({ key: 'shop', provider: 'main', line: 'reg8' }));
  for (const asked of [{}, { department: 'repairs' }, { site: 'shop' }]) await accept(asked);
  await clock.advance(SECOND_MS);
  const told = notices.toSorted((a, b) => a.topic.localeCompare(b.topic));
  expect(told.map(({ topic, site }) => [topic, site])).toEqual([
    ['provider:main:line_unknown:default:reg7', 'default'],
    ['provider:main:line_unknown:default:reg9', 'default'],
    ['provider:main:line_unknown:shop:reg8', 'shop'],
  ]);
  expect(told[1]?.text).toMatch(/site default.*line reg9.*account main/);
});

test('the operator is told of a fault in the set-up, and the portal counts as reached', async () => {
  portal.misbehave(DIAL, { kind: 'error', name: 'noRight' }, 10);
  for (let at = 0; at < 10; at += 1) await accept();
  await clock.advance(SECOND_MS);
  expect(new Set(notices.map(({ topic, site }) => `${topic} ${site}`))).toEqual(
    new Set(['provider:main:right_missing:default:reg1332 default']),
  );
  expect(JSON.stringify(notices)).not.toMatch(/15120|secret/);
  const { number } = await accept();
  await clock.advance(SECOND_MS);
  expect(ringing()).toEqual([number]);
});
