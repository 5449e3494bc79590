/** The settings that decide who may ask for calls, and what they may cost. */
import { expect, test } from 'vitest';
import { USUAL_LIMITS } from '../simulators/example-site.ts';
import { limitSettings } from './limit-settings.ts';
import { readConfig } from './read-config.ts';

const ENV = { RINGBACK_CONFIG: 'ringback.json', SHOP_WEBHOOK_URL: 'https://acme.bitrix24.com/rest/1/c4n4rys3cr3t/' };
const PROVIDERS = { main: { type: 'bitrix24', webhookUrl: { $env: 'SHOP_WEBHOOK_URL' } } };
const SITE = { provider: 'main', line: 'reg1332', origins: ['https://www.example.com'], country: 'DE' };
const FILE = { providers: PROVIDERS, sites: { shop: SITE } };

function read(file: unknown, env: Record<string, string> = {}) {
  const text = typeof file === 'string' ? file : JSON.stringify(file);
  return readConfig({ env: { ...ENV, ...env }, readFile: (path) => (path === 'ringback.json' ? text : '') });
}

function configOf(file: unknown, env: Record<string, string> = {}) {
  const reading = read(file, env);
  if (!reading.ok) throw new Error(reading.faults.map(({ setting, message }) => `${setting}: ${message}`).join('\n'));
  return reading.config;
}

function faultsOf(file: unknown, env: Record<string, string> = {}) {
  const reading = read(file, env);
  return reading.ok ? [] : reading.faults.map(({ setting, message }) => [setting, message] as const);
}

test('limits are tightened freely and loosened only on purpose', () => {
  const tight = {
    numberPer15Minutes: 1,
    numberPer6Hours: 1,
    numberPer24Hours: 1,
    numberCooldownSeconds: 600,
    sourcePerHour: 1,
    sourcePer24Hours: 2,
  };
  expect(configOf({ limits: tight }).limits).toMatchObject({
    number: [{ max: 1 }, { max: 1 }, { max: 1 }],
    numberCooldownMs: 600_000,
    source: [{ max: 1 }, { max: 2 }],
  });

  const loose = {
    numberPer15Minutes: 3,
    numberPer6Hours: 4,
    numberPer24Hours: 6,
    numberCooldownSeconds: 59,
    sourcePerHour: 11,
    sourcePer24Hours: 21,
  };
  expect(faultsOf({ limits: loose })).toEqual(
    Object.keys(loose).map((key) => [`limits.${key}`, expect.stringMatching(/at (?:most|least) \d+, or add "acceptHigherCost": true/)]),
  );
  expect(configOf({ limits: { ...loose, acceptHigherCost: true } }).limits).toMatchObject({
    number: [{ max: 3 }, { max: 4 }, { max: 6 }],
    numberCooldownMs: 59_000,
    source: [{ max: 11 }, { max: 21 }],
  });
});

test('every limit can be tightened to one, and none be loosened by accident', () => {
  const keys = Object.keys(limitSettings.shape).filter((key) => key !== 'acceptHigherCost' && key !== 'numberCooldownSeconds');
  expect(configOf({ limits: Object.fromEntries(keys.map((key) => [key, 1])) }).limits).toEqual({
    ...Object.fromEntries(
      Object.entries(USUAL_LIMITS).map(([name, windows]) => [
        name,
        Array.isArray(windows) ? windows.map((window) => ({ ...window, max: 1 })) : windows,
      ]),
    ),
    destinations: { calls: 1, percent: 1 },
  });
  const faults = faultsOf({ limits: Object.fromEntries(keys.map((key) => [key, key === 'destinationPercent' ? 99 : 10_000])) });
  expect(faults.map(([setting]) => setting)).toEqual(keys.map((key) => `limits.${key}`));
});

test('the share of numbers that begin alike is switched off on purpose only', () => {
  expect(faultsOf({ limits: { destinationPercent: 'off' } })).toMatchObject([['limits.destinationPercent', expect.any(String)]]);
  expect(configOf({ limits: { destinationPercent: 'off', acceptHigherCost: true } }).limits.destinations).toBeUndefined();
  expect(configOf({ limits: { destinationPercent: 25 } }).limits.destinations).toEqual({ calls: 10, percent: 25 });
  for (const wrong of ['on', 0, 1.5])
    expect(faultsOf({ limits: { destinationPercent: wrong } })).toMatchObject([['limits.destinationPercent', expect.any(String)]]);
});

test('a file says everything about admission', () => {
  const shop = {
    ...SITE,
    types: ['MOBILE', 'VOIP', 'MOBILE'],
    blocked: ['+4930'],
    ownNumbers: ['+4930123457'],
    timeZone: 'Europe/Berlin',
    paused: true,
    concurrency: 5,
    budgetPerCall: 20,
    budgetPerDay: 1_000,
    proof: 'always',
    siteverify: { vendor: 'turnstile', siteKey: '0x4AAA', secret: { $env: 'SHOP_CAPTCHA' }, hostname: 'relay.example.com' },
    retentionDays: 90,
  };
  const file = {
    ...FILE,
    sites: { shop, other: SITE },
    timeZone: 'Asia/Tokyo',
    budgetPerDay: 700,
    deniedPrefixes: ['+7940'],
    paused: true,
  };
  const config = configOf(file, { SHOP_CAPTCHA: '0x4AAAsecret' });
  expect(config).toMatchObject({ budget: { perDay: 700, timeZone: 'Asia/Tokyo' }, deniedPrefixes: ['7940'], paused: true });
  expect(config.sites.get('other')).toMatchObject({ timeZone: 'Asia/Tokyo', paused: false, concurrency: 2, retentionMs: 30 * 86_400_000 });
  const site = config.sites.get('shop');
  expect(site).toMatchObject({
    types: ['MOBILE', 'VOIP'],
    blocked: ['+4930'],
    ownNumbers: ['+4930123457'],
    timeZone: 'Europe/Berlin',
    paused: true,
    concurrency: 5,
    budget: { perCall: 20, perDay: 1_000 },
    proof: { mode: 'always', prover: { kind: 'siteverify', vendor: 'turnstile', siteKey: '0x4AAA', hostname: 'relay.example.com' } },
    retentionMs: 90 * 86_400_000,
  });
  expect(site?.proof.prover.kind === 'siteverify' && site.proof.prover.secret.reveal()).toBe('0x4AAAsecret');
});

test('budgets are bounded in calls, whatever their unit, and passed only on purpose', () => {
  const dear = { ...SITE, budgetPerCall: 50 };
  expect(configOf({ ...FILE, sites: { dear, cheap: SITE } })).toMatchObject({ budget: { perDay: 50_000 } });
  expect(configOf({ ...FILE, sites: { dear } }).sites.get('dear')?.budget).toEqual({ perCall: 50, perDay: 5_000 });

  const loose = { ...FILE, sites: { dear: { ...dear, budgetPerDay: 5_001 } }, budgetPerDay: 50_001 };
  expect(faultsOf(loose).map(([setting]) => setting)).toEqual(['budgetPerDay', 'sites.dear.budgetPerDay']);
  expect(configOf({ ...loose, limits: { acceptHigherCost: true } })).toMatchObject({ budget: { perDay: 50_001 } });
  // What one site may spend on purpose, the deployment does not take away in silence.
  const wide = { ...FILE, sites: { dear: { ...dear, budgetPerDay: 90_000 } }, limits: { acceptHigherCost: true } };
  expect(configOf(wide).budget.perDay).toBe(90_000);
});
