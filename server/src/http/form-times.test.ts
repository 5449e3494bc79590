/** Hours, departments and slots on the form without JavaScript, over the real relay and store. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DepartmentConfig, Hours, SiteConfig } from '../config/config.ts';
import { type Relay, relay } from '../relay.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';

const NOON = '2026-01-05T11:00:00Z';
const slots = { everyMinutes: 30, capacity: 1, daysAhead: 2 };

let clock: FakeClock;
let store: Store;
let running: Relay;

beforeEach(() => {
  clock = fakeClock();
  store = sqliteStore({ path: ':memory:', clock });
  running = start();
});

afterEach(() => running.close());

function hoursOf(span: string): Hours {
  const spans = [{ from: span.slice(0, 5), until: span.slice(6) }];
  return { timeZone: 'Europe/Berlin', week: Array.from({ length: 7 }, () => spans), days: new Map() };
}

function department(key: string, name: string, hours?: Hours): [string, DepartmentConfig] {
  return [key, { key, name, line: undefined, announcement: undefined, hours }];
}

function start(changes: Partial<SiteConfig> = {}): Relay {
  const site = exampleSite({ provider: 'none', phone: '+49301234567', promiseSeconds: 30, hours: hoursOf('09:00-18:00'), ...changes });
  running = relay({
    config: {
      demo: false,
      ownPage: false,
      sites: new Map([['default', site]]),
      limits: USUAL_LIMITS,
      budget: { perDay: 1_000, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
    },
    store,
    providers: new Map(),
    secret: new Uint8Array(32).fill(9),
    clock,
    log: () => {},
    version: '0.0.0',
  });
  return running;
}

async function open(query = ''): Promise<{ status: number; page: string }> {
  const request = new Request(`https://relay.example/form/default${query}`);
  const response = await running.fetch(request, { address: '203.0.113.7' });
  return { status: response.status, page: await response.text() };
}

async function send(fields: Record<string, string>): Promise<{ status: number; page: string; location: string }> {
  const { page } = await open();
  const token = /name="token" value="([^"]*)"/.exec(page)?.[1] ?? '';
  clock.set(clock.now() + 10_000);
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
  const body = new URLSearchParams({ token, phone: '0151 23456789', name: '', ...fields }).toString();
  const request = new Request('https://relay.example/form/default', { method: 'POST', headers, body });
  const response = await running.fetch(request, { address: '203.0.113.7' });
  return { status: response.status, page: await response.text(), location: response.headers.get('location') ?? '' };
}

const night = Date.parse('2026-01-05T22:00:00+01:00');
const plain = (page: string) => page.replaceAll('\u202F', ' ');

describe('while nobody is there', () => {
  beforeEach(() => clock.set(night));

  test('and no time can be chosen, the page says when, and offers the telephone instead of a form', async () => {
    const { status, page } = await open();
    expect(status).toBe(409);
    expect(plain(page)).toContain('Calls are possible again from Tuesday, January 6 at 9:00 AM GMT+1.');
    expect(page).toContain('href="tel:+49301234567"');
    expect(page).not.toContain('<form');
  });

  test('and times can be chosen, one has to be; nothing is promised for now', async () => {
    start({ slots });
    const { status, page } = await open();
    expect(status).toBe(200);
    expect(plain(page)).toContain('We are closed right now');
    expect(plain(page)).toContain('from Tuesday, January 6 at 9:00 AM GMT+1. You can choose a time now.');
    expect(page).toMatch(/<select id="at" name="at" required>\s*<option value="">Please choose<\/option>/);
    expect(page).not.toContain('within 30');
  });

  test('in Russian', async () => {
    start({ slots });
    const { page } = await open('?lang=ru');
    expect(page).toContain('Звонки снова возможны с этого времени: вторник, 6 января в 09:00 GMT+1.');
    expect(page).toContain('Когда (время: Berlin)');
  });

  test('a request for now is refused with the same words, and everything typed stays', async () => {
    start({ slots });
    const { status, page } = await send({ name: 'Anna' });
    expect(status).toBe(409);
    expect(plain(page)).toContain('We are closed right now');
    expect(plain(page)).toContain('Nothing was dialled. Calls are possible again from Tuesday');
    expect(page).toContain('value="Anna"');
  });
});

test('a country where it is night is not taken for our own closing', async () => {
  start({ countries: ['DE', 'US'], calleeHours: { from: '08:00', until: '21:00' } });
  clock.set(Date.parse('2026-01-05T11:00:00+01:00'));
  const { status, page } = await send({ phone: '+1 212 555 2368' });
  expect(status).toBe(409);
  expect(page).toContain('It is too early or too late there');
  expect(page).not.toContain('We are closed');
});

describe('times', () => {
  beforeEach(() => start({ slots }));

  test('stand in their day, in the zone of the company, with now as the first choice', async () => {
    const { page } = await open();
    expect(page).toContain('<label for="at">When (Berlin time)</label>');
    expect(page).toMatch(/<select id="at" name="at">\s*<option value="">As soon as possible<\/option>/);
    expect(plain(page)).toMatch(/<optgroup label="Monday, January 5">\s*<option value="2026-01-05T09:30:00Z">Mon 10:30 AM<\/option>/);
    expect(page).toContain('<optgroup label="Tuesday, January 6">');
  });

  test('lead to a planned call, and to a page that says when', async () => {
    const { status, location } = await send({ at: NOON });
    expect(status).toBe(303);
    const request = new Request(new URL(location, 'https://relay.example/form/default'));
    const page = plain(await (await running.fetch(request, { address: '203.0.113.7' })).text());
    expect(page).toContain('Your call is planned');
    expect(page).toContain('Planned for Monday, January 5 at 12:00 PM GMT+1.');
    expect(page).toContain('Cancel the call');
  });

  test('that went meanwhile are refused, and not offered again', async () => {
    expect((await send({ at: NOON })).status).toBe(303);
    clock.set(clock.now() + 15_000);
    const { status, page } = await send({ at: NOON, phone: '0151 23456780' });
    expect(status).toBe(409);
    expect(page).toContain('This time is not free any more');
    expect(page).not.toContain(NOON);
  });

  test('that are none are a fault under the field', async () => {
    const { status, page } = await send({ at: 'tomorrow' });
    expect(status).toBe(422);
    expect(page).toContain('aria-describedby="at-wrong"');
    expect(page).toContain('<p class="wrong" id="at-wrong">');
  });

  test('are not asked for where none are offered', async () => {
    start();
    expect((await open()).page).not.toContain('name="at"');
  });
});

describe('departments', () => {
  beforeEach(() => {
    const repairs = department('repairs', 'Repairs <b>', hoursOf('13:00-15:00'));
    start({ slots, departments: new Map([department('sales', 'Sales'), repairs]) });
  });

  test('can be chosen, and need not be', async () => {
    const { page } = await open();
    expect(page).toContain('<option value="">Any</option>');
    expect(page).toContain('<option value="repairs">Repairs &lt;b&gt;</option>');
  });

  test('have times of their own, once chosen', async () => {
    const { page } = await open('?department=repairs');
    expect(page).toContain('<option value="repairs" selected>');
    expect(page).toContain('We are closed right now');
    expect(/<option value="(2026[^"]*)"/.exec(page)?.[1]).toBe('2026-01-05T12:00:00Z');
    expect((await open('?department=__proto__')).status).toBe(200);
  });

  test('that are away are refused, and the form offers their times', async () => {
    const { status, page } = await send({ department: 'repairs' });
    expect(status).toBe(409);
    expect(page).toContain('<option value="repairs" selected>');
    expect(/<option value="(2026[^"]*)"/.exec(page)?.[1]).toBe('2026-01-05T12:00:00Z');
  });

  test('are kept with the call', async () => {
    const { location } = await send({ department: 'sales' });
    const id = new URL(location, 'https://relay.example/form/').searchParams.get('id') ?? '';
    expect((await store.find(id))?.department).toBe('sales');
  });

  test('that do not exist are a fault under the field', async () => {
    const { status, page } = await send({ department: 'constructor' });
    expect(status).toBe(422);
    expect(page).toContain('Please choose a department.');
    expect(page).toContain('aria-describedby="department-wrong"');
  });
});
