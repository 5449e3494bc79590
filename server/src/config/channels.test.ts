import { expect, test } from 'vitest';
import type { Environment } from './environment.ts';
import { readConfig } from './read-config.ts';

const PORTAL: Environment = {
  BITRIX24_WEBHOOK_URL: 'https://example.bitrix24.de/rest/1/k3yk3yk3y/',
  BITRIX24_LINE: 'reg1332',
  RINGBACK_ORIGINS: 'https://www.example.com',
};
const SIGNING_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const WEBHOOK: Environment = { RINGBACK_WEBHOOK_URL: 'https://hooks.example/leads', RINGBACK_WEBHOOK_SECRET: SIGNING_SECRET };
const MAIL: Environment = {
  RINGBACK_MAIL_SERVER: 'smtps://relay:pa%40ss@mail.example',
  RINGBACK_MAIL_FROM: 'relay@example.com',
  RINGBACK_MAIL_TO: 'sales@example.com, boss@example.com',
};

function read(env: Environment, file?: unknown) {
  const given = file === undefined ? env : { ...env, RINGBACK_CONFIG: 'ringback.json' };
  return readConfig({ env: given, readFile: () => JSON.stringify(file) });
}

function configOf(env: Environment, file?: unknown) {
  const reading = read(env, file);
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults));
  return reading.config;
}

function faultsOf(env: Environment, file?: unknown): string[] {
  const reading = read(env, file);
  return reading.ok ? [] : reading.faults.map(({ setting, message }) => `${setting}: ${message}`);
}

test('with nothing said, the CRM of the portal is told', () => {
  const config = configOf(PORTAL);
  expect([...config.channels]).toEqual([['bitrix24', { type: 'bitrix24_crm', provider: 'bitrix24', responsibleId: undefined }]]);
  expect(config.sites.get('default')?.channels).toEqual(['bitrix24']);
  expect(config).toMatchObject({ notify: ['bitrix24'], language: 'en' });
});

test('the CRM can be left out, and somebody named', () => {
  expect(configOf({ ...PORTAL, RINGBACK_CRM: 'false' }).channels.size).toBe(0);
  expect(configOf({ ...PORTAL, RINGBACK_CRM_RESPONSIBLE: '7' }).channels.get('bitrix24')).toMatchObject({ responsibleId: 7 });
  expect(faultsOf({ ...PORTAL, RINGBACK_CRM: 'maybe' })).toEqual(['RINGBACK_CRM: Must be true or false.']);
});

test('a webhook and mail by environment', () => {
  const config = configOf({ ...PORTAL, ...WEBHOOK, ...MAIL, RINGBACK_LANGUAGE: 'ru' });
  expect([...config.channels.keys()]).toEqual(['webhook', 'email', 'bitrix24']);
  expect(config.channels.get('email')).toMatchObject({ from: 'relay@example.com', to: ['sales@example.com', 'boss@example.com'] });
  expect(config.sites.get('default')?.channels).toEqual(['webhook', 'email', 'bitrix24']);
  expect(config.language).toBe('ru');
  expect(JSON.stringify([...config.channels])).not.toMatch(/hooks\.example|whsec_|pa%40ss/);
});

test('a demo has the channels that are set, and no CRM', () => {
  expect([...configOf(WEBHOOK).channels.keys()]).toEqual(['webhook']);
  expect(configOf({}).channels.size).toBe(0);
});

test('half a channel is a fault for each missing setting, by its variable', () => {
  const faults = faultsOf({ ...PORTAL, RINGBACK_WEBHOOK_URL: 'https://hooks.example/', RINGBACK_MAIL_FROM: 'relay@example.com' });
  const names = faults.map((fault) => fault.split(':')[0]);
  expect(names.toSorted()).toEqual(['RINGBACK_MAIL_SERVER', 'RINGBACK_MAIL_TO', 'RINGBACK_WEBHOOK_SECRET']);
});

test.each([
  ['RINGBACK_WEBHOOK_URL', 'http://hooks.example/leads'],
  ['RINGBACK_WEBHOOK_URL', 'https://user:canary@hooks.example/'],
  ['RINGBACK_WEBHOOK_URL', 'https://hooks.example/#canary'],
  ['RINGBACK_WEBHOOK_URL', 'file:///canary'],
  ['RINGBACK_WEBHOOK_SECRET', 'canary'],
  ['RINGBACK_WEBHOOK_SECRET', 'whsec_canary'],
  ['RINGBACK_MAIL_SERVER', 'mail.canary'],
  ['RINGBACK_MAIL_SERVER', 'smtp://canary@mail.example'],
  ['RINGBACK_MAIL_SERVER', 'https://canary.example'],
  ['RINGBACK_MAIL_SERVER', 'smtp://u:canary%zz@mail.example'],
  ['RINGBACK_MAIL_FROM', 'Canary <relay@example.com>'],
  ['RINGBACK_MAIL_TO', 'a@example.com\nBcc: canary@example.com'],
])('%s=%s is refused, and not repeated', (name, value) => {
  const faults = faultsOf({ ...PORTAL, ...WEBHOOK, ...MAIL, [name]: value });
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(new RegExp(`^${name}: `));
  expect(faults[0]).not.toMatch(/canary/i);
});

test('receivers and mail servers on this machine may do without TLS', () => {
  const local = { RINGBACK_WEBHOOK_URL: 'http://127.0.0.1:9000/leads', RINGBACK_MAIL_SERVER: 'smtp://127.0.0.1:2525' };
  expect(faultsOf({ ...PORTAL, ...WEBHOOK, ...MAIL, ...local })).toEqual([]);
});

const site = { provider: 'main', line: 'reg1', origins: ['https://a.example'], country: 'DE' };
const FILE = {
  providers: { main: { type: 'bitrix24', webhookUrl: { $env: 'SHOP_URL' } } },
  channels: {
    crm: { type: 'bitrix24_crm', provider: 'main' },
    hook: { type: 'webhook', url: { $env: 'HOOK_URL' }, secret: { $env: 'HOOK_SECRET' } },
  },
  sites: { shop: site },
};
const FILE_ENV = { SHOP_URL: PORTAL.BITRIX24_WEBHOOK_URL, HOOK_URL: 'https://hooks.example/', HOOK_SECRET: SIGNING_SECRET };

test('by file: one site is told of by all channels, several have to say by which', () => {
  expect(configOf(FILE_ENV, FILE).sites.get('shop')?.channels).toEqual(['crm', 'hook']);
  const two = { ...FILE, sites: { shop: { ...site, channels: ['crm'] }, blog: site } };
  expect(faultsOf(FILE_ENV, two)).toEqual([expect.stringMatching(/^sites\.blog\.channels: Name the channels/)]);
  const said = { ...two, notify: ['hook'], sites: { shop: { ...site, channels: ['crm'] }, blog: { ...site, channels: [] } } };
  const config = configOf(FILE_ENV, said);
  expect([...config.sites.values()].map(({ channels }) => channels)).toEqual([['crm'], []]);
  expect(config.notify).toEqual(['hook']);
});

test('by file: every name that leads nowhere is a fault', () => {
  const faults = faultsOf(FILE_ENV, {
    ...FILE,
    notify: ['hok'],
    sites: { shop: { ...site, channels: ['fax'] } },
    channels: { ...FILE.channels, crm: { type: 'bitrix24_crm', provider: 'mian' }, post: { type: 'pigeon' }, hook: { type: 'webhook' } },
  });
  const starts = [
    'channels.crm.provider: ',
    'channels.hook.secret: Missing.',
    'channels.hook.url: Missing.',
    'channels.post.type: ',
    'notify: ',
    'sites.shop.channels: ',
  ];
  for (const start of starts) expect(faults.filter((fault) => fault.startsWith(start))).toHaveLength(1);
  expect(faults).toHaveLength(starts.length);
});

test('by file: variables of the one site do not go with it', () => {
  expect(faultsOf({ ...FILE_ENV, ...WEBHOOK, RINGBACK_CRM: 'true' }, FILE).map((fault) => fault.split(':')[0])).toEqual([
    'RINGBACK_WEBHOOK_URL',
    'RINGBACK_WEBHOOK_SECRET',
    'RINGBACK_CRM',
  ]);
});
