/** A deployment whose secret changes while people are calling: what they hold stays good, and what they did still counts. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SiteConfig } from '../config/config.ts';
import type { Problem } from '../contract/problems.ts';
import type { Provider } from '../providers/provider.ts';
import { type Relay, type RelayOptions, relay } from '../relay.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { plainProvider } from '../simulators/plain-provider.ts';
import { type PowChallenge, solvePow, writePow } from '../simulators/solve-pow.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { vault } from '../store/vault.ts';

const [OLD, NEW] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const BASE = 'https://relay.example';
const MINUTE_MS = 60_000;

let clock: FakeClock;
let store: Store;
let running: Relay;
let dials: string[];

beforeEach(() => {
  clock = fakeClock();
  store = sqliteStore({ path: ':memory:', clock });
  dials = [];
  start({ secret: OLD });
});

afterEach(() => store.close());

/** As after a restart: the same store, and nothing else from before. */
const rotate = (over: Partial<RelayOptions> = {}) => start({ secret: NEW, previousSecrets: [OLD], ...over });

function start(over: Pick<RelayOptions, 'secret'> & Partial<RelayOptions>): void {
  const provider: Provider = plainProvider(
    async ({ number }) => {
      dials.push(number);
      return { kind: 'placed', ref: `call.${dials.length}` };
    },
    {
      readEvent: () => ({ kind: 'event', event: { ref: 'call.1', news: { kind: 'end', end: 'connected' } } }),
    },
  );
  running = relay({
    config: configOf(exampleSite({ provider: 'pbx' })),
    store,
    providers: new Map([['pbx', provider]]),
    clock,
    log: () => {},
    version: '0.0.0',
    ...over,
  });
}

function configOf(site: SiteConfig): RelayOptions['config'] {
  const rest = { demo: false, ownPage: false, deniedPrefixes: [], paused: false, budget: { perDay: 1_000, timeZone: 'UTC' } };
  return { ...rest, sites: new Map([[site.key, site]]), limits: USUAL_LIMITS };
}

interface Asked {
  phone: string;
  address?: string;
  key?: string;
  proof?: string;
}

async function ask({ phone, address = '203.0.113.7', key = crypto.randomUUID(), proof }: Asked) {
  const headers = { origin: 'https://shop.example', 'content-type': 'application/json', 'idempotency-key': key };
  const body = JSON.stringify({ site: 'default', phone, ...(proof !== undefined && { proof }) });
  const response = await running.fetch(new Request(`${BASE}/v1/calls`, { method: 'POST', headers, body }), { address });
  const answer = (await response.json()) as Partial<Problem> & { id?: string; statusToken?: string };
  return { status: response.status, retryAfterS: Number(response.headers.get('retry-after')), ...answer };
}

const statusOf = async (id = '', token = '') => {
  const headers = { origin: 'https://shop.example', authorization: `Bearer ${token}` };
  return (await running.fetch(new Request(`${BASE}/v1/calls/${id}`, { headers }), { address: undefined })).status;
};

const tell = async (path: string) =>
  (await running.fetch(new Request(BASE + path, { method: 'POST', body: '' }), { address: undefined })).status;

test('a number that was just called is not called again: cooldowns survive a rotation', async () => {
  const phone = '0151 23456789';
  await ask({ phone });
  await running.drain();
  await tell(running.eventPath('pbx'));

  rotate();
  expect(await ask({ phone, address: '198.51.100.1' })).toMatchObject({ code: 'rate_limited', retryAfterS: 60 });
  clock.set(clock.now() + MINUTE_MS);
  expect(await ask({ phone, address: '198.51.100.1' })).toMatchObject({ status: 202 });
  await running.drain();
  expect(dials).toHaveLength(2);
});

test('the third call of a quarter of an hour is refused, whichever secret counted the first two', async () => {
  const phone = '0151 23456789';
  const start = clock.now();
  await ask({ phone });
  clock.set(start + 3 * MINUTE_MS);
  rotate();
  expect(await ask({ phone })).toMatchObject({ status: 202 });
  clock.set(start + 6 * MINUTE_MS);
  // Nobody has dialled the first: it might have rung until two minutes after the start.
  expect(await ask({ phone })).toMatchObject({ code: 'rate_limited', retryAfterS: 11 * 60 });
});

test('a network that has asked for three numbers still has to prove an effort, and the limit of the site goes on', async () => {
  for (const tail of ['01', '02', '03']) expect(await ask({ phone: `0151 234567${tail}` })).toMatchObject({ status: 202 });
  rotate();
  expect(await ask({ phone: '0151 23456704' })).toMatchObject({ code: 'proof_required' });
  for (const at of [1, 2, 3]) expect(await ask({ phone: `0151 2345671${at}`, address: `198.51.100.${at}` })).toMatchObject({ status: 202 });
  expect(await ask({ phone: '0151 23456720', address: '198.51.100.9' })).toMatchObject({ code: 'rate_limited' });
});

test('who asked not to be called is not called', async () => {
  await store.optOut(vault(OLD).keysOf('number', '+4915123456789'), clock.now() + 180 * 24 * 60 * MINUTE_MS);
  rotate();
  expect(await ask({ phone: '0151 23456789' })).toMatchObject({ code: 'number_refused' });
});

test('a visitor goes on following the call, and a repeated request is the same call', async () => {
  const sent = { phone: '0151 23456789', key: crypto.randomUUID() };
  const before = await ask(sent);
  rotate();
  expect(await statusOf(before.id, before.statusToken)).toBe(200);
  const again = await ask(sent);
  expect(again).toMatchObject({ status: 202, id: before.id });
  expect(again.statusToken).not.toBe(before.statusToken);
  expect(await statusOf(before.id, again.statusToken)).toBe(200);
  expect(await ask({ ...sent, phone: '0151 23456780' })).toMatchObject({ code: 'key_reused' });
  await running.drain();
  expect(dials).toEqual(['+4915123456789']);
});

test('what was given out before is worth nothing once the old secret has been taken out', async () => {
  const before = await ask({ phone: '0151 23456789' });
  const path = running.eventPath('pbx');
  start({ secret: NEW });
  expect(await statusOf(before.id, before.statusToken)).toBe(404);
  expect(await tell(path)).toBe(404);
});

test('the provider goes on delivering to the address that it was given', async () => {
  const path = running.eventPath('pbx');
  rotate();
  expect(await tell(path)).toBe(204);
  expect(running.eventPath('pbx')).not.toBe(path);
  expect(await tell(running.eventPath('pbx'))).toBe(204);
});

test('a form that was drawn before is taken', async () => {
  const page = await running.fetch(new Request(`${BASE}/form/default`), { address: '203.0.113.7' });
  const token = /name="token" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
  clock.set(clock.now() + MINUTE_MS);
  rotate();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
  const body = new URLSearchParams({ token, phone: '0151 23456789' }).toString();
  const sent = await running.fetch(new Request(`${BASE}/form/default`, { method: 'POST', headers, body }), { address: '203.0.113.7' });
  expect(sent.status).toBe(303);
});

describe('on a site that always asks for a proof', () => {
  /** Work at a real cost, on a machine that may have other things to do. */
  const TIMEOUT_MS = 30_000;
  const withProofs = { config: configOf(exampleSite({ provider: 'pbx', proof: { mode: 'always', prover: { kind: 'pow' } } })) };

  async function solveOne(): Promise<string> {
    const { challenge } = await ask({ phone: '0151 23456701' });
    return writePow(await solvePow(challenge as PowChallenge));
  }

  test('a challenge that was being solved is worth one call', { timeout: TIMEOUT_MS }, async () => {
    start({ secret: OLD, ...withProofs });
    const proof = await solveOne();
    rotate(withProofs);
    expect(await ask({ phone: '0151 23456701', proof })).toMatchObject({ status: 202 });
    expect(await ask({ phone: '0151 23456702', proof })).toMatchObject({ code: 'proof_required' });
  });

  test('a proof that was spent before is not taken again', { timeout: TIMEOUT_MS }, async () => {
    start({ secret: OLD, ...withProofs });
    const proof = await solveOne();
    expect(await ask({ phone: '0151 23456701', proof })).toMatchObject({ status: 202 });
    rotate(withProofs);
    expect(await ask({ phone: '0151 23456702', proof })).toMatchObject({ code: 'proof_required' });
  });
});
