import { beforeEach, describe, expect, test } from 'vitest';
import type { Switches } from '../calls/call-rules.ts';
import type { Hours, SiteConfig } from '../config/config.ts';
import type { LogEntry } from '../log.ts';
import { exampleSite } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import type { CallDraft } from '../store/acceptance.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';
import { purses } from './purses.ts';
import { siteTimes, type TimesOf } from './site-times.ts';

const MINUTE_MS = 60_000;
const week = Array.from({ length: 7 }, () => [{ from: '09:00', until: '18:00' }]);
const hours: Hours = { timeZone: 'UTC', week, days: new Map() };
const late: Hours = { timeZone: 'UTC', week: week.map(() => [{ from: '12:00', until: '13:00' }]), days: new Map() };
const repairs = { key: 'repairs', name: 'Repairs', line: undefined, announcement: undefined, hours: late };
const site = exampleSite({
  hours,
  slots: { everyMinutes: 30, capacity: 1, daysAhead: 2 },
  departments: new Map([['repairs', repairs]]),
});

/** Of the deployment; its days begin at another hour than those of the site. */
const budget = { perDay: 1_000, timeZone: 'America/New_York' };
const reserve = purses(budget);

let clock: FakeClock;
let store: Store;
let reads: number;
let entries: LogEntry[];
let switches: Switches;
let timesOf: TimesOf;

beforeEach(() => {
  clock = fakeClock();
  reads = 0;
  entries = [];
  switches = { paused: false, pausedSites: new Set() };
  store = sqliteStore({ path: ':memory:', clock });
  timesOf = timesFrom((...asked) => store.countScheduled(...asked));
});

function timesFrom(countScheduled: Store['countScheduled']): TimesOf {
  const counting: Store['countScheduled'] = (...asked) => {
    reads += 1;
    return countScheduled(...asked);
  };
  return siteTimes({
    store: { ...store, countScheduled: counting },
    clock,
    log: (entry) => entries.push(entry),
    switches: () => switches,
    reserve,
  });
}

let count = 0;
function draftAt(scheduledFor: number, department?: string): CallDraft {
  count += 1;
  const named = { id: `c${count}`, idempotencyKey: `k${count}`, fingerprint: 'f', numberKey: `n${count}`, sealedNumber: 's' };
  return { ...named, site: 'default', country: 'DE', department, scheduledFor, dialWithinMs: 300_000, holdMs: 0 };
}

describe('the times of a site', () => {
  test('open: from five minutes ahead on, the nearest fifty', async () => {
    const { open, opensAt, slots } = await timesOf(site, undefined);
    expect([open, opensAt]).toEqual([true, undefined]);
    expect(slots[0]).toBe(clock.now() + 30 * MINUTE_MS);
    const hourly: SiteConfig = { ...site, slots: { everyMinutes: 5, capacity: 1, daysAhead: 31 } };
    expect((await siteTimes({ store, clock, log: () => {}, switches: () => switches, reserve })(hourly, undefined)).slots).toHaveLength(50);
  });

  test('closed: when it opens', async () => {
    clock.set(Date.UTC(2026, 0, 5, 20));
    const { open, opensAt, slots } = await timesOf(site, undefined);
    expect([open, opensAt, slots[0]]).toEqual([false, Date.UTC(2026, 0, 6, 9), Date.UTC(2026, 0, 6, 9)]);
  });

  test('a full slot is left out, that of another department is not', async () => {
    const noon = Date.UTC(2026, 0, 5, 12);
    await store.accept(draftAt(noon, 'repairs'), { limits: [] });
    expect((await timesOf(site, repairs)).slots).not.toContain(noon);
    expect((await timesOf(site, undefined)).slots).toContain(noon);
  });

  test('days whose budget is spent are left out; the others stay', async () => {
    const berlin: SiteConfig = { ...site, budget: { perCall: 1, perDay: 1 } };
    const midnight = Date.UTC(2026, 0, 5, 23);
    await store.accept(draftAt(Date.UTC(2026, 0, 5, 12), 'repairs'), { limits: [], reservations: reserve(berlin, clock.now()) });
    const { slots } = await timesOf(berlin, undefined);
    expect(slots[0]).toBe(Date.UTC(2026, 0, 6, 9));
    expect(slots.every((at) => at >= midnight)).toBe(true);
    expect(slots.length).toBeGreaterThan(10);
    expect((await timesOf({ ...berlin, key: 'other' }, undefined)).slots[0]).toBeLessThan(midnight);
  });

  test('the same where the deployment has spent its day, which begins at another hour', async () => {
    const dear: SiteConfig = { ...site, hours: { ...hours, week: week.map(() => [{ from: '00:00', until: '24:00' }]) } };
    const spent = purses({ ...budget, perDay: 1 });
    const ofBoth = siteTimes({ store, clock, log: () => {}, switches: () => switches, reserve: spent });
    await store.accept(draftAt(clock.now()), { limits: [], reservations: spent(dear, clock.now()) });
    // Midnight in New York.
    expect((await ofBoth(dear, undefined)).slots[0]).toBe(Date.UTC(2026, 0, 6, 5));
  });

  test('a paused site is closed, and nobody knows until when', async () => {
    switches = { paused: false, pausedSites: new Set(['default']) };
    expect(await timesOf(site, undefined)).toMatchObject({ open: false, opensAt: undefined, slots: [] });
  });
});

describe('are kept', () => {
  test('for fifteen seconds, whoever asks, and read once for all who ask at once', async () => {
    await Promise.all(Array.from({ length: 100 }, () => timesOf(site, undefined)));
    clock.set(clock.now() + 14_999);
    await timesOf(site, undefined);
    expect(reads).toBe(1);
    clock.set(clock.now() + 1);
    await timesOf(site, undefined);
    expect(reads).toBe(2);
  });

  test('never past the moment of opening or closing', async () => {
    const opening = Date.UTC(2026, 0, 5, 9);
    clock.set(opening - 4_000);
    const before = await timesOf(site, undefined);
    expect([before.open, before.validUntil]).toEqual([false, opening]);
    clock.set(opening);
    expect((await timesOf(site, undefined)).open).toBe(true);
    clock.set(Date.UTC(2026, 0, 5, 17, 59, 50));
    expect((await timesOf(site, undefined)).validUntil).toBe(Date.UTC(2026, 0, 5, 18));
  });

  test('not where the clock was set back', async () => {
    await timesOf(site, undefined);
    clock.set(Date.UTC(2026, 0, 5, 3));
    expect((await timesOf(site, undefined)).open).toBe(false);
  });
});

test('where the store cannot be read, the hours are told and no slot is, and it is asked again', async () => {
  timesOf = timesFrom(async () => {
    throw new StoreUnavailable('away', { permanent: false });
  });
  const now = clock.now();
  expect(await timesOf(site, undefined)).toEqual({ open: true, opensAt: undefined, slots: [], timeZone: 'UTC', validUntil: now });
  await timesOf(site, undefined);
  expect(reads).toBe(2);
  expect(entries.map(({ event }) => event)).toEqual(['site.slots_unknown', 'site.slots_unknown']);
});

test('without slots the store is not asked', async () => {
  await timesOf({ ...site, slots: undefined }, undefined);
  expect(reads).toBe(0);
});
