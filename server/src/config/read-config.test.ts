import { expect, test } from 'vitest';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import type { Config } from './config.ts';
import { readConfig } from './read-config.ts';

const WEBHOOK_URL = 'https://acme.bitrix24.com/rest/1/c4n4rys3cr3t/';
const PORTAL = {
  BITRIX24_WEBHOOK_URL: WEBHOOK_URL,
  BITRIX24_LINE: 'reg1332',
  RINGBACK_ORIGINS: 'https://www.example.com',
  RINGBACK_COUNTRY: 'DE',
};
const SECRET = 'q8S3v0mZk2b7xN4pLr9tYc1wEa5hUd6fGj0oIi8KsMQ=';

function read(env: Record<string, string | undefined>) {
  const reading = readConfig({
    env,
    readFile: () => {
      throw new Error('No file was named.');
    },
  });
  if (!reading.ok) throw new Error(reading.faults.map(({ setting, message }) => `${setting}: ${message}`).join('\n'));
  return reading.config;
}

function webhookOf({ providers }: Config, name: string) {
  const account = providers.get(name);
  return account?.type === 'bitrix24' ? account : undefined;
}

/** Setting → what is said about it. */
function faultsOf(env: Record<string, string | undefined>) {
  const reading = readConfig({ env, readFile: () => '{}' });
  return reading.ok ? [] : reading.faults.map(({ setting, message }) => [setting, message] as const);
}

test('with nothing set, there is a demo on this machine alone', () => {
  const config = read({ PATH: '/bin', RINGBACK_ORIGINS: '', RINGBACK_CONFIG: ' ' });
  expect(config).toMatchObject({
    demo: true,
    host: '127.0.0.1',
    port: 8787,
    store: { kind: 'sqlite', path: './data/ringback.db' },
    secret: undefined,
    trustProxy: undefined,
  });
  expect(config.providers.size).toBe(0);
  expect(config.sites.get('default')).toMatchObject({
    key: 'default',
    name: 'Oak & Ash',
    origins: [],
    country: 'DE',
    provider: 'bitrix24',
    line: 'reg1332',
    announcement: 'You have a callback request from the website. Connecting you now.',
  });
  expect(config.sites.get('default')?.countries).toEqual(expect.arrayContaining(['DE', 'US', 'RU']));
});

test('a demo takes settings of its site', () => {
  const config = read({ RINGBACK_ORIGINS: 'http://localhost:3000', RINGBACK_COUNTRY: 'FR', RINGBACK_NAME: 'Chêne' });
  expect(config.demo).toBe(true);
  expect(config.sites.get('default')).toMatchObject({ origins: ['http://localhost:3000'], country: 'FR', name: 'Chêne' });
});

test('the usual variables make a relay for one site', () => {
  const config = read(PORTAL);
  expect(config).toMatchObject({ demo: false, host: '0.0.0.0', port: 8787 });
  const announcement = 'You have a callback request from the website. Connecting you now.';
  expect([...config.sites]).toEqual([
    [
      'default',
      exampleSite({
        origins: ['https://www.example.com'],
        announcement,
        timeZone: 'UTC',
        channels: ['bitrix24'],
        calleeHours: { from: '08:00', until: '21:00' },
      }),
    ],
  ]);
  expect(config).toMatchObject({ budget: { perDay: 1_000, timeZone: 'UTC' }, deniedPrefixes: [], paused: false, previousSecrets: [] });
  expect(config.providers.get('bitrix24')).toMatchObject({ type: 'bitrix24', eventToken: undefined });
  expect(webhookOf(config, 'bitrix24')?.webhookUrl.reveal()).toBe(WEBHOOK_URL);
});

test('every variable has its place', () => {
  const config = read({
    ...PORTAL,
    BITRIX24_VOICE: 'ukenglishfemale',
    BITRIX24_EVENT_TOKEN: '0123456789abcdef0123456789abcdef',
    RINGBACK_ANNOUNCEMENT: 'Callback from {name}.',
    RINGBACK_ORIGINS: ' https://a.example , https://b.example:8443,https://a.example,',
    RINGBACK_COUNTRIES: 'DE,AT , CH,AT',
    RINGBACK_NAME: 'Oak & Ash',
    RINGBACK_PHONE: '+4930123456',
    RINGBACK_PROMISE_SECONDS: '30',
    RINGBACK_STORE: 'sqlite:/var/lib/ringback.db',
    RINGBACK_SECRET: `${SECRET}\n`,
    RINGBACK_TRUST_PROXY: '10.0.0.0/8, 2001:db8::1',
    RINGBACK_TIME_ZONE: 'Europe/Berlin',
    RINGBACK_BUDGET_PER_CALL: '50',
    RINGBACK_BUDGET_PER_DAY: '2000',
    RINGBACK_CURRENCY: 'EUR',
    RINGBACK_PROOF: 'always',
    RINGBACK_BLOCKED: '+4930123, +491511234567,+4930123',
    RINGBACK_OWN_NUMBERS: '+4930123457',
    RINGBACK_PAUSED: '1',
    RINGBACK_RETENTION_DAYS: '0',
    RINGBACK_PREVIOUS_SECRETS: `${SECRET.toLowerCase()}, ${SECRET.toUpperCase()}`,
    RINGBACK_SPEAK_NAME: 'true',
    HOST: '::1',
    PORT: '0',
  });
  expect(config).toMatchObject({
    host: '::1',
    port: 0,
    store: { kind: 'sqlite', path: '/var/lib/ringback.db' },
    trustProxy: { kind: 'ranges', ranges: ['10.0.0.0/8', '2001:db8::1'] },
  });
  expect(config.secret?.reveal()).toBe(SECRET);
  expect(webhookOf(config, 'bitrix24')?.eventToken?.reveal()).toBe('0123456789abcdef0123456789abcdef');
  expect(config.sites.get('default')).toMatchObject({
    voice: 'ukenglishfemale',
    announcement: 'Callback from {name}.',
    origins: ['https://a.example', 'https://b.example:8443'],
    countries: ['DE', 'AT', 'CH'],
    name: 'Oak & Ash',
    phone: '+4930123456',
    promiseSeconds: 30,
    timeZone: 'Europe/Berlin',
    budget: { perCall: 50, perDay: 2_000, currency: 'EUR' },
    proof: { mode: 'always', prover: { kind: 'pow' } },
    blocked: ['+4930123', '+491511234567'],
    ownNumbers: ['+4930123457'],
    retentionMs: 0,
    speakName: true,
  });
  expect(config).toMatchObject({ paused: true, budget: { perDay: 50_000, timeZone: 'Europe/Berlin' } });
  expect(config.previousSecrets.map((secret) => secret.reveal())).toEqual([SECRET.toLowerCase(), SECRET.toUpperCase()]);
});

test('proxies can be counted', () => {
  expect(read({ RINGBACK_TRUST_PROXY: '2' }).trustProxy).toEqual({ kind: 'hops', hops: 2 });
});

test('one word stands for the networks of Cloudflare', () => {
  expect(read({ RINGBACK_TRUST_PROXY: 'cloudflare' }).trustProxy).toEqual({ kind: 'cloudflare' });
});

test('the limits are the usual ones', () => {
  expect(read({}).limits).toEqual(USUAL_LIMITS);
});

test.each([
  ['BITRIX24_WEBHOOK_URL', 'http://acme.bitrix24.com/rest/1/c4n4rys3cr3t/', 'https://'],
  ['BITRIX24_WEBHOOK_URL', 'https://acme.bitrix24.com/', '/rest/'],
  ['BITRIX24_LINE', 'reg 1332', 'Must be an id'],
  ['BITRIX24_VOICE', '../voice', 'Must be an id'],
  ['BITRIX24_EVENT_TOKEN', 'short', 'application token'],
  ['RINGBACK_ANNOUNCEMENT', '<audio src="x"/>', '"<"'],
  ['RINGBACK_ORIGINS', 'https://www.example.com/shop', 'Leave out what stands behind the host'],
  ['RINGBACK_ORIGINS', 'https://a.example,https://*.b.example', 'Entry 2: Wildcards'],
  ['RINGBACK_ORIGINS', ' , ', 'at least one origin'],
  ['RINGBACK_COUNTRY', 'uk', 'write GB'],
  ['RINGBACK_COUNTRIES', 'DE,Austria', 'Entry 2: Must be a two-letter country code'],
  ['RINGBACK_COUNTRIES', 'AT,CH', 'Must contain the country'],
  ['RINGBACK_COUNTRIES', ',', 'at least one country'],
  ['RINGBACK_NAME', 'x'.repeat(81), 'at most 80'],
  ['RINGBACK_PHONE', '030 123456', 'international form'],
  ['RINGBACK_PROMISE_SECONDS', 'soon', 'from 1 to 600'],
  ['RINGBACK_PROMISE_SECONDS', '0', 'from 1 to 600'],
  ['RINGBACK_PROMISE_SECONDS', '1.5', 'from 1 to 600'],
  ['RINGBACK_STORE', 'postgres://relay:word@db/ringback', 'one kind of store'],
  ['RINGBACK_ANNOUNCEMENT', 'Call $cv(PHONE)', '"$cv("'],
  ['RINGBACK_ANNOUNCEMENT', 'Call @{PHONE}', '"{"'],
  ['RINGBACK_SPEAK_NAME', 'true', 'Write {name} into the announcement'],
  ['RINGBACK_SPEAK_NAME', 'yes', 'true or false'],
  ['RINGBACK_PAUSED', 'on', 'true or false'],
  ['RINGBACK_TIME_ZONE', 'Mars/Olympus', 'Europe/Berlin'],
  ['RINGBACK_TIME_ZONE', '+01:00', 'Europe/Berlin'],
  ['RINGBACK_BUDGET_PER_CALL', '0', 'from 1 to'],
  ['RINGBACK_BUDGET_PER_DAY', '1.5', 'from 1 to'],
  ['RINGBACK_BUDGET_PER_DAY', '101', '"acceptHigherCost": true'],
  ['RINGBACK_PROOF', 'none', 'off, adaptive, always'],
  ['RINGBACK_BLOCKED', '+49,030', 'Entry 2: Must begin with +'],
  ['RINGBACK_OWN_NUMBERS', '030 1', 'Entry 1: Must be a telephone number'],
  ['RINGBACK_RETENTION_DAYS', '-1', 'from 0 to'],
  ['RINGBACK_PREVIOUS_SECRETS', `${SECRET},changeme`, 'Entry 2: Must hold at least 32'],
  ['RINGBACK_SECRET', 'changeme', 'openssl rand -base64 32'],
  ['RINGBACK_TRUST_PROXY', '0', 'from 1 to 10'],
  ['RINGBACK_TRUST_PROXY', '11', 'from 1 to 10'],
  ['RINGBACK_TRUST_PROXY', '10.0.0.0/8,true', 'Entry 2: Must be an address or a network'],
  ['RINGBACK_TRUST_PROXY', ',', 'the number of proxies'],
  ['HOST', 'http://localhost', 'without scheme'],
  ['PORT', '65536', 'from 0 to 65535'],
  ['PORT', '-1', 'from 0 to 65535'],
  ['PORT', '8e3', 'from 0 to 65535'],
  ['PORT', 'http', 'from 0 to 65535'],
  ['RINGBACK_LINE', 'reg1332', 'There is no such setting'],
  ['RINGBACK_LIMITS', '{}', 'There is no such setting'],
  ['RINGBACK_COUNTRYS', 'DE', 'Did you mean RINGBACK_COUNTRY?'],
])('%s=%j is one fault: %s', (name, value, said) => {
  expect(faultsOf({ ...PORTAL, [name]: value })).toEqual([[name, expect.stringContaining(said)]]);
});

test('a portal and a line are enough to try it out', () => {
  const { BITRIX24_WEBHOOK_URL, BITRIX24_LINE } = PORTAL;
  const config = read({ BITRIX24_WEBHOOK_URL, BITRIX24_LINE });
  expect(config).toMatchObject({ demo: false, ownPage: true });
  expect(config.sites.get('default')).toMatchObject({ origins: [], country: 'US', countries: ['US'] });
  expect(read(PORTAL).ownPage).toBe(false);
});

test.each([
  ['https://acme.bitrix24.de/rest/1/c4n4rys3cr3t/', 'DE'],
  ['https://acme.bitrix24.ru/rest/1/c4n4rys3cr3t/', 'RU'],
  ['https://acme.bitrix24.co.uk/rest/1/c4n4rys3cr3t/', 'GB'],
  ['https://acme.bitrix24.com/rest/1/c4n4rys3cr3t/', 'US'],
  ['https://acme.bitrix24.eu/rest/1/c4n4rys3cr3t/', 'US'],
])('without a country, %s calls numbers of %s', (url, country) => {
  const config = read({ ...PORTAL, BITRIX24_WEBHOOK_URL: url, RINGBACK_COUNTRY: undefined });
  expect(config.sites.get('default')?.country).toBe(country);
  expect(read({ ...PORTAL, RINGBACK_COUNTRY: undefined, RINGBACK_COUNTRIES: 'AT,DE' }).sites.get('default')?.country).toBe('AT');
});

test.each(['BITRIX24_WEBHOOK_URL', 'BITRIX24_LINE'])('a real portal needs %s', (name) => {
  expect(faultsOf({ ...PORTAL, [name]: '  ' })).toEqual([[name, expect.stringMatching(/^Missing\. /)]]);
});

test.each(['BITRIX24_WEBHOOK_URL', 'BITRIX24_LINE', 'BITRIX24_VOICE', 'BITRIX24_EVENT_TOKEN'])('%s alone is no demo', (name) => {
  const values = { ...PORTAL, BITRIX24_VOICE: 'ukenglishfemale', BITRIX24_EVENT_TOKEN: '0123456789abcdef' };
  const missing = ['BITRIX24_WEBHOOK_URL', 'BITRIX24_LINE'].filter((required) => required !== name);
  expect(faultsOf({ [name]: new Map(Object.entries(values)).get(name) }).map(([setting]) => setting)).toEqual(missing);
});

test('a currency asks for the price of a call', () => {
  const faults = faultsOf({ ...PORTAL, RINGBACK_CURRENCY: 'EUR' });
  expect(faults).toEqual([['RINGBACK_BUDGET_PER_CALL', expect.stringContaining('one call may cost')]]);
  expect(faultsOf({ ...PORTAL, RINGBACK_CURRENCY: 'euro', RINGBACK_BUDGET_PER_CALL: '50' })).toEqual([
    ['RINGBACK_CURRENCY', expect.stringContaining('ISO 4217')],
  ]);
});

test('a name is spoken only where both say so', () => {
  const faults = faultsOf({ ...PORTAL, RINGBACK_ANNOUNCEMENT: 'Call {name}' });
  expect(faults).toEqual([['RINGBACK_SPEAK_NAME', expect.stringContaining('take {name} out')]]);
});

test('a budget must be enough for one call', () => {
  const faults = faultsOf({ ...PORTAL, RINGBACK_BUDGET_PER_CALL: '50', RINGBACK_BUDGET_PER_DAY: '49' });
  expect(faults).toEqual([['RINGBACK_BUDGET_PER_DAY', expect.stringContaining('enough for one call')]]);
});

test('what is missing comes with an example', () => {
  expect(faultsOf({ ...PORTAL, BITRIX24_LINE: undefined })).toEqual([
    ['BITRIX24_LINE', expect.stringMatching(/For example: BITRIX24_LINE=reg1332$/)],
  ]);
});

test('all faults are told at once', () => {
  const settings = faultsOf({
    BITRIX24_LINE: 'reg 1332',
    RINGBACK_ORIGINS: 'www.example.com',
    RINGBACK_COUNTRY: 'Germany',
    RINGBACK_COUNTRIES: 'DE,xx',
    RINGBACK_PHONE: '112',
    RINGBACK_ORGINS: 'x',
    RINGBACK_STORE: 'mysql:x',
    RINGBACK_SECRET: 'x',
    RINGBACK_TRUST_PROXY: 'all',
    PORT: 'eighty',
  }).map(([setting]) => setting);
  expect(settings.toSorted()).toEqual([
    'BITRIX24_LINE',
    'BITRIX24_WEBHOOK_URL',
    'PORT',
    'RINGBACK_COUNTRIES',
    'RINGBACK_COUNTRY',
    'RINGBACK_ORGINS',
    'RINGBACK_ORIGINS',
    'RINGBACK_PHONE',
    'RINGBACK_SECRET',
    'RINGBACK_STORE',
    'RINGBACK_TRUST_PROXY',
  ]);
});
