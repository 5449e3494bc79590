/** What a site tells of its times: how current it is, and how long it may be kept. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { START, type TimedRelay, timedRelay } from '../simulators/timed-relay.ts';

const NOON = '2026-01-05T12:00:00+01:00';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let relay: TimedRelay;

beforeEach(() => {
  relay = timedRelay();
});

afterEach(() => relay.close());

const iso = (text: string) => new Date(text).toISOString().replace('.000Z', 'Z');

describe('the site view', () => {
  test('tells that it is open, the departments, and free slots', async () => {
    const view = await relay.view();
    expect(view).toMatchObject({ open: true, timeZone: 'Europe/Berlin' });
    expect(view).not.toHaveProperty('opensAt');
    expect(view.departments).toEqual([
      { key: 'sales', name: 'Sales' },
      { key: 'repairs', name: 'Repairs' },
    ]);
    expect(view.slots.slice(0, 2)).toEqual([iso('2026-01-05T10:30:00+01:00'), iso('2026-01-05T11:00:00+01:00')]);
    expect(view.slots).toHaveLength(50);
  });

  test('every slot that it offers can be taken', async () => {
    relay.change({ budget: { perCall: 1, perDay: 1_000 } });
    for (const at of (await relay.view()).slots.slice(0, 20)) expect((await relay.ask({ at })).status).toBe(202);
  });

  test('a full slot is gone within fifteen seconds', async () => {
    const noon = iso(NOON);
    expect((await relay.view()).slots).toContain(noon);
    await relay.ask({ at: NOON });
    await relay.ask({ at: NOON });
    relay.clock.set(relay.clock.now() + 15_000);
    expect((await relay.view()).slots).not.toContain(noon);
  });

  test('of a department has its times, and of an unknown one there is none', async () => {
    const view = await relay.view('?department=repairs');
    expect(view).toMatchObject({ open: false, opensAt: iso('2026-01-05T11:00:00+01:00') });
    expect(view.slots[0]).toBe(iso('2026-01-05T11:00:00+01:00'));
    const unknown = await relay.get('/v1/sites/default?department=constructor');
    expect([unknown.status, await unknown.json()]).toMatchObject([400, { code: 'invalid_request', detail: 'department' }]);
    expect(await relay.view('?department=')).toMatchObject({ open: true });
  });

  test('may not be kept past the moment of closing', async () => {
    relay.clock.set(Date.parse('2026-01-05T17:59:52.500+01:00'));
    const response = await relay.get('/v1/sites/default');
    expect(response.headers.get('cache-control')).toBe('public, max-age=7');
    relay.clock.set(Date.parse('2026-01-05T18:00:00+01:00'));
    const closed = await relay.get('/v1/sites/default');
    expect(closed.headers.get('cache-control')).toBe('public, max-age=15');
    expect(await closed.json()).toMatchObject({ open: false, opensAt: iso('2026-01-06T09:00:00+01:00') });
  });

  test('has a tag of its content: the same while nothing has changed, another once something has', async () => {
    const etag = (await relay.get('/v1/sites/default')).headers.get('etag') ?? '';
    relay.clock.set(relay.clock.now() + 20_000);
    expect((await relay.get('/v1/sites/default', { 'if-none-match': etag })).status).toBe(304);
    relay.clock.set(relay.clock.now() + HOUR_MS);
    expect((await relay.get('/v1/sites/default', { 'if-none-match': etag })).status).toBe(200);
  });

  test('is the same before and after a year of nothing but days', async () => {
    relay.change({ slots: undefined });
    const first = await (await relay.get('/v1/sites/default')).text();
    relay.clock.set(START + 364 * DAY_MS);
    expect(await (await relay.get('/v1/sites/default')).text()).toBe(first);
  });
});
