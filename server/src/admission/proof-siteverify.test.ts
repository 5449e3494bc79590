import { expect, test } from 'vitest';
import { Secret } from '../config/secret.ts';
import type { LogEntry } from '../log.ts';
import { fakeClock } from '../simulators/fake-clock.ts';
import { SIMULATED_PATHS, type SiteverifyMisbehaviour, siteverifySimulator } from '../simulators/siteverify.ts';
import { siteverifyProver } from './proof-siteverify.ts';

const VENDORS = ['turnstile', 'hcaptcha', 'smartcaptcha'] as const;
const PAGE = { host: 'relay.example', action: 'callback', data: 'shop' };
const REQUEST = { site: 'shop', address: '203.0.113.7' };
const SECRET = 'canary-s3cret';

function setUp(
  vendor: (typeof VENDORS)[number],
  change: { secret?: string; siteKey?: string; hostnames?: string[]; fetch?: typeof fetch } = {},
) {
  const clock = fakeClock();
  const simulator = siteverifySimulator({ clock, siteKey: 'site-key', secret: SECRET });
  const entries: LogEntry[] = [];
  const inits: (RequestInit | undefined)[] = [];
  const prover = siteverifyProver({
    vendor,
    siteKey: change.siteKey ?? 'site-key',
    secret: new Secret(change.secret ?? SECRET),
    hostnames: change.hostnames ?? ['relay.example'],
    fetch:
      change.fetch ??
      (async (input, init) => {
        inits.push(init);
        return simulator.app.fetch(new Request(input, init));
      }),
    clock,
    log: (entry) => entries.push(entry),
    address: `http://127.0.0.1${SIMULATED_PATHS[vendor]}`,
  });
  return { clock, simulator, prover, entries, inits };
}

test.each(VENDORS)('%s: a good token proves, and its challenge names the public key alone', async (vendor) => {
  const { clock, simulator, prover, inits } = setUp(vendor);
  const check = await prover.check(simulator.issue(vendor, PAGE), REQUEST);
  expect(check).toEqual({ kind: 'proved', nonce: expect.stringMatching(/^[0-9a-f]{64}$/), expiresAt: expect.any(Number), level: 3 });
  expect(check.kind === 'proved' && check.expiresAt).toBeGreaterThan(clock.now());
  expect(await prover.challenge(REQUEST, 2)).toEqual({ kind: 'siteverify', vendor, siteKey: 'site-key' });
  expect(Object.values(simulator.questions[0]?.fields ?? {})).toContain('203.0.113.7');
  expect(inits[0]).toMatchObject({ method: 'POST', redirect: 'manual' });
});

test.each(VENDORS)('%s: made up, expired and of another vendor', async (vendor) => {
  const { clock, simulator, prover, entries } = setUp(vendor);
  const other = vendor === 'hcaptcha' ? 'turnstile' : 'hcaptcha';
  expect(await prover.check('made-up', REQUEST)).toEqual({ kind: 'failed' });
  expect(await prover.check(simulator.issue(other, PAGE), REQUEST)).toEqual({ kind: 'failed' });
  const old = simulator.issue(vendor, PAGE);
  await clock.advance(300_000);
  expect(await prover.check(old, REQUEST)).toEqual({ kind: 'failed' });
  expect(entries).toEqual([]);
});

test.each(VENDORS)('%s: a token of another page is refused; port and spelling of the host are not looked at', async (vendor) => {
  const { simulator, prover } = setUp(vendor, { hostnames: ['relay.example', 'xn--bcher-kva.example'] });
  const from = (host: string) => prover.check(simulator.issue(vendor, { ...PAGE, host }), REQUEST);
  for (const host of ['evil.example', 'relay.example.evil.example', 'evil.example:443', 'not a host'])
    expect(await from(host)).toEqual({ kind: 'failed' });
  for (const host of ['relay.example:8443', 'RELAY.example', 'bücher.example']) expect(await from(host)).toMatchObject({ kind: 'proved' });
});

test.each(VENDORS)('%s: no host is named, any page that the vendor lets through counts', async (vendor) => {
  const { simulator, prover } = setUp(vendor, { hostnames: [] });
  expect(await prover.check(simulator.issue(vendor, { ...PAGE, host: 'preview.example' }), REQUEST)).toMatchObject({ kind: 'proved' });
});

test('turnstile: a token that was made for another purpose is refused', async () => {
  const { simulator, prover } = setUp('turnstile');
  for (const action of ['', 'login', 'Callback']) {
    expect(await prover.check(simulator.issue('turnstile', { ...PAGE, action }), REQUEST)).toEqual({ kind: 'failed' });
  }
});

test('turnstile: a token that was made for another site is refused', async () => {
  const { simulator, prover } = setUp('turnstile');
  for (const data of ['', 'shop2', 'default']) {
    expect(await prover.check(simulator.issue('turnstile', { ...PAGE, data }), REQUEST)).toEqual({ kind: 'failed' });
  }
});

test.each(VENDORS)('%s: a token as long as they come', async (vendor) => {
  const { simulator, prover } = setUp(vendor);
  simulator.misbehave(vendor, { kind: 'answer', status: 200, body: YES });
  expect(await prover.check('x'.repeat(4_096), REQUEST)).toMatchObject({ kind: 'proved' });
});

test('turnstile: without host, action or site in the answer nothing is bound, so it fails', async () => {
  const { simulator, prover } = setUp('turnstile');
  simulator.misbehave('turnstile', { kind: 'answer', status: 200, body: '{"success":true,"action":"callback","cdata":"shop"}' });
  expect(await prover.check('token', REQUEST)).toEqual({ kind: 'failed' });
  simulator.misbehave('turnstile', { kind: 'answer', status: 200, body: '{"success":true,"hostname":"relay.example","cdata":"shop"}' });
  expect(await prover.check('token', REQUEST)).toEqual({ kind: 'failed' });
  const withoutSite = '{"success":true,"hostname":"relay.example","action":"callback"}';
  simulator.misbehave('turnstile', { kind: 'answer', status: 200, body: withoutSite });
  expect(await prover.check('token', REQUEST)).toEqual({ kind: 'failed' });
});

test('turnstile: asked again about one token it repeats itself under the same nonce, so that the store can let one call pass', async () => {
  const { simulator, prover } = setUp('turnstile');
  const token = simulator.issue('turnstile', PAGE);
  const checks = await Promise.all(Array.from({ length: 20 }, () => prover.check(token, REQUEST)));
  expect(new Set(checks.map((check) => check.kind === 'proved' && check.nonce)).size).toBe(1);
  expect(checks[0]).toMatchObject({ kind: 'proved' });
});

test.each(VENDORS)('%s: 20 parallel checks of one token are one question and one proof', async (vendor) => {
  const { simulator, prover } = setUp(vendor);
  const token = simulator.issue(vendor, PAGE);
  const checks = await Promise.all(Array.from({ length: 20 }, () => prover.check(token, REQUEST)));
  expect(simulator.questions).toHaveLength(1);
  // All name the same proof, which the store spends once.
  expect(new Set(checks.map((check) => check.kind === 'proved' && check.nonce)).size).toBe(1);
  expect(checks[0]).toMatchObject({ kind: 'proved', nonce: expect.any(String) });
});

test.each(['hcaptcha', 'smartcaptcha'] as const)(
  '%s: a token that was asked about before fails, also at once with others',
  async (vendor) => {
    const { simulator, prover } = setUp(vendor);
    const token = simulator.issue(vendor, PAGE);
    await prover.check(token, REQUEST);
    const other = simulator.issue(vendor, PAGE);
    const [again, fresh] = await Promise.all([prover.check(token, REQUEST), prover.check(other, REQUEST)]);
    expect(again).toEqual({ kind: 'failed' });
    expect(fresh).toMatchObject({ kind: 'proved' });
  },
);

test('hcaptcha: an account that keeps hostnames to itself is bound by the site key', async () => {
  const { simulator, prover } = setUp('hcaptcha');
  simulator.misbehave('hcaptcha', { kind: 'answer', status: 200, body: '{"success":true,"hostname":"not-provided"}' });
  expect(await prover.check('token', REQUEST)).toMatchObject({ kind: 'proved' });
  expect(simulator.questions[0]?.fields.sitekey).toBe('site-key');
  const stranger = setUp('hcaptcha', { siteKey: 'another' });
  expect(await stranger.prover.check(stranger.simulator.issue('hcaptcha', PAGE), REQUEST)).toEqual({ kind: 'failed' });
});

test('smartcaptcha: waved through without a host is no verdict', async () => {
  const { simulator, prover } = setUp('smartcaptcha');
  simulator.misbehave('smartcaptcha', { kind: 'answer', status: 200, body: '{"status":"ok","message":"","host":""}' });
  expect(await prover.check('token', REQUEST)).toEqual({ kind: 'unknown' });
});

test.each(VENDORS)('%s: a wrong secret leaves the verdict open and tells the operator without telling the secret', async (vendor) => {
  const { simulator, prover, entries } = setUp(vendor, { secret: 'wrong-canary' });
  expect(await prover.check(simulator.issue(vendor, PAGE), REQUEST)).toEqual({ kind: 'unknown' });
  expect(entries).toMatchObject([{ level: 'error', event: 'proof.no_verdict', site: 'shop', vendor, fault: 'secret_refused' }]);
  expect(JSON.stringify(entries)).not.toMatch(/canary|203\.0\.113/);
});

const YES = '{"success":true,"hostname":"relay.example","action":"callback","cdata":"shop","status":"ok","host":"relay.example"}';
const TROUBLE: [string, SiteverifyMisbehaviour][] = [
  ['500', { kind: 'answer', status: 500, body: YES }],
  ['429', { kind: 'answer', status: 429, body: '{"success":false,"status":"failed"}' }],
  ['403 that says yes', { kind: 'answer', status: 403, body: YES }],
  ['201', { kind: 'answer', status: 201, body: YES }],
  ['redirect', { kind: 'answer', status: 307, body: YES, headers: { Location: 'https://evil.example/' } }],
  ['page', { kind: 'answer', status: 200, body: '<html>' }],
  ['empty', { kind: 'answer', status: 200, body: '' }],
  ['array', { kind: 'answer', status: 200, body: `[${YES}]` }],
  ['null', { kind: 'answer', status: 200, body: 'null' }],
  ['prototype', { kind: 'answer', status: 200, body: `{"__proto__":${YES}}` }],
  ['yes as a word', { kind: 'answer', status: 200, body: '{"success":"true","status":"OK"}' }],
  ['internal error', { kind: 'answer', status: 200, body: '{"success":false,"error-codes":["internal-error"]}' }],
  ['flood', { kind: 'flood', bytes: 20_000 }],
];

test.each(VENDORS.flatMap((vendor) => TROUBLE.map(([name, behaviour]) => [vendor, name, behaviour] as const)))(
  '%s: %s is no verdict',
  async (vendor, _name, behaviour) => {
    const { simulator, prover, entries } = setUp(vendor);
    simulator.misbehave(vendor, behaviour);
    expect(await prover.check(simulator.issue(vendor, PAGE), REQUEST)).toEqual({ kind: 'unknown' });
    expect(entries).toHaveLength(1);
  },
);

test.each([{ kind: 'hang' }, { kind: 'drip' }] as const)('turnstile: $kind ends after two seconds', async (behaviour) => {
  const { clock, simulator, prover } = setUp('turnstile');
  simulator.misbehave('turnstile', behaviour);
  const check = prover.check(simulator.issue('turnstile', PAGE), REQUEST);
  let ended = false;
  check.finally(() => {
    ended = true;
  });
  await clock.advance(1_999);
  expect(ended).toBe(false);
  await clock.advance(1);
  expect(await check).toEqual({ kind: 'unknown' });
  expect(clock.nextTimerAt()).toBeUndefined();
});

test('a connection that breaks is no verdict, and its error stays inside', async () => {
  const { prover, entries, clock } = setUp('hcaptcha', {
    fetch: async () => {
      throw new TypeError(`fetch failed with ${SECRET}`);
    },
  });
  expect(await prover.check('token', REQUEST)).toEqual({ kind: 'unknown' });
  expect(JSON.stringify(entries)).not.toContain(SECRET);
  expect(clock.nextTimerAt()).toBeUndefined();
});

test('nothing that cannot be a token is sent to anybody', async () => {
  const { simulator, prover } = setUp('turnstile');
  for (const text of ['', ' ', 'a b', 'a\nb', 'é', 'x'.repeat(4_097)])
    expect(await prover.check(text, REQUEST)).toEqual({ kind: 'failed' });
  expect(simulator.questions).toEqual([]);
});
