/** Accounts of three kinds, the ways that a call may take, and what is set for Telphin alone. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readConfig } from './read-config.ts';

const ENV = {
  RINGBACK_CONFIG: 'ringback.json',
  SHOP_WEBHOOK_URL: 'https://acme.bitrix24.com/rest/1/c4n4rys3cr3t/',
  SHOP_APP_SECRET: 'c4n4ry-app-secret',
  SHOP_TELPHIN_SECRET: 'c4n4ry-telphin-secret',
};
const MEMBER = '0123456789abcdef0123456789abcdef';
const PROVIDERS = {
  main: { type: 'bitrix24', webhookUrl: { $env: 'SHOP_WEBHOOK_URL' } },
  crm: { type: 'bitrix24_app', clientId: 'local.0123456789abcd.01234567', clientSecret: { $env: 'SHOP_APP_SECRET' }, memberId: MEMBER },
  spare: { type: 'telphin', appId: '0123456789abcdef', appSecret: { $env: 'SHOP_TELPHIN_SECRET' } },
};
const SITE = { provider: 'main', line: 'reg1332', origins: ['https://www.example.com'], country: 'DE' };
const BY_TELPHIN = { ...SITE, provider: 'spare', line: '12345' };
const FILE = { providers: PROVIDERS, sites: { shop: SITE } };

function read(file: unknown, env: Record<string, string> = ENV) {
  return readConfig({ env, readFile: () => JSON.stringify(file) });
}

function configOf(file: unknown, env?: Record<string, string>) {
  const reading = read(file, env);
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults));
  return reading.config;
}

function faultsOf(file: unknown, env?: Record<string, string>) {
  const reading = read(file, env);
  return reading.ok ? [] : reading.faults.map(({ setting, message }) => [setting, message] as const);
}

const shop = (changes: object) => ({ ...FILE, sites: { shop: { ...SITE, ...changes } } });
const telphin = (options: object) => ({ ...FILE, sites: { shop: { ...BY_TELPHIN, telphin: options } } });

test('accounts of all three kinds are read', () => {
  const { providers } = configOf(FILE);
  expect(providers.get('main')).toMatchObject({ type: 'bitrix24', eventToken: undefined });
  const [app, spare] = [providers.get('crm'), providers.get('spare')];
  if (app?.type !== 'bitrix24_app' || spare?.type !== 'telphin') throw new Error('These are other kinds.');
  expect(app).toMatchObject({ clientId: PROVIDERS.crm.clientId, memberId: MEMBER });
  expect(app.clientSecret.reveal()).toBe(ENV.SHOP_APP_SECRET);
  expect(spare).toMatchObject({ host: 'https://apiproxy.telphin.ru', appId: '0123456789abcdef' });
  expect(spare.appSecret.reveal()).toBe(ENV.SHOP_TELPHIN_SECRET);
});

test.each([
  ['https://api.operator.example', true],
  ['http://127.0.0.1:8080', true],
  ['http://[::1]:8080', true],
  ['http://api.operator.example', false],
  ['https://api.operator.example/api/ver1.0', false],
  ['https://user:pass@api.operator.example', false],
  ['apiproxy.telphin.ru', false],
])('the API of Telphin at %s: %s', (host, isTaken) => {
  const file = { ...FILE, providers: { ...PROVIDERS, spare: { ...PROVIDERS.spare, host } } };
  expect(faultsOf(file).map(([setting]) => setting)).toEqual(isTaken ? [] : ['providers.spare.host']);
});

test('a site has ways to ring in order, and a department may have its own', () => {
  const fallbacks = [
    { provider: 'spare', line: '12345', telphin: { announceSoundId: 7 } },
    { provider: 'crm', line: 'reg7', voice: 'anna' },
  ];
  const departments = { repairs: { name: 'Repairs', provider: 'spare', line: '@{REPAIRS}', telphin: { srcNum: ['102'] } } };
  const site = configOf(shop({ fallbacks, departments })).sites.get('shop');
  expect(site?.fallbacks).toEqual([{ ...fallbacks[0], voice: undefined }, fallbacks[1]]);
  expect(site?.departments.get('repairs')).toMatchObject({ provider: 'spare', line: '@{REPAIRS}', telphin: { srcNum: ['102'] } });
});

const applications = (...portals: object[]) => ({
  ...FILE,
  providers: {
    ...PROVIDERS,
    ...Object.fromEntries(
      portals.map((portal, nth) => [`app${nth}`, { ...PROVIDERS.crm, memberId: undefined, clientId: 'local.1', ...portal }]),
    ),
  },
});
const ELSEWHERE = 'https://other.bitrix24.com';

test('one application in several portals: each account says which is its own', () => {
  expect(configOf(applications({ memberId: MEMBER }, { portal: ELSEWHERE })).providers.get('app1')).toMatchObject({ portal: ELSEWHERE });
  expect(faultsOf(applications({}))).toEqual([]);
  expect(faultsOf(applications({ memberId: MEMBER }, {}))).toEqual([
    ['providers.app1.memberId', expect.stringMatching(/app0.*same application.*"portal"/)],
  ]);
  for (const same of [{ memberId: MEMBER }, { portal: ELSEWHERE }]) {
    expect(faultsOf(applications(same, same)).map(([place]) => place)).toEqual(['providers.app0.memberId', 'providers.app1.memberId']);
  }
  expect(faultsOf(applications({ portal: `${ELSEWHERE}/` }))).toEqual([
    ['providers.app0.portal', expect.stringContaining('without a path')],
  ]);
});

test('a bridge is read', () => {
  const config = configOf(shop({ bridge: { portal: 'crm', userId: 7 } }));
  expect(config.sites.get('shop')?.bridge).toEqual({ portal: 'crm', externalLine: undefined, userId: 7 });
});

test('every option of Telphin is read as it is given', () => {
  const options = {
    srcNum: ['101', '12037*105', '+4915123456789', '$cv({SALES})'],
    announceSoundId: 1,
    dstAnnounceSoundId: 2,
    callerIdName: '$cv({caller_id_name})',
    callerIdNumber: '101',
    srcCallerIdName: 'Callback',
    srcCallerIdNumber: '102',
    srcAni: '+4930123456',
    dstAni: '+4930123457',
    dstDtmf: 'W1w2*#',
    callDurationS: 1800,
    waitForPickupS: 30,
    transferAfterSrcHangup: '200',
    transferAfterDstHangup: '201',
    allowPublicTransfer: true,
    callbackRateLimit: 0,
    variables: { autoanswer: '4', constructor: 'x' },
  };
  expect(configOf(telphin(options)).sites.get('shop')?.telphin).toEqual(options);
});

const NEVER_TAKEN: readonly (readonly [string, readonly unknown[]])[] = [
  ['srcNum', [[], ['12 34'], ['101', ''], '101', Array(21).fill('101')]],
  ['announceSoundId', [0, -1, 1.5, '7', 2 ** 53]],
  ['dstAnnounceSoundId', [0, '@{X}']],
  ['callerIdName', ['', 'a\nb', 'x'.repeat(129)]],
  ['callerIdNumber', ['Shop', '1;2', '+', '']],
  ['srcAni', ['x']],
  ['dstDtmf', ['', 'A', '1,2', '1'.repeat(65)]],
  ['callDurationS', [0, 86_401, 1.5]],
  ['waitForPickupS', [0, 601]],
  ['transferAfterSrcHangup', ['nobody']],
  ['allowPublicTransfer', ['yes', 1]],
  ['callbackRateLimit', [-1, 100, 101, 0.5]],
  ['variables', [{ '1a': 'x' }, { 'a b': 'x' }, { a: 1 }, { a: 'x\r\ny' }, []]],
  ['dst_num', ['+4915123456789']],
];

test.each(NEVER_TAKEN.flatMap(([option, values]) => values.map((value) => [option, value] as const)))(
  'no call gets the option %s with %j',
  (option, value) => {
    const [first = ['', ''], ...others] = faultsOf(telphin({ [option]: value }));
    expect(others).toEqual([]);
    expect(first[0]).toMatch(new RegExp(`^sites\\.shop\\.telphin\\.${option}`));
    expect(first[1]).not.toBe('');
  },
);

test('tones are nothing but tones, whatever is given', () => {
  fc.assert(
    fc.property(fc.string(), (dstDtmf) => {
      const isTaken = faultsOf(telphin({ dstDtmf })).length === 0;
      expect(isTaken).toBe(/^[0-9*#Ww]{1,64}$/.test(dstDtmf));
    }),
    { numRuns: 50 },
  );
});

const CONTRADICTIONS: readonly (readonly [string, unknown, string, string])[] = [
  ['a fallback to nobody', shop({ fallbacks: [{ provider: 'spair', line: '1' }] }), 'sites.shop.fallbacks', 'Entry 1: There is no such'],
  ['a fallback without line', shop({ fallbacks: [{ provider: 'spare' }] }), 'sites.shop.fallbacks', 'Entry 1: Missing. Id of its line.'],
  [
    'more ways than tries',
    {
      providers: { ...PROVIDERS, last: PROVIDERS.spare },
      sites: { shop: { ...SITE, fallbacks: ['crm', 'spare', 'last'].map((provider) => ({ provider, line: '1' })) } },
    },
    'sites.shop.fallbacks',
    'at most 2',
  ],
  ['an account as its own fallback', shop({ fallbacks: [{ provider: 'main', line: '2' }] }), 'sites.shop.fallbacks', 'has been tried'],
  [
    'an account that is a fallback twice',
    shop({
      fallbacks: [
        { provider: 'spare', line: '1' },
        { provider: 'spare', line: '2' },
      ],
    }),
    'sites.shop.fallbacks',
    'Entry 2: This account has been tried',
  ],
  ['a voice at Telphin', { ...FILE, sites: { shop: { ...BY_TELPHIN, voice: 'anna' } } }, 'sites.shop.voice', 'announceSoundId'],
  [
    'a voice at a fallback to Telphin',
    shop({ fallbacks: [{ provider: 'spare', line: '1', voice: 'anna' }] }),
    'sites.shop.fallbacks',
    'Entry 1: Telphin speaks no text',
  ],
  ['a variable as line of a portal', shop({ line: '@{SALES}' }), 'sites.shop.line', 'Only Telphin'],
  [
    'a department at nobody',
    shop({ departments: { a: { name: 'A', provider: 'mian', line: '1' } } }),
    'sites.shop.departments.a.provider',
    'Did you mean "main"?',
  ],
  [
    'a department with another account and no line',
    shop({ departments: { a: { name: 'A', provider: 'spare' } } }),
    'sites.shop.departments.a.line',
    'another account',
  ],
  ['options that nobody looks at', shop({ telphin: { announceSoundId: 1 } }), 'sites.shop.telphin', 'telphin'],
  [
    'options of a department that nobody looks at',
    shop({ departments: { a: { name: 'A', telphin: { announceSoundId: 1 } } } }),
    'sites.shop.departments.a.telphin',
    'telphin',
  ],
  [
    'options of the site for a fallback',
    shop({ telphin: { announceSoundId: 1 }, fallbacks: [{ provider: 'spare', line: '1' }] }),
    'sites.shop.telphin',
    'an entry of "fallbacks"',
  ],
  [
    'options of the site for a department',
    shop({ telphin: { announceSoundId: 1 }, departments: { a: { name: 'A', provider: 'spare', line: '1' } } }),
    'sites.shop.telphin',
    'in a department',
  ],
  [
    'options of a fallback that nobody looks at',
    shop({ fallbacks: [{ provider: 'crm', line: '1', telphin: { announceSoundId: 1 } }] }),
    'sites.shop.fallbacks',
    'Entry 1: The account',
  ],
  [
    'a misspelt option of a fallback',
    shop({ fallbacks: [{ provider: 'spare', line: '1', telphin: { srcNumber: ['1'] } }] }),
    'sites.shop.fallbacks.0.telphin.srcNumber',
    'There are: srcNum',
  ],
  [
    'a variable as line, and no numbers to ring',
    { ...FILE, sites: { shop: { ...BY_TELPHIN, line: '@{SALES}' } } },
    'sites.shop.telphin.srcNum',
    'only Telphin knows',
  ],
  [
    'the same in a department, whose line is its own',
    { ...FILE, sites: { shop: { ...BY_TELPHIN, telphin: { srcNum: ['1'] }, departments: { a: { name: 'A', line: '@{A}' } } } } },
    'sites.shop.departments.a.telphin.srcNum',
    'only Telphin knows',
  ],
  [
    'the same in a fallback',
    shop({ fallbacks: [{ provider: 'spare', line: '@{SALES}' }] }),
    'sites.shop.fallbacks',
    'Entry 1: Name the numbers of your team',
  ],
  ['a bridge to nowhere', shop({ bridge: { portal: 'cmr', userId: 1 } }), 'sites.shop.bridge.portal', 'Did you mean "crm"?'],
  ['a bridge to a webhook', shop({ bridge: { portal: 'main', userId: 1 } }), 'sites.shop.bridge.portal', 'bitrix24_app'],
  ['a bridge for nobody', shop({ bridge: { portal: 'crm' } }), 'sites.shop.bridge.userId', 'Missing.'],
  [
    'two bridges for one line',
    {
      ...FILE,
      sites: {
        shop: { ...SITE, bridge: { portal: 'crm', userId: 1, externalLine: '+49301' } },
        other: { ...SITE, bridge: { portal: 'crm', userId: 2, externalLine: '+49301' } },
      },
    },
    'sites.other.bridge.externalLine',
    'Another site',
  ],
  [
    'leads into the CRM of Telphin',
    { ...FILE, channels: { crm: { type: 'bitrix24_crm', provider: 'spare' } } },
    'channels.crm.provider',
    'has no CRM',
  ],
  [
    'a setting of another kind of account',
    { ...FILE, providers: { ...PROVIDERS, spare: { ...PROVIDERS.spare, eventToken: { $env: 'SHOP_APP_SECRET' } } } },
    'providers.spare.eventToken',
    'another type',
  ],
];

test.each(CONTRADICTIONS)('%s is one fault', (_, file, setting, said) => {
  expect(faultsOf(file)).toEqual([[setting, expect.stringContaining(said)]]);
});

test('the numbers that ring may stand in the environment, and a variable as line needs them there', () => {
  const byVariable = { ...TELPHIN_ENV, TELPHIN_EXTENSION: '@{SALES}' };
  expect(faultsOf(undefined, byVariable)).toEqual([['TELPHIN_SRC_NUM', expect.stringContaining('only Telphin knows')]]);
  const numbers = { TELPHIN_SRC_NUM: '105, +79261234567' };
  expect(configOf(undefined, { ...byVariable, ...numbers }).sites.get('default')?.telphin).toEqual({ srcNum: ['105', '+79261234567'] });
  expect(faultsOf(undefined, { ...TELPHIN_ENV, TELPHIN_SRC_NUM: 'sales' })).toEqual([['TELPHIN_SRC_NUM', expect.any(String)]]);
  expect(configOf(undefined, TELPHIN_ENV).sites.get('default')?.telphin).toEqual({});
});

const TELPHIN_ENV = { TELPHIN_APP_ID: '0123456789abcdef', TELPHIN_APP_SECRET: 'c4n4ry-telphin-secret', TELPHIN_EXTENSION: '12345' };

test('one site by Telphin needs three variables', () => {
  const config = configOf(undefined, TELPHIN_ENV);
  expect(config.demo).toBe(false);
  expect([...config.providers]).toEqual([['telphin', expect.objectContaining({ type: 'telphin', host: 'https://apiproxy.telphin.ru' })]]);
  expect(config.sites.get('default')).toMatchObject({ provider: 'telphin', line: '12345', country: 'RU', channels: [] });
  const other = configOf(undefined, { ...TELPHIN_ENV, TELPHIN_HOST: 'https://api.operator.de' });
  expect(other.sites.get('default')).toMatchObject({ country: 'DE' });
});

test('what is missing or too much beside Telphin is told by its variable', () => {
  const settingsOf = (env: Record<string, string>) => faultsOf(undefined, env).map(([setting]) => setting);
  expect(settingsOf({ TELPHIN_HOST: 'http://api.operator.de' }).toSorted()).toEqual([
    'TELPHIN_APP_ID',
    'TELPHIN_APP_SECRET',
    'TELPHIN_EXTENSION',
    'TELPHIN_HOST',
  ]);
  expect(settingsOf({ ...TELPHIN_ENV, TELPHIN_APPID: 'x' })).toEqual(['TELPHIN_APPID']);
  expect(settingsOf({ ...TELPHIN_ENV, RINGBACK_CRM: 'true' })).toEqual(['RINGBACK_CRM']);
  expect(settingsOf({ ...TELPHIN_ENV, RINGBACK_CRM: 'false' })).toEqual([]);
  const portal = { BITRIX24_WEBHOOK_URL: ENV.SHOP_WEBHOOK_URL, BITRIX24_LINE: 'reg1' };
  expect(settingsOf({ ...TELPHIN_ENV, ...portal })).toEqual(Object.keys(TELPHIN_ENV));
});
