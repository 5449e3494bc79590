import { describe, expect, test } from 'vitest';
import { exampleSite } from '../simulators/example-site.ts';
import { calendar, purses } from './purses.ts';

const HOUR_MS = 3_600_000;
const at = (text: string) => Date.parse(text);

describe('the day of a zone', () => {
  test.each([
    ['Europe/Berlin', '2026-01-05T09:00:00Z', '2026-01-05', '2026-01-05T23:00:00Z'],
    ['Europe/Berlin', '2026-01-05T23:00:00Z', '2026-01-06', '2026-01-06T23:00:00Z'],
    // 23 and 25 hours.
    ['Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29', '2026-03-29T22:00:00Z'],
    ['Europe/Berlin', '2026-10-24T22:00:00Z', '2026-10-25', '2026-10-25T23:00:00Z'],
    // Midnight does not exist on this day, and on that one comes twice.
    ['America/Santiago', '2026-09-05T12:00:00Z', '2026-09-05', '2026-09-06T04:00:00Z'],
    ['America/Havana', '2026-10-31T12:00:00Z', '2026-10-31', '2026-11-01T04:00:00Z'],
    ['Asia/Kathmandu', '2026-01-05T18:14:59Z', '2026-01-05', '2026-01-05T18:15:00Z'],
    ['UTC', '2026-12-31T23:59:59Z', '2026-12-31', '2027-01-01T00:00:00Z'],
  ])('%s at %s is %s', (zone, now, date, endsAt) => {
    expect(calendar()(zone, at(now))).toMatchObject({ date, endsAt: at(endsAt) });
  });

  test.each([
    ['Europe/Berlin', '2026-03-29'],
    ['Europe/Berlin', '2026-10-25'],
    ['America/Santiago', '2026-04-05'],
    ['America/Santiago', '2026-09-06'],
    ['America/Havana', '2026-11-01'],
    ['Australia/Lord_Howe', '2026-04-05'],
  ])('%s: the days around %s follow each other without gap or overlap', (zone, changing) => {
    const dayIn = calendar();
    const seen: string[] = [];
    for (let now = at(changing) - 48 * HOUR_MS; now < at(changing) + 48 * HOUR_MS; now += HOUR_MS / 4) {
      const day = dayIn(zone, now);
      expect(day.endsAt).toBeGreaterThan(now);
      expect(day.endsAt - now).toBeLessThanOrEqual(25 * HOUR_MS);
      expect(calendar()(zone, now).date).toBe(day.date);
      if (seen.at(-1) !== day.date) seen.push(day.date);
    }
    expect(seen).toEqual([...new Set(seen)].sort());
    expect(seen.length).toBeGreaterThanOrEqual(4);
  });

  test('a zone that is not known is an error and no endless day', () => {
    expect(() => calendar()('Mars/Olympus', 0)).toThrow(RangeError);
  });
});

test('a call is set aside in both purses, each on its own day', () => {
  const reserve = purses({ perDay: 1_000, timeZone: 'UTC' });
  const site = exampleSite({ key: 'shop', timeZone: 'Europe/Berlin', budget: { perCall: 30, perDay: 300 } });
  expect(reserve(site, at('2026-01-05T23:30:00Z'))).toEqual([
    { scope: 'site_budget', key: 'site:shop:2026-01-06', amount: 30, ceiling: 300, resetsAt: at('2026-01-06T23:00:00Z') },
    { scope: 'deployment_budget', key: 'deployment:2026-01-05', amount: 30, ceiling: 1_000, resetsAt: at('2026-01-06T00:00:00Z') },
  ]);
});

test('a call at a slot is paid for by the slot’s day, in each purse’s own zone', () => {
  const reserve = purses({ perDay: 1_000, timeZone: 'UTC' });
  const site = exampleSite({ timeZone: 'Asia/Kathmandu' });
  const now = Date.parse('2026-01-05T09:00:00Z');
  const slotAt = Date.parse('2026-01-07T20:00:00Z');
  expect(reserve(site, now, slotAt)).toMatchObject([
    { key: 'site:default:2026-01-08', resetsAt: Date.parse('2026-01-09T00:00:00+05:45') },
    { key: 'deployment:2026-01-07', resetsAt: Date.parse('2026-01-08T00:00:00Z') },
  ]);
  // What was looked up for a later day does not stand in the way of today.
  expect(reserve(site, now)[1]).toMatchObject({ key: 'deployment:2026-01-05' });
});
