/** A call on which the relay itself stumbles again and again: it ends, nothing is dialled for it, and nobody else waits. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SiteConfig } from '../config/config.ts';
import type { DialOrder, Outcome, Provider } from '../providers/provider.ts';
import { exampleSite } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { plainProvider } from '../simulators/plain-provider.ts';
import type { Call } from '../store/call.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import { SET_ASIDE_MS, type Store } from '../store/store.ts';
import { vault } from '../store/vault.ts';
import { acceptCall } from './accept-call.ts';
import { callRules } from './call-rules.ts';
import type { CallsContext, Notice } from './calls.ts';
import { drainCalls } from './drain-calls.ts';
import { earlyNews } from './early-news.ts';
import { LEASE_MS } from './life-of-a-call.ts';
import { providerGate } from './provider-gate.ts';

let clock: FakeClock;
let store: Store;
let sites: Map<string, SiteConfig>;
let context: CallsContext;
let dials: DialOrder[];
let outcome: Outcome;
let notices: Notice[];

const provider: Provider = plainProvider(async (order) => {
  dials.push(order);
  return outcome;
});

beforeEach(() => {
  clock = fakeClock();
  store = sqliteStore({ path: ':memory:', clock });
  dials = [];
  notices = [];
  outcome = { kind: 'placed', ref: undefined };
  const common = { provider: 'pbx', concurrency: 100, channels: ['desk'] };
  sites = new Map(['good', 'bad'].map((key) => [key, exampleSite({ key, ...common })]));
  context = {
    store,
    vault: vault(new Uint8Array(32).fill(7)),
    clock,
    log: () => {},
    sites,
    providers: new Map([['pbx', provider]]),
    rulesOf: callRules({ sites, cooldownMs: 60_000, random: () => 0, switches: () => ({ paused: false, pausedSites: new Set() }) }),
    early: earlyNews(clock),
    gate: providerGate(clock),
    notify: async (notice) => void notices.push(notice),
  };
});

afterEach(() => store.close());

async function accept(site: string, number: string): Promise<Call> {
  const result = await acceptCall(
    {
      request: { site, phone: number },
      idempotencyKey: crypto.randomUUID(),
      e164: number,
      numberKeys: [number],
      country: 'DE',
      details: {},
      guard: { limits: [] },
    },
    context,
  );
  if (result.kind !== 'accepted') throw new Error(result.kind);
  return result.call;
}

const leadsOf = async ({ id }: Call) => (await store.listMessages({ callId: id }, 10)).filter(({ kind }) => kind === 'lead');

test('a call that cannot be decided about is given three looks, then ends undialled with a lead; the others flow on', async () => {
  const { rulesOf } = context;
  const stumbling = (site: string) => {
    if (site === 'bad') throw new Error('a fault of the relay');
    return rulesOf(site);
  };
  const drain = drainCalls({ ...context, rulesOf: stumbling });
  const poison = await accept('bad', '+4915123456701');
  for (let look = 0; look < 3; look += 1) {
    const other = await accept('good', `+491512345671${look}`);
    await drain.run();
    expect((await store.find(other.id))?.state).toBe('placed');
    expect((await store.find(poison.id))?.state).toBe(look < 2 ? 'accepted' : 'expired');
    clock.set(clock.now() + SET_ASIDE_MS);
  }
  expect(await store.find(poison.id)).toMatchObject({ fault: 'internal_error', dueStep: 'forget' });
  expect(await leadsOf(poison)).toHaveLength(1);
  expect(dials.map(({ number }) => number)).not.toContain('+4915123456701');
  expect(notices).toMatchObject([{ topic: 'relay:call_given_up', site: 'bad', text: expect.stringContaining(poison.id) }]);
});

test('a call of a site that is not configured any more leaves its lead with the deployment when the relay stumbles on it', async () => {
  const call = await accept('bad', '+4915123456701');
  sites.delete('bad');
  const rulesOf = () => {
    throw new Error('a fault of the relay');
  };
  const drain = drainCalls({ ...context, rulesOf, deployment: ['ops'] });
  for (let look = 0; look < 3; look += 1) {
    await drain.run();
    clock.set(clock.now() + SET_ASIDE_MS);
  }
  expect(await store.find(call.id)).toMatchObject({ state: 'expired', fault: 'internal_error' });
  expect(await leadsOf(call)).toMatchObject([{ channel: 'ops' }]);
});

test('a call whose order cannot be made is refused after three tries, undialled, with a lead', async () => {
  const bad = sites.get('bad');
  if (bad === undefined) throw new Error('no site');
  const broken = Object.defineProperty({ ...bad }, 'announcement', {
    get() {
      throw new Error('a fault of the relay');
    },
  });
  const drain = drainCalls({ ...context, sites: new Map([...sites, ['bad', broken]]) });
  const poison = await accept('bad', '+4915123456701');
  const other = await accept('good', '+4915123456702');
  for (let turn = 0; turn < 4; turn += 1) {
    await drain.run();
    clock.set(clock.now() + 5_000);
  }
  expect(await store.find(poison.id)).toMatchObject({ state: 'refused', fault: 'internal_error', attempts: 3 });
  expect(await leadsOf(poison)).toHaveLength(1);
  expect((await store.find(other.id))?.state).toBe('placed');
  expect(dials.map(({ number }) => number)).toEqual(['+4915123456702']);
});

test('a call whose reading stumbles three times is given up with a lead, and is not dialled again', async () => {
  outcome = { kind: 'uncertain', fault: { code: 'x', message: 'x', problem: 'unavailable', configuration: false } };
  const call = await accept('good', '+4915123456701');
  await drainCalls(context).run();
  const broken = { ...store, amend: () => Promise.reject(new TypeError('a fault of the relay')) };
  const drain = drainCalls({ ...context, store: broken });
  for (let minute = 0; minute < 6; minute += 1) {
    clock.set(clock.now() + 60_000);
    await drain.run();
  }
  expect(await store.find(call.id)).toMatchObject({ state: 'abandoned', fault: 'internal_error' });
  expect(await leadsOf(call)).toHaveLength(1);
  expect(notices).toMatchObject([{ topic: 'relay:call_given_up', site: 'good' }]);
  expect(dials).toHaveLength(1);
});

test('a claim that cannot be decided about any more becomes unclear, never a second dial', async () => {
  const call = await accept('bad', '+4915123456701');
  await store.takeDue(1, (_, now) => ({ state: 'dialing', attempts: 1, dueStep: 'dial', dueAt: now + LEASE_MS }));
  const drain = drainCalls({
    ...context,
    rulesOf: () => {
      throw new Error('a fault of the relay');
    },
  });
  for (let minute = 0; minute < 12; minute += 1) {
    clock.set(clock.now() + SET_ASIDE_MS);
    await drain.run();
  }
  expect(await store.find(call.id)).toMatchObject({ state: 'abandoned', fault: 'internal_error' });
  expect(dials).toEqual([]);
});
