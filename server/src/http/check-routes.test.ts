/** The page of a hosted check from outside: for whom it is, and what its headers keep out. What it does, browsers show. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SiteverifyVendorName } from '../admission/proof-vendors.ts';
import type { SiteConfig } from '../config/config.ts';
import { Secret } from '../config/secret.ts';
import { type Relay, type RelayOptions, relay } from '../relay.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { fakeClock } from '../simulators/fake-clock.ts';
import { sqliteStore } from '../store/sqlite-store.ts';

const ORIGIN = 'https://shop.example';
const VENDORS = ['turnstile', 'hcaptcha', 'smartcaptcha'] as const;

let running: Relay;

function hosted(key: string, vendor: SiteverifyVendorName, mode: SiteConfig['proof']['mode'], origins: string[]): SiteConfig {
  const prover = { kind: 'siteverify', vendor, siteKey: `key-of-${vendor}`, secret: new Secret('canary-s3cret') } as const;
  return exampleSite({ key, origins, proof: { mode, prover } });
}

const SITES = [
  ...VENDORS.map((vendor) => hosted(vendor, vendor, 'adaptive', [ORIGIN, 'https://www.shop.example:8443'])),
  hosted('other', 'turnstile', 'always', ['https://other.example']),
  hosted('off', 'turnstile', 'off', [ORIGIN]),
  hosted('nowhere', 'turnstile', 'always', []),
  exampleSite({ key: 'pow', origins: [ORIGIN], proof: { mode: 'always', prover: { kind: 'pow' } } }),
];

function start(over: Partial<RelayOptions['config']> = {}): void {
  const clock = fakeClock();
  running = relay({
    config: {
      demo: false,
      ownPage: false,
      sites: new Map(SITES.map((site) => [site.key, site])),
      limits: USUAL_LIMITS,
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

beforeEach(() => start());
afterEach(() => running.close());

function open(site: string, origin: string | undefined = ORIGIN) {
  const query = origin === undefined ? '' : `?origin=${encodeURIComponent(origin)}`;
  return Promise.resolve(running.fetch(new Request(`https://relay.example/check/${site}${query}`), { address: '203.0.113.7' }));
}

function directives(response: Response): ReadonlyMap<string, string> {
  const policy = response.headers.get('content-security-policy') ?? '';
  return new Map(policy.split('; ').map((directive) => [directive.replace(/ .*/, ''), directive.replace(/^\S+ /, '')]));
}

test.each(VENDORS)('%s: one script of ours by its hash, the hosts of the vendor, and frames of the site alone', async (vendor) => {
  const response = await open(vendor);
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('referrer-policy')).toBe('strict-origin');
  const page = await response.text();
  const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, script = '']) => script);
  expect(scripts).toHaveLength(1);
  const hash = createHash('sha256')
    .update(scripts[0] ?? '')
    .digest('base64');
  const policy = directives(response);
  expect(policy.get('default-src')).toBe("'none'");
  expect(policy.get('base-uri')).toBe("'none'");
  expect(policy.get('form-action')).toBe("'none'");
  expect(policy.get('frame-ancestors')).toBe('https://shop.example https://www.shop.example:8443');
  const sources = policy.get('script-src')?.split(' ') ?? [];
  expect(sources[0]).toBe(`'sha256-${hash}'`);
  // Nothing wider than hosts over TLS: no 'unsafe-…', no scheme, no star alone.
  for (const source of sources.slice(1)) expect(source).toMatch(/^https:\/\/(\*\.)?[a-z.]+$/);
  expect(page).toContain(`data-site-key="key-of-${vendor}"`);
  expect(page).toContain(`data-origin="${ORIGIN}"`);
  expect(page).not.toContain('canary');
});

test.each<[string, string, string | undefined, number, string]>([
  ['an origin of nobody', 'turnstile', 'https://evil.example', 403, 'origin_not_allowed'],
  ["another site's origin", 'turnstile', 'https://other.example', 403, 'origin_not_allowed'],
  ['an origin with more behind it', 'turnstile', `${ORIGIN}/`, 403, 'origin_not_allowed'],
  ['an origin that is a host of the site under another scheme', 'turnstile', 'http://shop.example', 403, 'origin_not_allowed'],
  ['an opaque origin', 'turnstile', 'null', 403, 'origin_not_allowed'],
  ['any origin at all', 'turnstile', '*', 403, 'origin_not_allowed'],
  ['markup', 'turnstile', `${ORIGIN}"><script>`, 403, 'origin_not_allowed'],
  ['no origin', 'turnstile', '', 403, 'origin_not_allowed'],
  ["the relay's own origin", 'turnstile', 'https://relay.example', 403, 'origin_not_allowed'],
  ['a site that nobody knows', 'nobody', ORIGIN, 404, 'unknown_site'],
  ['a site without a hosted check', 'pow', ORIGIN, 400, 'invalid_request'],
  ['a site that never asks', 'off', ORIGIN, 400, 'invalid_request'],
])('%s gets no page', async (_name, site, origin, status, code) => {
  const response = await open(site, origin);
  expect(response.status).toBe(status);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.json()).toMatchObject({ code });
});

test('a page of the relay itself may frame it where it may ask for calls', async () => {
  await running.close();
  start({ ownPage: true });
  const response = await open('nowhere', 'https://relay.example');
  expect(response.status).toBe(200);
  expect(directives(response).get('frame-ancestors')).toBe("'self'");
});

test('the outer shield counts it', async () => {
  await running.close();
  start({ limits: { ...USUAL_LIMITS, shield: [{ max: 1, perMs: 60_000 }] } });
  await open('turnstile', 'https://evil.example');
  const refused = await open('turnstile');
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('60');
});
