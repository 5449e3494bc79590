/** The challenge that a page asks for beforehand, from outside. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Secret } from '../config/secret.ts';
import type { EarlyChallenge } from '../contract/challenge.ts';
import type { Problem } from '../contract/problems.ts';
import { type Relay, type RelayOptions, relay } from '../relay.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { solvePow, writePow } from '../simulators/solve-pow.ts';
import { sqliteStore } from '../store/sqlite-store.ts';

const ORIGIN = 'https://shop.example';
const ALWAYS = { mode: 'always', prover: { kind: 'pow' } } as const;
const HOSTED = { kind: 'siteverify', vendor: 'hcaptcha', siteKey: 'public-key', secret: new Secret('canary-s3cret') } as const;
const SITES = [
  exampleSite({ key: 'shop', origins: [ORIGIN], proof: ALWAYS }),
  exampleSite({ key: 'other', origins: ['https://other.example'], proof: ALWAYS }),
  exampleSite({ key: 'hosted', origins: [ORIGIN], proof: { mode: 'always', prover: HOSTED } }),
  exampleSite({ key: 'adaptive', origins: [ORIGIN] }),
  exampleSite({ key: 'off', origins: [ORIGIN], proof: { mode: 'off', prover: { kind: 'pow' } } }),
];

let clock: FakeClock;
let running: Relay;

function start(over: Partial<RelayOptions['config']> = {}): void {
  running = relay({
    config: {
      demo: false,
      ownPage: false,
      sites: new Map(SITES.map((site) => [site.key, site])),
      limits: { ...USUAL_LIMITS, shield: [] },
      budget: { perDay: 1_000, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
      ...over,
    },
    store: sqliteStore({ path: ':memory:', clock }),
    providers: new Map(),
    secret: new Uint8Array(32).fill(9),
    clock,
    log: () => {},
    version: '0.0.0',
  });
}

beforeEach(() => {
  clock = fakeClock();
  start();
});

afterEach(() => running.close());

function ask(site = 'shop', headers: Record<string, string> = { origin: ORIGIN }, address = '203.0.113.7') {
  return Promise.resolve(running.fetch(new Request(`https://relay.example/v1/sites/${site}/challenge`, { headers }), { address }));
}

async function problemOf(response: Promise<Response>): Promise<Problem> {
  return (await response).json() as Promise<Problem>;
}

test('a site that always asks gives its challenge beforehand, and what solves it is taken with the first request', async () => {
  const response = await ask();
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
  const { challenge, goodForMs } = (await response.json()) as EarlyChallenge;
  if (challenge.kind !== 'pow') throw new Error('no work');
  expect(challenge.parameters).toMatchObject({ data: { site: 'shop', level: 1, expiresAt: clock.now() + goodForMs } });

  const proof = writePow(await solvePow(challenge));
  const post = (body: object, key: string = crypto.randomUUID()) => {
    const headers = { origin: ORIGIN, 'content-type': 'application/json', 'idempotency-key': key };
    const request = new Request('https://relay.example/v1/calls', { method: 'POST', headers, body: JSON.stringify(body) });
    return Promise.resolve(running.fetch(request, { address: '203.0.113.7' }));
  };
  expect((await post({ site: 'shop', phone: '0151 23456789', proof })).status).toBe(202);
  // One call, and not the next one.
  expect(await problemOf(post({ site: 'shop', phone: '0151 23456780', proof }))).toMatchObject({ code: 'proof_required' });
});

test('a hosted check says who checks, and nothing of its secret', async () => {
  const text = await (await ask('hosted')).text();
  expect(JSON.parse(text)).toEqual({
    challenge: { kind: 'siteverify', vendor: 'hcaptcha', siteKey: 'public-key' },
    goodForMs: 120_000,
  });
});

test.each<[string, string, Record<string, string>, Partial<Problem>]>([
  ['a site that nobody knows', 'nobody', { origin: ORIGIN }, { code: 'unknown_site', detail: 'site' }],
  ['a page of nobody', 'shop', { origin: 'https://evil.example' }, { code: 'origin_not_allowed' }],
  ['a page of another site', 'shop', { origin: 'https://other.example' }, { code: 'origin_not_allowed' }],
  ['an opaque origin', 'shop', { origin: 'null' }, { code: 'origin_not_allowed' }],
  ['no origin', 'shop', {}, { code: 'origin_not_allowed' }],
  ['no origin, from elsewhere', 'shop', { 'sec-fetch-site': 'cross-site' }, { code: 'origin_not_allowed' }],
  ['an address that was typed in', 'shop', { origin: ORIGIN, 'sec-fetch-mode': 'navigate' }, { code: 'origin_not_allowed' }],
  ['a site that asks only under pressure', 'adaptive', { origin: ORIGIN }, { code: 'invalid_request', detail: 'site' }],
  ['a site that never asks', 'off', { origin: ORIGIN }, { code: 'invalid_request', detail: 'site' }],
])('%s gets none', async (_name, site, headers, problem) => {
  const response = await ask(site, headers);
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.json()).toMatchObject(problem);
});

test('a page that shares its origin with the relay names none, and has one', async () => {
  expect((await ask('shop', { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' })).status).toBe(200);
});

test('twenty a minute for one network, together with those that refusals bring', async () => {
  const statuses = [];
  for (let at = 0; at < 21; at++) statuses.push((await ask()).status);
  expect(statuses).toEqual([...Array(20).fill(200), 429]);
  const refused = await ask();
  expect(refused.headers.get('retry-after')).toBe('60');
  expect(await refused.json()).toMatchObject({ code: 'rate_limited' });
  expect((await ask('shop', { origin: ORIGIN }, '203.0.113.8')).status).toBe(200);
});

test('the outer shield counts it', async () => {
  await running.close();
  start({ limits: { ...USUAL_LIMITS, shield: [{ max: 2, perMs: 60_000 }] } });
  await ask();
  await ask('nobody');
  const refused = await ask('hosted');
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('30');
});

test('where a hosted check is in use a body may be as long as its tokens are; elsewhere it may not', async () => {
  const post = (site: string) => {
    const headers = { origin: ORIGIN, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
    const body = JSON.stringify({ site, phone: '112', proof: 'x'.repeat(4_096) });
    return Promise.resolve(
      running.fetch(new Request('https://relay.example/v1/calls', { method: 'POST', headers, body }), { address: undefined }),
    );
  };
  expect(await problemOf(post('hosted'))).toMatchObject({ code: 'number_invalid' });
  await running.close();
  start({ sites: new Map(SITES.filter(({ key }) => key !== 'hosted').map((site) => [site.key, site])) });
  expect(await problemOf(post('shop'))).toMatchObject({ code: 'body_too_large' });
});
