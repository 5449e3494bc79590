/** Hours, departments and slots: what the file and the environment may say, and every fault by its name. */
import { describe, expect, test } from 'vitest';
import { readConfig } from './read-config.ts';

const ENV = { RINGBACK_CONFIG: 'ringback.json', SHOP_WEBHOOK_URL: 'https://acme.bitrix24.com/rest/1/c4n4rys3cr3t/' };
const SITE = { provider: 'main', line: 'reg1332', origins: ['https://www.example.com'], country: 'DE' };
const PORTAL = {
  BITRIX24_WEBHOOK_URL: ENV.SHOP_WEBHOOK_URL,
  BITRIX24_LINE: 'reg1332',
  RINGBACK_ORIGINS: 'https://www.example.com',
  RINGBACK_COUNTRY: 'DE',
};

function readSite(site: object, relay: object = {}) {
  const providers = { main: { type: 'bitrix24', webhookUrl: { $env: 'SHOP_WEBHOOK_URL' } } };
  return readConfig({ env: ENV, readFile: () => JSON.stringify({ ...relay, providers, sites: { shop: { ...SITE, ...site } } }) });
}

function siteOf(reading: ReturnType<typeof readConfig>) {
  if (!reading.ok) throw new Error(reading.faults.map(({ setting, message }) => `${setting}: ${message}`).join('\n'));
  const [site] = reading.config.sites.values();
  return site;
}

function faultsOf(reading: ReturnType<typeof readConfig>) {
  return reading.ok ? [] : reading.faults.map(({ setting, message }) => [setting, message]);
}

const inEnvironment = (variables: Record<string, string>) => readConfig({ env: { ...PORTAL, ...variables }, readFile: () => '{}' });
const nine = [{ from: '09:00', until: '17:00' }];

describe('in the file', () => {
  test('hours become a list for each day, in order, in a zone', () => {
    const hours = {
      week: { 'mon-thu': ['13:30-18:00', '09:00-12:30'], fri: ['09:00-14:00'] },
      days: { '2026-12-24': [], '12-31': ['09:00-12:00'] },
    };
    const site = siteOf(readSite({ hours, timeZone: 'Europe/Berlin' }));
    const long = [
      { from: '09:00', until: '12:30' },
      { from: '13:30', until: '18:00' },
    ];
    expect(site?.hours).toEqual({
      timeZone: 'Europe/Berlin',
      week: [long, long, long, long, [{ from: '09:00', until: '14:00' }], [], []],
      days: new Map([
        ['2026-12-24', []],
        ['12-31', [{ from: '09:00', until: '12:00' }]],
      ]),
    });
  });

  test('the zone is that of the hours, else of the site, else of the relay', () => {
    const week = { 'sun-thu': ['09:00-17:00'] };
    expect(siteOf(readSite({ hours: { week, timeZone: 'Asia/Dubai' }, timeZone: 'Europe/Berlin' }))?.hours?.timeZone).toBe('Asia/Dubai');
    expect(siteOf(readSite({ hours: { week } }, { timeZone: 'Europe/Paris' }))?.hours?.timeZone).toBe('Europe/Paris');
    expect(siteOf(readSite({ hours: { week } }))?.hours?.week).toEqual([nine, nine, nine, nine, [], [], nine]);
  });

  test('departments keep their order; slots have defaults; calls abroad are held to daytime', () => {
    const departments = {
      sales: { name: 'Sales' },
      repairs: { name: 'Repairs', line: 'reg1340', announcement: 'For repairs.', hours: 'mon 09:00-17:00' },
    };
    const site = siteOf(readSite({ departments, hours: 'mon-fri 09:00-17:00', slots: {} }));
    expect([...(site?.departments ?? [])]).toEqual([
      ['sales', { key: 'sales', name: 'Sales', line: undefined, announcement: undefined, hours: undefined }],
      [
        'repairs',
        {
          key: 'repairs',
          name: 'Repairs',
          line: 'reg1340',
          announcement: 'For repairs.',
          hours: { timeZone: 'UTC', week: [nine, [], [], [], [], [], []], days: new Map() },
        },
      ],
    ]);
    expect(site?.slots).toEqual({ everyMinutes: 30, capacity: 2, daysAhead: 7 });
    expect(site?.calleeHours).toEqual({ from: '08:00', until: '21:00' });
    expect(siteOf(readSite({ calleeHours: 'off' }))?.calleeHours).toBeUndefined();
  });

  test('all faults at once, each by its place', () => {
    const site = {
      hours: { week: { 'mon-fri': ['9-17', '18:00-17:00'], funday: ['09:00-17:00'] }, days: { '2026-02-30': [] }, zone: 'UTC' },
      slots: { everyMinutes: 7, capacity: 0, daysAhead: 99 },
      departments: { 'Big one': { name: 'Big' }, repairs: { line: 'no line', announcement: 'For {name}.', hours: { week: {} } } },
      calleeHours: '21:00-08:00',
    };
    expect(faultsOf(readSite(site))).toEqual(
      expect.arrayContaining([
        ['sites.shop.hours.week.mon-fri', expect.stringContaining('Entry 1: Must be a span of time such as 09:00-12:30')],
        ['sites.shop.hours.week.mon-fri', expect.stringContaining('Entry 2: Must end after it begins. Over midnight write two')],
        ['sites.shop.hours.week.funday', expect.stringContaining('Must be a day of the week')],
        ['sites.shop.hours.days.2026-02-30', expect.stringContaining('Must be a date')],
        ['sites.shop.hours.zone', expect.stringContaining('timeZone, week, days')],
        ['sites.shop.slots.everyMinutes', 'Must be one of: 5, 10, 15, 20, 30, 60.'],
        ['sites.shop.slots.capacity', 'Must be a whole number from 1 to 100.'],
        ['sites.shop.slots.daysAhead', 'Must be a whole number from 1 to 31.'],
        ['sites.shop.departments.repairs.name', expect.stringContaining('Missing. What the form calls it.')],
        ['sites.shop.departments.repairs.line', expect.stringContaining('Must be an id')],
        ['sites.shop.departments.repairs.announcement', expect.stringContaining('speakName')],
        ['sites.shop.departments.repairs.hours', expect.stringContaining('Name at least one span')],
        ['sites.shop.calleeHours', expect.stringContaining('Must end after it begins')],
      ]),
    );
  });

  test.each<[string, object, string]>([
    ['a day twice', { week: { 'mon-fri': ['09:00-17:00'], wed: [] } }, 'named twice'],
    ['a range round the week that meets itself', { week: { 'mon-fri': [], 'thu-sat': ['09:00-10:00'] } }, 'named twice'],
    ['spans that overlap', { week: { mon: ['09:00-12:00', '11:59-13:00'] } }, 'overlap'],
    [
      'spans that overlap on a special day',
      { week: { mon: ['09:00-12:00'] }, days: { '12-24': ['09:00-12:00', '08:00-10:00'] } },
      'overlap',
    ],
    ['nobody ever there', { week: { mon: [] }, days: { '12-24': [] } }, 'at least one span'],
  ])('%s', (_, hours, words) => {
    expect(faultsOf(readSite({ hours }))).toEqual([['sites.shop.hours', expect.stringContaining(words)]]);
  });

  test('spans may touch, and a day of every year may be the last of February', () => {
    const hours = { week: { mon: ['09:00-12:00', '12:00-24:00'] }, days: { '02-29': [] } };
    expect(faultsOf(readSite({ hours }))).toEqual([]);
  });

  test('slots without hours are a fault: nights would be offered', () => {
    expect(faultsOf(readSite({ slots: {} }))).toEqual([['sites.shop.hours', expect.stringContaining('Say when somebody answers')]]);
  });

  test('a department’s key has no prototype to reach', () => {
    expect(faultsOf(readSite(JSON.parse('{"departments":{"__proto__":{"name":"x"}}}')))).toEqual([
      ['sites.shop.departments.__proto__', expect.stringContaining('This name must be')],
    ]);
  });
});

describe('in the environment', () => {
  test('hours stand in one line', () => {
    const site = siteOf(
      inEnvironment({
        RINGBACK_HOURS: ' mon-fri 09:00-12:30  13:30-18:00, sat 10:00-14:00,12-25 off, 2026-12-31 09:00-12:00',
        RINGBACK_TIME_ZONE: 'Europe/Berlin',
        RINGBACK_SLOTS: '15',
        RINGBACK_CALLEE_HOURS: '09:00-20:00',
      }),
    );
    expect(site?.hours?.timeZone).toBe('Europe/Berlin');
    expect(site?.hours?.week.map((spans) => spans.length)).toEqual([2, 2, 2, 2, 2, 1, 0]);
    expect(site?.hours?.days).toEqual(
      new Map([
        ['12-25', []],
        ['2026-12-31', [{ from: '09:00', until: '12:00' }]],
      ]),
    );
    expect(site?.slots).toEqual({ everyMinutes: 15, capacity: 2, daysAhead: 7 });
    expect(site?.calleeHours).toEqual({ from: '09:00', until: '20:00' });
  });

  test.each([
    ['montag 09:00-17:00', 'Part 1: Must be a day of the week'],
    ['mon-fri', 'Part 1: Name the times after the day'],
    ['mon 09:00-17:00, tue 9-17', 'Part 2: Must be a span of time'],
    ['mon 09:00-17:00,', 'Part 2: Must be a day of the week'],
    ['mon 09:00-17:00, mon 18:00-19:00', 'Part 2: This day is named twice.'],
    ['mon-wed 09:00-17:00, tue off', 'A day of the week is named twice.'],
    ['mon 22:00-02:00', 'Over midnight write two spans'],
    ['13-13 off, mon 09:00-10:00', 'Part 1: Must be a date'],
    ['mon off', 'Name at least one span'],
  ])('%s', (text, words) => {
    expect(faultsOf(inEnvironment({ RINGBACK_HOURS: text }))).toEqual([['RINGBACK_HOURS', expect.stringContaining(words)]]);
  });

  test('slots that are no number of minutes', () => {
    const variables = { RINGBACK_HOURS: 'mon-fri 09:00-17:00' };
    for (const text of ['7', 'half an hour']) {
      expect(faultsOf(inEnvironment({ ...variables, RINGBACK_SLOTS: text }))).toEqual([
        ['RINGBACK_SLOTS', 'Must be one of: 5, 10, 15, 20, 30, 60.'],
      ]);
    }
  });
});
