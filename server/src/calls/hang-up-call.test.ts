import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SiteConfig } from '../config/config.ts';
import { Secret } from '../config/secret.ts';
import type { Provider } from '../providers/provider.ts';
import { telphin } from '../providers/telphin/telphin.ts';
import { exampleSite } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { plainProvider } from '../simulators/plain-provider.ts';
import { type TelphinHost, telphinHost } from '../simulators/telphin/telphin-host.ts';
import type { Call } from '../store/call.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { vault } from '../store/vault.ts';
import { acceptCall } from './accept-call.ts';
import { callRules } from './call-rules.ts';
import type { CallsContext } from './calls.ts';
import { drainCalls } from './drain-calls.ts';
import { earlyNews } from './early-news.ts';
import { hangUpCall } from './hang-up-call.ts';
import { providerGate } from './provider-gate.ts';

const NUMBER = '+4915123456789';

let clock: FakeClock;
let store: Store;
let host: TelphinHost;

beforeEach(() => {
  clock = fakeClock();
  store = sqliteStore({ path: ':memory:', clock });
  host = telphinHost({ clock, appId: 'a99', appSecret: 's3cr3t', extensions: { '34535': '12037*341' } });
});
afterEach(() => store.close());

/** As another process would make it: nothing is remembered of what was dialled before. */
function atHost(): Provider {
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => host.app.fetch(new Request(input, init));
  return telphin({ name: 'main', host: 'https://telphin.test', appId: 'a99', appSecret: new Secret('s3cr3t'), fetch, clock });
}

function contextWith(provider: Provider, changes: Partial<SiteConfig> = {}): CallsContext {
  const site = exampleSite({ provider: 'main', line: '34535', ...changes });
  const sites = new Map([[site.key, site]]);
  return {
    store,
    vault: vault(new Uint8Array(32).fill(7)),
    clock,
    log: () => {},
    sites,
    providers: new Map([['main', provider]]),
    rulesOf: callRules({ sites, cooldownMs: 0, random: () => 0.5, switches: () => ({ paused: false, pausedSites: new Set() }) }),
    early: earlyNews(clock),
    gate: providerGate(clock),
    notify: async () => {},
  };
}

async function accept(context: CallsContext): Promise<Call> {
  const result = await acceptCall(
    {
      request: { site: 'default', phone: NUMBER },
      idempotencyKey: crypto.randomUUID(),
      e164: NUMBER,
      numberKeys: [NUMBER],
      country: 'DE',
      details: {},
      guard: { limits: [] },
    },
    context,
  );
  if (result.kind !== 'accepted') throw new Error(result.kind);
  return result.call;
}

test('a call that goes on is broken off, by a relay that was started anew as well', async () => {
  const context = contextWith(atHost());
  const { id } = await accept(context);
  await drainCalls(context).run();
  const [call] = host.telephones.dials;
  host.telephones.answer('agent', call?.callId ?? '');
  expect(await hangUpCall(id, contextWith(atHost()))).toEqual({ kind: 'asked' });
  expect(host.telephones.dials).toMatchObject([{ visitor: 'waiting', endedAt: clock.now() }]);
  // What became of it is found by reading, as ever.
  expect(await store.find(id)).toMatchObject({ state: 'placed' });
  expect(await hangUpCall(id, context)).toEqual({ kind: 'not_running' });
  for (const until = clock.now() + 120_000; clock.now() < until; clock.set(clock.now() + 5_000)) await drainCalls(context).run();
  expect(await hangUpCall(id, context)).toEqual({ kind: 'over' });
});

test('a call that waits is taken back, and nobody is rung', async () => {
  const context = contextWith(atHost());
  const { id } = await accept(context);
  expect(await hangUpCall(id, context)).toEqual({ kind: 'taken_back' });
  await drainCalls(context).run();
  expect(host.telephones.dials).toEqual([]);
  expect(await hangUpCall(id, context)).toEqual({ kind: 'over' });
  expect(await hangUpCall('0192f3a4-5b6c-7d8e-9fa0-b1c2d3e4f5a6', context)).toEqual({ kind: 'unknown_call' });
});

test('while the order is on its way nothing can be done, and some providers cannot be asked at all', async () => {
  const slow = plainProvider(() => new Promise(() => {}), { name: 'main' });
  const dialling = contextWith(slow);
  const { id } = await accept(dialling);
  await drainCalls(dialling).begin();
  expect(await hangUpCall(id, dialling)).toEqual({ kind: 'dialling' });
  for (const until = clock.now() + 21_000; clock.now() < until; clock.set(clock.now() + 1_000)) await drainCalls(dialling).begin();
  expect(await store.find(id)).toMatchObject({ state: 'uncertain' });
  expect(await hangUpCall(id, dialling)).toEqual({ kind: 'no_way' });
  // The line of another account is not the one on which it was made.
  const asked: unknown[] = [];
  const able: Provider = {
    ...atHost(),
    async hangUp(call) {
      asked.push(call);
      return { kind: 'asked' };
    },
  };
  expect(await hangUpCall(id, contextWith(able, { provider: 'other' }))).toEqual({ kind: 'no_way' });
  expect(asked).toEqual([]);
});
