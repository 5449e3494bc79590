/** Admission from outside: limits, budgets, proofs and switches over the real store, with the provider's log of dials as the truth. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProofCheck, Prover } from '../admission/proof.ts';
import type { SiteConfig } from '../config/config.ts';
import type { Problem } from '../contract/problems.ts';
import type { LogEntry } from '../log.ts';
import type { Provider } from '../providers/provider.ts';
import { type Relay, type RelayOptions, relay } from '../relay.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { plainProvider } from '../simulators/plain-provider.ts';
import type { ProofLevel } from '../store/acceptance.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { vault } from '../store/vault.ts';

const SECRET = new Uint8Array(32).fill(9);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const OPEN = { ...USUAL_LIMITS, sourceSoft: [], sourceNumbersSoft: [], site: [], deployment: [], destinations: undefined };

let clock: FakeClock;
let store: Store;
let running: Relay;
let entries: LogEntry[];
let dials: string[];
/** What the prover makes of the proof `solved-<level>`; anything else fails. */
let verifierIsAway: boolean;
let challenged: ProofLevel[];

beforeEach(() => {
  clock = fakeClock();
  store = sqliteStore({ path: ':memory:', clock });
  entries = [];
  dials = [];
  challenged = [];
  verifierIsAway = false;
  running = start();
});

afterEach(() => running.close());

interface Wishes {
  site?: Partial<SiteConfig>;
  config?: Partial<RelayOptions['config']>;
  relay?: Partial<RelayOptions>;
}

function start({ site, config, relay: over }: Wishes = {}): Relay {
  const one = exampleSite({ provider: 'pbx', concurrency: 1_000, ...site });
  running = relay({
    config: {
      demo: false,
      ownPage: false,
      sites: new Map([['default', one]]),
      limits: USUAL_LIMITS,
      budget: { perDay: 1_000, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
      ...config,
    },
    store,
    providers: new Map([['pbx', provider()]]),
    secret: SECRET,
    clock,
    log: (entry) => entries.push(entry),
    proverOf: () => prover(),
    version: '0.0.0',
    ...over,
  });
  return running;
}

function provider(): Provider {
  return plainProvider(async ({ number }) => {
    dials.push(number);
    return { kind: 'placed', ref: `call.${dials.length}` };
  });
}

function prover(): Prover {
  return {
    name: 'pow',
    goodForMs: 10 * MINUTE_MS,
    async challenge(_, level) {
      challenged.push(level);
      return { kind: 'pow', parameters: { nonce: `fresh-${challenged.length}`, level }, signature: 'signed' };
    },
    async check(proof, { site }): Promise<ProofCheck> {
      if (verifierIsAway) return { kind: 'unknown' };
      const solved = /^solved-([123])-/.exec(proof);
      if (solved === null || site !== 'default') return { kind: 'failed' };
      return { kind: 'proved', nonce: proof, expiresAt: clock.now() + 10 * MINUTE_MS, level: Number(solved[1]) as ProofLevel };
    },
  };
}

interface Asked {
  phone?: string;
  address?: string;
  proof?: string;
  key?: string;
  name?: string;
  locale?: string;
  at?: string;
}

let counter = 0;
const freshNumber = () => `0151 2${String(++counter).padStart(7, '0')}`;
const freshAddress = () => `198.51.${(++counter >> 8) & 255}.${counter & 255}`;

function ask({ phone = freshNumber(), address = freshAddress(), key = crypto.randomUUID(), ...optional }: Asked = {}) {
  const body = { site: 'default', phone, ...optional };
  const headers = { origin: 'https://shop.example', 'content-type': 'application/json', 'idempotency-key': key };
  const request = new Request('https://relay.example/v1/calls', { method: 'POST', headers, body: JSON.stringify(body) });
  return Promise.resolve(running.fetch(request, { address }));
}

async function problemOf(response: Response | Promise<Response>): Promise<Problem & { retryAfter: number }> {
  const answered = await response;
  const retryAfter = Number(answered.headers.get('retry-after') ?? Number.NaN);
  return { ...((await answered.json()) as Problem), retryAfter };
}

/** How many of so many requests are accepted. */
async function countAccepted(times: number, asked: () => Asked): Promise<number> {
  let accepted = 0;
  for (let at = 0; at < times; at++) if ((await ask(asked())).status === 202) accepted++;
  return accepted;
}

describe('limits', () => {
  test('a site takes six calls a minute; the next is told when to come', async () => {
    expect(await countAccepted(6, () => ({}))).toBe(6);
    expect(await problemOf(ask())).toMatchObject({ code: 'rate_limited', retryAfter: 60 });
    clock.set(clock.now() + MINUTE_MS);
    expect((await ask()).status).toBe(202);
  });

  test('what all sites together may take is nobody’s fault: 503', async () => {
    start({ config: { limits: { ...OPEN, deployment: [{ max: 2, perMs: HOUR_MS }] } } });
    expect(await countAccepted(2, () => ({}))).toBe(2);
    expect(await problemOf(ask())).toMatchObject({ code: 'unavailable', retryAfter: 3_600 });
  });

  test('different numbers of one source', async () => {
    start({ config: { limits: { ...OPEN, source: [], sourceNumbers: [{ max: 3, perMs: HOUR_MS }] } } });
    expect(await countAccepted(5, () => ({ address: '203.0.113.7' }))).toBe(3);
    expect((await ask()).status).toBe(202);
  });

  test('a whole /48 has four times what a /64 has', async () => {
    start({ config: { limits: { ...OPEN, source: [{ max: 2, perMs: HOUR_MS }], sourceNumbers: [] } } });
    const accepted = await countAccepted(40, () => ({ address: `2001:db8:5:${(++counter).toString(16)}00::1` }));
    expect(accepted).toBe(8);
    expect((await ask({ address: '2001:db8:6::1' })).status).toBe(202);
  });

  test('nothing is consumed by a refusal', async () => {
    start({ config: { limits: { ...OPEN, source: [{ max: 2, perMs: HOUR_MS }], site: [{ max: 1, perMs: MINUTE_MS }] } } });
    await ask();
    expect(await countAccepted(10, () => ({ address: '203.0.113.7' }))).toBe(0);
    clock.set(clock.now() + MINUTE_MS);
    expect((await ask({ address: '203.0.113.7' })).status).toBe(202);
  });

  test('one hundred requests for one number at once are one call', async () => {
    start({ config: { limits: OPEN } });
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask({ phone: '0151 23456789' })));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    await running.drain();
    expect(dials).toEqual(['+4915123456789']);
  });
});

describe('what a caller is told of its limits', () => {
  test('its own, and only those', async () => {
    const response = await ask({ phone: '0151 23456789', address: '203.0.113.7' });
    expect(response.headers.get('ratelimit-policy')).toBe(
      '"number";q=2;w=900, "number";q=3;w=21600, "number";q=5;w=86400, "source";q=10;w=3600, "source";q=20;w=86400',
    );
    expect(response.headers.get('ratelimit')).toBe('"number";r=1;t=1020, "source";r=9;t=3600');
    expect(response.headers.get('access-control-expose-headers')).toBe('Retry-After, RateLimit, RateLimit-Policy');
  });

  test('with a refusal: nothing left, until Retry-After', async () => {
    await ask({ phone: '0151 23456789' });
    const response = await ask({ phone: '0151 23456789' });
    expect(response.status).toBe(429);
    expect(response.headers.get('ratelimit')).toBe(`"number";r=0;t=${response.headers.get('retry-after')}`);
  });

  test('what stands behind a refusal is told to the log alone', async () => {
    const paused = { switches: () => ({ paused: true, pausedSites: new Set<string>() }) };
    const poor = { budget: { perCall: 1, perDay: 1 } };
    const full = { limits: { ...OPEN, deployment: [{ max: 1, perMs: HOUR_MS }] } };
    const whys: [Wishes, string][] = [
      [{ relay: paused }, 'paused'],
      [{ relay: { switches: () => ({ paused: false, pausedSites: new Set(['default']) }) } }, 'site_paused'],
      [{ site: poor }, 'site_budget'],
      [{ config: { budget: { perDay: 1, timeZone: 'UTC' } } }, 'deployment_budget'],
      [{ config: full }, 'deployment'],
    ];
    for (const [wishes, scope] of whys) {
      store = sqliteStore({ path: ':memory:', clock });
      start(wishes);
      await ask();
      const answer = await ask();
      expect(answer.status).toBe(503);
      expect(await answer.text()).not.toContain(scope);
      expect(entries.at(-1)).toMatchObject({ event: 'request.refused', code: 'unavailable', scope });
    }
  });

  test('a full site or budget says nothing of itself', async () => {
    start({ site: { budget: { perCall: 1, perDay: 1 } }, config: { limits: { ...OPEN, site: [{ max: 2, perMs: HOUR_MS }] } } });
    await ask();
    const poor = await ask();
    start({ config: { limits: { ...OPEN, site: [{ max: 1, perMs: HOUR_MS }] } } });
    const full = await ask();
    expect([poor.status, full.status]).toEqual([503, 429]);
    for (const { headers } of [poor, full]) expect([headers.get('ratelimit'), headers.get('ratelimit-policy')]).toEqual([null, null]);
  });
});

describe('the budget', () => {
  const limits = OPEN;

  test('is never passed, and opens again with the next day of the site', async () => {
    start({ site: { budget: { perCall: 30, perDay: 100 } }, config: { limits } });
    expect(await countAccepted(10, () => ({}))).toBe(3);
    // 10:00 in Berlin: the next day begins in 14 hours.
    expect(await problemOf(ask())).toMatchObject({ code: 'unavailable', retryAfter: 14 * 3_600 });
    clock.set(clock.now() + 14 * HOUR_MS);
    expect((await ask()).status).toBe(202);
  });

  test('holds for requests at once', async () => {
    start({ site: { budget: { perCall: 1, perDay: 10 } }, config: { limits } });
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask()));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(10);
  });

  test('of the deployment holds over all sites', async () => {
    start({ config: { limits, budget: { perDay: 2, timeZone: 'UTC' } } });
    expect(await countAccepted(5, () => ({}))).toBe(2);
  });

  test('tells the operator at 50, 80 and 100 percent, once each', async () => {
    start({ site: { budget: { perCall: 1, perDay: 10 } }, config: { limits } });
    await countAccepted(12, () => ({}));
    const alerts = entries.filter(({ event }) => event === 'budget.reached');
    expect(alerts.map(({ scope, percent }) => [scope, percent])).toEqual([
      ['site_budget', 50],
      ['site_budget', 80],
      ['site_budget', 100],
    ]);
  });

  test('of another day is told of by its date, and with the acceptance itself', async () => {
    const slots = { everyMinutes: 30, capacity: 10, daysAhead: 7 };
    start({ site: { slots, budget: { perCall: 30, perDay: 50 }, channels: ['mail'] }, config: { limits } });
    expect((await ask({ at: '2026-01-08T10:00:00+01:00' })).status).toBe(202);
    const texts = (await store.listMessages({}, 10)).map(({ text }) => text).toSorted();
    expect(texts).toEqual([
      'The budget of the site default for 2026-01-08 is spent: no more calls are taken that would be made on that day.',
      'The budget of the site default for 2026-01-08: 50 % are spent or set aside.',
    ]);
    expect((await ask()).status).toBe(202);
  });

  test('gets back what a call did not cost that never rang', async () => {
    start({ site: { budget: { perCall: 1, perDay: 1 } }, config: { limits } });
    const { id, statusToken } = (await (await ask()).json()) as { id: string; statusToken: string };
    expect((await ask()).status).toBe(503);
    const headers = { origin: 'https://shop.example', authorization: `Bearer ${statusToken}` };
    await running.fetch(new Request(`https://relay.example/v1/calls/${id}`, { method: 'DELETE', headers }), { address: undefined });
    expect((await ask()).status).toBe(202);
  });
});

describe('proofs', () => {
  const address = '203.0.113.7';
  const again = (over: Asked = {}) => ask({ address, ...over });

  test('are wanted past the soft limit only, and the same request then goes through', async () => {
    expect(await countAccepted(3, () => ({ address }))).toBe(3);
    const key = crypto.randomUUID();
    const phone = freshNumber();
    expect(await problemOf(again({ key, phone }))).toMatchObject({
      code: 'proof_required',
      challenge: { kind: 'pow', parameters: { level: 3 }, signature: 'signed' },
    });
    expect((await again({ key, phone, proof: 'solved-3-a' })).status).toBe(202);
    expect((await ask()).status).toBe(202);
  });

  test('too easy a proof is no proof', async () => {
    await countAccepted(3, () => ({ address }));
    expect(await problemOf(again({ proof: 'solved-1-a' }))).toMatchObject({ code: 'proof_required' });
    expect(challenged).toEqual([3]);
  });

  test('one proof is one call, however many ask with it at once', async () => {
    start({ site: { proof: { mode: 'always', prover: { kind: 'pow' } } }, config: { limits: OPEN } });
    const answers = await Promise.all(Array.from({ length: 100 }, () => ask({ proof: 'solved-1-a' })));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    const spent = answers.find(({ status }) => status !== 202);
    expect(spent && (await problemOf(spent))).toMatchObject({ code: 'proof_required', challenge: { kind: 'pow' } });
  });

  test('one that failed brings a fresh challenge and never reaches the store', async () => {
    start({ relay: { store: { ...store, accept: () => Promise.reject(new Error('reached')) } } });
    expect(await problemOf(ask({ proof: 'forged' }))).toMatchObject({
      code: 'proof_required',
      challenge: { parameters: { nonce: 'fresh-1' } },
    });
  });

  test('a repeat needs none, even where its proof is spent or the verifier away', async () => {
    start({ site: { proof: { mode: 'always', prover: { kind: 'pow' } } } });
    const sent = { key: crypto.randomUUID(), phone: freshNumber(), proof: 'solved-1-a' };
    const first = (await (await ask(sent)).json()) as { id: string };
    verifierIsAway = true;
    expect(await (await ask(sent)).json()).toMatchObject({ id: first.id });
    expect(await (await ask({ key: sent.key, phone: sent.phone })).json()).toMatchObject({ id: first.id });
  });

  test('always: nobody without one, and the page is told beforehand', async () => {
    start({ site: { proof: { mode: 'always', prover: { kind: 'pow' } } } });
    expect(await problemOf(ask())).toMatchObject({ code: 'proof_required', challenge: { parameters: { level: 1 } } });
    expect((await ask({ proof: 'solved-1-a' })).status).toBe(202);
    verifierIsAway = true;
    expect(await problemOf(ask({ proof: 'solved-1-b' }))).toMatchObject({ code: 'unavailable' });
    const view = await running.fetch(new Request('https://relay.example/v1/sites/default'), { address: undefined });
    expect(await view.json()).toMatchObject({ proof: true });
  });

  test('adaptive with the verifier away: a quarter of the limits', async () => {
    verifierIsAway = true;
    expect(await countAccepted(10, () => ({ address, proof: 'solved-3-a' }))).toBe(1);
    clock.set(clock.now() + MINUTE_MS);
    expect(await countAccepted(10, () => ({ address, proof: 'solved-3-a' }))).toBe(1);
    clock.set(clock.now() + MINUTE_MS);
    expect(await problemOf(again({ proof: 'solved-3-a' }))).toMatchObject({ code: 'rate_limited' });
  });

  test('off: never asked for, never looked at', async () => {
    start({ site: { proof: { mode: 'off', prover: { kind: 'pow' } } }, config: { limits: { ...USUAL_LIMITS, site: [] } } });
    expect(await countAccepted(12, () => ({ address, proof: 'forged' }))).toBe(10);
    expect(challenged).toEqual([]);
  });

  test('where there is no challenge to give, the soft limit is a hard one', async () => {
    start({ relay: { proverOf: () => ({ ...prover(), challenge: async () => undefined }) } });
    await countAccepted(3, () => ({ address }));
    expect(await problemOf(again())).toMatchObject({ code: 'rate_limited', retryAfter: 60 });
  });
});

describe('the outer shield', () => {
  test('counts whatever became of a request, and lets others pass', async () => {
    const address = '203.0.113.7';
    for (let at = 0; at < 30; at++) expect((await ask({ address, phone: '112' })).status).toBe(422);
    expect(await problemOf(ask({ address, phone: '112' }))).toMatchObject({ code: 'rate_limited', retryAfter: 2 });
    expect((await ask()).status).toBe(202);
  });

  test('turns away before the body is read and before the store is asked', async () => {
    start({ config: { limits: { ...USUAL_LIMITS, shield: [{ max: 1, perMs: MINUTE_MS }] } } });
    const address = '203.0.113.7';
    await ask({ address, phone: '112' });
    const untouched = new ReadableStream({
      pull() {
        throw new Error('read');
      },
    });
    const headers = { origin: 'https://shop.example', 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', headers, body: untouched, duplex: 'half' };
    const answer = await running.fetch(new Request('https://relay.example/v1/calls', init), { address });
    expect(answer.status).toBe(429);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://shop.example');
  });
});

describe('switches', () => {
  test.each<[string, Wishes]>([
    ['the deployment', { config: { paused: true } }],
    ['the site', { site: { paused: true } }],
    ['the deployment, at run time', { relay: { switches: () => ({ paused: true, pausedSites: new Set() }) } }],
    ['the site, at run time', { relay: { switches: () => ({ paused: false, pausedSites: new Set(['default']) }) } }],
  ])('%s is paused: nothing is accepted', async (_, wishes) => {
    start(wishes);
    expect(await problemOf(ask())).toMatchObject({ code: 'unavailable', retryAfter: 30 });
    expect(await store.nextDueAt()).toBeUndefined();
  });

  test('a repeat of what was accepted before is still answered, and not dialled', async () => {
    let paused = false;
    start({ relay: { switches: () => ({ paused, pausedSites: new Set() }) } });
    const sent = { key: crypto.randomUUID(), phone: freshNumber() };
    expect((await ask(sent)).status).toBe(202);
    paused = true;
    expect((await ask(sent)).status).toBe(202);
    await running.drain();
    expect(dials).toEqual([]);
  });
});

test('a number that opted out is refused like any other that is not called', async () => {
  await store.optOut(vault(SECRET).keysOf('number', '+4915123456789'), clock.now() + 180 * 24 * HOUR_MS);
  const optedOut = await ask({ phone: '0151 23456789' });
  const premium = await ask({ phone: '0900 1 234567' });
  expect(await optedOut.text()).toBe(await premium.text());
  expect([...optedOut.headers]).toEqual([...premium.headers]);
});

test("the deployment's own prefixes are never called", async () => {
  start({ config: { deniedPrefixes: ['49151'] } });
  expect(await problemOf(ask())).toMatchObject({ code: 'number_refused' });
});

test('what a visitor wrote is kept clean or not at all', async () => {
  const kept = async (name: string) => {
    const { id } = (await (await ask({ name })).json()) as { id: string };
    const call = await store.find(id);
    return call?.sealedDetails && JSON.parse(vault(SECRET).open(call.sealedDetails, id));
  };
  expect(await kept('  Anna   Weber ')).toEqual({ name: 'Anna Weber' });
  expect(await kept('$cv(SECRET) @{x}')).toBeUndefined();
});

test.each([
  ['pt-BR', 'pt-BR'],
  ['zh-Hant-TW', 'zh-Hant-TW'],
  ['en-15123456', undefined],
  ['+4915123456789', undefined],
])('the locale %s is kept as %s: it stands unsealed', async (locale, kept) => {
  const { id } = (await (await ask({ locale })).json()) as { id: string };
  expect((await store.find(id))?.locale).toBe(kept);
});
