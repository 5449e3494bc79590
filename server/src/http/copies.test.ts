/** The same request once more: at the same time, later, after its proof was spent, while nothing new is taken. One call, one answer. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Prover } from '../admission/proof.ts';
import { siteverifyProver } from '../admission/proof-siteverify.ts';
import type { Switches } from '../calls/call-rules.ts';
import { Secret } from '../config/secret.ts';
import type { CallAccepted } from '../contract/calls.ts';
import { type Relay, relay } from '../relay.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { plainProvider } from '../simulators/plain-provider.ts';
import { SIMULATED_PATHS, type SiteverifySimulator, siteverifySimulator } from '../simulators/siteverify.ts';
import { sqliteStore } from '../store/sqlite-store.ts';

const CAPTCHA_SECRET = 's3cret-s3cret';
const BODY = { site: 'default', phone: '0151 23456789' };

let clock: FakeClock;
let running: Relay;
let vendor: SiteverifySimulator;
let prover: Prover;
let switches: Switches;

beforeEach(() => {
  clock = fakeClock();
  vendor = siteverifySimulator({ clock, siteKey: 'site-key', secret: CAPTCHA_SECRET });
  switches = { paused: false, pausedSites: new Set() };
  const secret = new Secret(CAPTCHA_SECRET);
  prover = siteverifyProver({
    vendor: 'hcaptcha',
    siteKey: 'site-key',
    secret,
    hostnames: [],
    clock,
    log: () => {},
    address: `http://127.0.0.1${SIMULATED_PATHS.hcaptcha}`,
    fetch: async (input, init) => vendor.app.fetch(new Request(input, init)),
  });
  const proof = { mode: 'always', prover: { kind: 'siteverify', vendor: 'hcaptcha', siteKey: 'site-key', secret } } as const;
  running = relay({
    config: {
      demo: false,
      ownPage: false,
      sites: new Map([['default', exampleSite({ provider: 'pbx', proof })]]),
      limits: USUAL_LIMITS,
      budget: { perDay: 1_000, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
    },
    store: sqliteStore({ path: ':memory:', clock }),
    providers: new Map([['pbx', plainProvider(async () => ({ kind: 'placed', ref: 'call' }))]]),
    secret: new Uint8Array(32).fill(9),
    clock,
    log: () => {},
    proverOf: () => prover,
    switches: () => switches,
    version: '0.0.0',
  });
});

afterEach(() => running.close());

async function post(body: Record<string, unknown>, key: string): Promise<CallAccepted & { status: number }> {
  const headers = { origin: 'https://shop.example', 'content-type': 'application/json', 'idempotency-key': key };
  const request = new Request('https://relay.example/v1/calls', { method: 'POST', headers, body: JSON.stringify(body) });
  const response = await running.fetch(request, { address: '203.0.113.7' });
  return { ...((await response.json()) as CallAccepted), status: response.status };
}

test('two at once with one token of a hosted check are both accepted, and the service is asked once', async () => {
  const sent = { ...BODY, proof: vendor.issue('hcaptcha', { host: 'relay.example' }) };
  const key = crypto.randomUUID();
  const [first, second] = await Promise.all([post(sent, key), post(sent, key)]);
  expect([first.status, second.status]).toEqual([202, 202]);
  expect(second).toEqual(first);
  expect(vendor.questions).toHaveLength(1);
});

test('two that reach two processes: the one whose token is found spent is the repeat of the one that was accepted', async () => {
  const sent = { ...BODY, proof: 'token' };
  const key = crypto.randomUUID();
  const answers: Promise<CallAccepted & { status: number }>[] = [];
  let asked = 0;
  prover = {
    ...prover,
    async check() {
      if (++asked === 1) return { kind: 'proved', nonce: 'token', expiresAt: clock.now() + 60_000, level: 3 };
      await answers[0];
      return { kind: 'failed' };
    },
  };
  answers.push(post(sent, key), post(sent, key));
  const [first, second] = await Promise.all(answers);
  expect(first?.status).toBe(202);
  expect(second).toEqual(first);
  expect(asked).toBe(2);
});

test.each([
  ['paused', () => ({ paused: true, pausedSites: new Set<string>() })],
  ['not paused', () => ({ paused: false, pausedSites: new Set<string>() })],
])('a repeat with its spent proof, %s, is told the number as the relay reads it', async (_, later) => {
  const sent = { ...BODY, proof: vendor.issue('hcaptcha', { host: 'relay.example' }) };
  const key = crypto.randomUUID();
  const first = await post(sent, key);
  switches = later();
  expect(first).toMatchObject({ status: 202, number: '+49 1512 3456789' });
  expect(await post(sent, key)).toEqual(first);
});
