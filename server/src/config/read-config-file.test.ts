import { expect, test } from 'vitest';
import type { Config } from './config.ts';
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

function webhookOf({ providers }: Config, name: string) {
  const account = providers.get(name);
  return account?.type === 'bitrix24' ? account : undefined;
}

test('a file describes many sites', () => {
  const consent = { textId: 'privacy-3', text: 'I agree to be called back.' };
  const config = configOf({
    ...FILE,
    sites: {
      shop: SITE,
      'shop-fr': { ...SITE, country: 'FR', countries: ['FR', 'BE'], phone: '+33123456789', promiseSeconds: 20, consent },
    },
  });
  expect(config.demo).toBe(false);
  expect([...config.sites.keys()]).toEqual(['shop', 'shop-fr']);
  expect(config.sites.get('shop')).toMatchObject({ key: 'shop', countries: ['DE'], provider: 'main' });
  expect(config.sites.get('shop-fr')).toMatchObject({
    countries: ['FR', 'BE'],
    phone: '+33123456789',
    promiseSeconds: 20,
    consent: { ...consent, url: undefined },
  });
  expect(webhookOf(config, 'main')?.webhookUrl.reveal()).toBe(ENV.SHOP_WEBHOOK_URL);
});

test('sites that share a budget count in one currency', () => {
  const priced = (currency: string, country: string) => ({ ...SITE, country, currency, budgetPerCall: 50 });
  const sites = { shop: priced('EUR', 'DE'), moscow: priced('RUB', 'RU'), vienna: priced('EUR', 'AT'), calls: SITE };
  const message = expect.stringContaining('count in one currency');
  expect(faultsOf({ ...FILE, sites })).toEqual([
    ['sites.moscow.currency', message],
    ['sites.calls.currency', message],
  ]);
  expect(faultsOf({ ...FILE, sites: { calls: SITE, shop: priced('EUR', 'DE') } })).toEqual([['sites.shop.currency', message]]);
  expect(configOf({ ...FILE, sites: { shop: sites.shop, vienna: sites.vienna } }).sites.size).toBe(2);
  expect(configOf({ ...FILE, sites: { calls: SITE, more: { ...SITE, country: 'AT' } } }).sites.size).toBe(2);
});

test('a byte order mark does no harm', () => {
  expect(configOf(`\uFEFF${JSON.stringify(FILE)}`).sites.size).toBe(1);
});

test('variables that the file refers to are in use, whatever they are called', () => {
  const file = {
    ...FILE,
    secret: { $env: 'RINGBACK_PEPPER' },
    providers: { main: { type: 'bitrix24', webhookUrl: { $env: 'BITRIX24_WEBHOOK_URL' }, eventToken: { $env: 'BITRIX24_TOKEN_DE' } } },
  };
  const config = configOf(file, {
    RINGBACK_PEPPER: 'q8S3v0mZk2b7xN4pLr9tYc1wEa5hUd6fGj0oIi8KsMQ=',
    BITRIX24_WEBHOOK_URL: ENV.SHOP_WEBHOOK_URL,
    BITRIX24_TOKEN_DE: '0123456789abcdef',
  });
  expect(config.secret?.reveal()).toBe('q8S3v0mZk2b7xN4pLr9tYc1wEa5hUd6fGj0oIi8KsMQ=');
  expect(webhookOf(config, 'main')?.eventToken?.reveal()).toBe('0123456789abcdef');
});

test('for the relay itself, the environment goes before the file', () => {
  const file = { ...FILE, host: '10.0.0.7', port: 1, store: 'sqlite:a.db', trustProxy: 1 };
  expect(configOf(file)).toMatchObject({ host: '10.0.0.7', port: 1, store: { path: 'a.db' }, trustProxy: { hops: 1 } });
  const env = { HOST: '10.0.0.8', PORT: '2', RINGBACK_STORE: 'sqlite:b.db', RINGBACK_TRUST_PROXY: '192.0.2.1' };
  expect(configOf(file, env)).toMatchObject({ host: '10.0.0.8', port: 2, store: { path: 'b.db' }, trustProxy: { ranges: ['192.0.2.1'] } });
});

test('a fault goes by the name under which the setting was given', () => {
  expect(faultsOf({ ...FILE, port: 70_000 })).toEqual([['port', expect.any(String)]]);
  expect(faultsOf({ ...FILE, port: 80 }, { PORT: '70000' })).toEqual([['PORT', expect.any(String)]]);
});

test('a file of limits goes with a site in the environment, or with the demo', () => {
  const site = {
    BITRIX24_WEBHOOK_URL: ENV.SHOP_WEBHOOK_URL,
    BITRIX24_LINE: 'a',
    RINGBACK_ORIGINS: 'https://a.example',
    RINGBACK_COUNTRY: 'DE',
  };
  const file = { limits: { numberPer24Hours: 4 } };
  expect(configOf(file, site)).toMatchObject({ demo: false, limits: { number: [{ max: 2 }, { max: 3 }, { max: 4 }] } });
  expect(configOf(file)).toMatchObject({ demo: true, limits: { number: [{ max: 2 }, { max: 3 }, { max: 4 }] } });
});

const withSite = (change: object) => ({ ...FILE, sites: { shop: { ...SITE, ...change } } });
const withProvider = (change: object) => ({ ...FILE, providers: { main: { ...PROVIDERS.main, ...change } } });

test.each<[string, unknown, string, string]>([
  ['no JSON', '{ "port": 1,\n  "host": }', 'RINGBACK_CONFIG', 'not valid JSON'],
  ['an empty file', '', 'RINGBACK_CONFIG', 'not valid JSON'],
  ['a list', '[]', 'RINGBACK_CONFIG', 'one JSON object'],
  ['null', 'null', 'RINGBACK_CONFIG', 'one JSON object'],
  ['an unknown name', { ...FILE, prot: 1 }, 'prot', 'Did you mean "port"?'],
  ['an unknown name near to nothing', { ...FILE, database: 'x' }, 'database', 'There are: host, port,'],
  ['an unknown name in a site', withSite({ lines: 'a' }), 'sites.shop.lines', 'Did you mean "line"?'],
  ['an unknown name in a provider', withProvider({ webhookURLs: 'a' }), 'providers.main.webhookURLs', 'Did you mean "webhookUrl"?'],
  [
    'an unknown name in a consent',
    withSite({ consent: { textId: 'a', text: 'b', link: 'c' } }),
    'sites.shop.consent.link',
    'There are: textId',
  ],
  ['an unknown name in the limits', { ...FILE, limits: { perDay: 1 } }, 'limits.perDay', 'There are: numberPer15Minutes'],
  ['a prototype at the top', `{ "__proto__": {}, ${JSON.stringify(FILE).slice(1)}`, '__proto__', 'no such setting'],
  [
    'a prototype among the sites',
    `{ ${JSON.stringify(FILE).slice(1, -2)}, "__proto__": ${JSON.stringify(SITE)} } }`,
    'sites.__proto__',
    'small letters',
  ],
  ['a key in capitals', { ...FILE, sites: { Shop: SITE } }, 'sites.Shop', 'small letters'],
  ['a key that cannot be printed', { ...FILE, sites: { 'a\u001Bb': SITE } }, 'sites.(a name that cannot be shown)', 'small letters'],
  ['a number in quotes', { ...FILE, port: '8787' }, 'port', 'whole number from 0 to 65535'],
  ['a host that is a number', { ...FILE, host: 1 }, 'host', 'text in quotes'],
  ['a proxy without a list', { ...FILE, trustProxy: '10.0.0.0/8' }, 'trustProxy', 'a list of their addresses'],
  ['a site that is none', { ...FILE, sites: { shop: null } }, 'sites.shop', 'an object'],
  ['sites as a list', { ...FILE, sites: [SITE] }, 'sites', 'an object'],
  ['no sites', { ...FILE, sites: {} }, 'sites', 'at least one site'],
  ['sites left out', { providers: PROVIDERS }, 'sites', 'at least one site'],
  ['providers left out', { sites: FILE.sites }, 'providers', 'at least one provider'],
  ['no origins', withSite({ origins: [] }), 'sites.shop.origins', 'at least one origin'],
  ['origins without a list', withSite({ origins: 'https://www.example.com' }), 'sites.shop.origins', 'a list'],
  [
    'a wrong origin',
    withSite({ origins: ['https://a.example', 'https://b.example/'] }),
    'sites.shop.origins',
    'Entry 2: Must be the origin alone',
  ],
  ['a number among the countries', withSite({ countries: ['DE', 49] }), 'sites.shop.countries', 'Entry 2: Must be text in quotes.'],
  ['a country outside the countries', withSite({ countries: ['AT'] }), 'sites.shop.countries', 'Must contain the country'],
  ['no country', withSite({ country: undefined }), 'sites.shop.country', 'For example: "country": "DE"'],
  ['no line', withSite({ line: undefined }), 'sites.shop.line', 'For example: "line": "reg1332"'],
  ['no provider', withSite({ provider: undefined }), 'sites.shop.provider', 'Missing.'],
  ['an unknown provider', withSite({ provider: 'telephone' }), 'sites.shop.provider', 'Name one of those under "providers".'],
  ['a misspelt provider', withSite({ provider: 'mian' }), 'sites.shop.provider', 'Did you mean "main"?'],
  ['a provider called as objects are', withSite({ provider: 'constructor' }), 'sites.shop.provider', 'no such provider account'],
  ['consent without its version', withSite({ consent: { text: 'Yes' } }), 'sites.shop.consent.textId', 'Missing.'],
  ['consent to a script', withSite({ consent: { textId: 'a', text: 'b', url: 'javascript:1' } }), 'sites.shop.consent.url', 'https://'],
  ['an unknown kind of provider', withProvider({ type: 'asterisk' }), 'providers.main.type', 'bitrix24, bitrix24_app, telphin'],
  ['a provider of no kind', withProvider({ type: undefined }), 'providers.main.type', 'bitrix24, bitrix24_app, telphin'],
  ['a provider without address', withProvider({ webhookUrl: undefined }), 'providers.main.webhookUrl', 'Missing.'],
  [
    'a secret in the file',
    withProvider({ webhookUrl: 'https://acme.bitrix24.com/rest/1/c4n4rys3cr3t/' }),
    'providers.main.webhookUrl',
    '"$env"',
  ],
  [
    'a secret as the name of a variable',
    withProvider({ webhookUrl: { $env: 'c4n4rys3cr3t' } }),
    'providers.main.webhookUrl.$env',
    'in capitals',
  ],
  ['a reference to nothing', withProvider({ eventToken: {} }), 'providers.main.eventToken.$env', '"$env"'],
  [
    'a variable that is not set',
    withProvider({ webhookUrl: { $env: 'FR_WEBHOOK' } }),
    'providers.main.webhookUrl',
    'Set the environment variable FR_WEBHOOK.',
  ],
  [
    'a variable that holds the wrong thing',
    withProvider({ webhookUrl: { $env: 'RINGBACK_CONFIG' } }),
    'providers.main.webhookUrl',
    'https://',
  ],
  ['a secret where none belongs', withSite({ line: { $env: 'SHOP_LINE' } }), 'sites.shop.line', 'text in quotes'],
  ['a type that cannot be paid', withSite({ types: ['PREMIUM_RATE'] }), 'sites.shop.types', 'Entry 1: Must be one of: MOBILE'],
  ['no types', withSite({ types: [] }), 'sites.shop.types', 'at least one type'],
  [
    'a captcha of nobody',
    withSite({ siteverify: { vendor: 'x', siteKey: 'a', secret: { $env: 'SHOP_WEBHOOK_URL' } } }),
    'sites.shop.siteverify.vendor',
    'turnstile, hcaptcha',
  ],
  [
    'a captcha secret in the file',
    withSite({ siteverify: { vendor: 'hcaptcha', siteKey: 'a', secret: 'c4n4rys3cr3t' } }),
    'sites.shop.siteverify.secret',
    '"$env"',
  ],
  [
    'an unknown name in a captcha',
    withSite({ siteverify: { vendor: 'hcaptcha', sitekey: 'a', siteKey: 'a', secret: { $env: 'SHOP_WEBHOOK_URL' } } }),
    'sites.shop.siteverify.sitekey',
    'Did you mean "siteKey"?',
  ],
  ['a site in no zone', withSite({ timeZone: 'Berlin' }), 'sites.shop.timeZone', 'Europe/Berlin'],
  ['no seats', withSite({ concurrency: 0 }), 'sites.shop.concurrency', 'from 1 to 100'],
  ['a denied prefix without plus', { ...FILE, deniedPrefixes: ['7940'] }, 'deniedPrefixes', 'Entry 1: Must begin with +'],
  ['a pause that is a word', { ...FILE, paused: 'yes' }, 'paused', 'true or false'],
  ['previous secrets in the file', { ...FILE, previousSecrets: ['c4n4rys3cr3t'] }, 'previousSecrets', '"$env"'],
  ['a limit of nothing', { ...FILE, limits: { sourcePerHour: 0 } }, 'limits.sourcePerHour', 'from 1 to 10000'],
  ['a limit that is no whole number', { ...FILE, limits: { sourcePerHour: 1.5 } }, 'limits.sourcePerHour', 'from 1 to 10000'],
  ['a cost that is not plainly accepted', { ...FILE, limits: { acceptHigherCost: 'yes' } }, 'limits.acceptHigherCost', 'true or false'],
])('%s is one fault', (_, file, setting, said) => {
  expect(faultsOf(file)).toEqual([[setting, expect.stringContaining(said)]]);
});

test('the place of a mistake in the JSON is told', () => {
  expect(faultsOf('{ "port": 1,\n  "host": "a",, }')[0]?.[1]).toContain('at line 2, character 15.');
});

test.each([
  ['ENOENT', 'does not exist'],
  ['EACCES', 'may not be read'],
  ['EISDIR', 'is a folder'],
  ['EIO', 'cannot be read'],
])('a file that fails with %s %s', (code, said) => {
  const readFile = () => {
    throw Object.assign(new Error('/secret/path'), { code });
  };
  const reading = readConfig({ env: ENV, readFile });
  expect(reading.ok ? [] : reading.faults).toEqual([{ setting: 'RINGBACK_CONFIG', message: expect.stringContaining(said) }]);
});

test('beside an unreadable file, the faults that are certain are told too', () => {
  const settings = faultsOf('{', { PORT: 'x', BITRIX24_WEBHOOK_URL: 'x', RINGBACK_SHOP_SECRET: 'x' }).map(([setting]) => setting);
  expect(settings).toEqual(['RINGBACK_CONFIG', 'PORT']);
});

test('sites stand in the file or in the environment, not in both', () => {
  const faults = faultsOf(FILE, { BITRIX24_LINE: 'reg1', RINGBACK_COUNTRY: 'DE' });
  expect(faults.map(([setting]) => setting)).toEqual(['BITRIX24_LINE', 'RINGBACK_COUNTRY']);
  expect(faults[0]?.[1]).toContain('RINGBACK_CONFIG');
});

test('all faults of all sites are told at once', () => {
  const file = {
    port: -1,
    providers: { main: { type: 'x', webhookUrl: 'y' }, second: { ...PROVIDERS.main, extra: 1 } },
    sites: { shop: { ...SITE, line: '', country: 'XX' }, other: { ...SITE, provider: 'thrid', countries: ['FR'] } },
    limits: { sourcePerHour: 11 },
  };
  expect(
    faultsOf(file)
      .map(([setting]) => setting)
      .toSorted(),
  ).toEqual([
    'limits.sourcePerHour',
    'port',
    'providers.main.type',
    'providers.second.extra',
    'sites.other.countries',
    'sites.other.provider',
    'sites.shop.country',
    'sites.shop.line',
  ]);
});
