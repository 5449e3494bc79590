import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Hours, SlotConfig } from '../config/config.ts';
import { isOpen, staysOpen } from './hours.ts';
import { isSlot, OFFER_LEAD_MS, slotsOf, TAKE_LEAD_MS } from './slots.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const every = (everyMinutes: number, daysAhead = 1): SlotConfig => ({ everyMinutes, capacity: 1, daysAhead });

function hoursIn(timeZone: string, ...spans: string[]): Hours {
  const each = spans.map((span) => ({ from: span.slice(0, 5), until: span.slice(6) }));
  return { timeZone, week: Array.from({ length: 7 }, () => each), days: new Map() };
}

const slotsAt = (hours: Hours, slots: SlotConfig, now: string) =>
  [...slotsOf(hours, slots, Date.parse(now))].map((at) => new Date(at).toISOString());
const iso = (texts: string[]) => texts.map((text) => new Date(text).toISOString());

describe('slots', () => {
  test('stand on the wall’s clock inside the hours, with time left to call', () => {
    const hours = hoursIn('Europe/Berlin', '09:10-10:35', '13:00-14:00');
    expect(slotsAt(hours, every(30), '2026-11-23T06:00:00+01:00')).toEqual(
      iso([
        '2026-11-23T09:30+01:00',
        '2026-11-23T10:00+01:00',
        '2026-11-23T10:30+01:00',
        '2026-11-23T13:00+01:00',
        '2026-11-23T13:30+01:00',
      ]),
    );
  });

  test('that leave less than five minutes before the end are not offered', () => {
    expect(slotsAt(hoursIn('UTC', '09:00-09:34'), every(30), '2026-11-23T00:00:00Z')).toEqual(iso(['2026-11-23T09:00Z']));
    expect(slotsAt(hoursIn('UTC', '00:00-00:10', '23:50-24:00'), every(10), '2026-11-23T12:00:00Z')).toEqual(
      iso(['2026-11-23T23:50Z', '2026-11-24T00:00Z']),
    );
  });

  test('begin five minutes ahead at the earliest, and end with the days ahead', () => {
    const slots = slotsAt(hoursIn('UTC', '00:00-24:00'), every(5, 1), '2026-11-23T12:00:00Z');
    expect(slots[0]).toBe('2026-11-23T12:05:00.000Z');
    expect(slots.at(-1)).toBe('2026-11-24T11:55:00.000Z');
  });

  test('in a zone three quarters off the hour', () => {
    expect(slotsAt(hoursIn('Asia/Kathmandu', '09:00-10:00'), every(30), '2026-11-23T00:00:00+05:45')).toEqual(
      iso(['2026-11-23T09:00+05:45', '2026-11-23T09:30+05:45']),
    );
  });

  test('of a skipped hour do not exist, of a doubled hour there are two', () => {
    const night = hoursIn('Europe/Berlin', '01:30-03:30');
    expect(slotsAt(night, every(30), '2026-03-29T00:00:00+01:00')).toEqual(iso(['2026-03-29T01:30+01:00', '2026-03-29T03:00+02:00']));
    expect(slotsAt(hoursIn('Europe/Berlin', '02:00-03:00'), every(30), '2026-10-25T00:00:00+02:00')).toEqual(
      iso(['2026-10-25T02:00+02:00', '2026-10-25T02:30+02:00', '2026-10-25T02:00+01:00', '2026-10-25T02:30+01:00']),
    );
  });

  test('on an island that moves its clocks by half an hour', () => {
    expect(slotsAt(hoursIn('Australia/Lord_Howe', '01:00-03:00'), every(60), '2026-10-04T00:00:00+10:30')).toEqual(
      iso(['2026-10-04T01:00+10:30']),
    );
  });
});

describe('a slot that is asked for', () => {
  const hours = hoursIn('Europe/Berlin', '09:00-18:00');
  const now = Date.parse('2026-11-23T09:55:30+01:00');
  const asked = (text: string) => isSlot(hours, every(15, 2), Date.parse(text), now);

  test.each([
    ['on the grid', '2026-11-23T10:15:00+01:00', true],
    ['written in another zone', '2026-11-23T04:15:00-05:00', true],
    ['offered five minutes before, taken in the last', '2026-11-23T10:00:00+01:00', true],
    ['beside the grid', '2026-11-23T10:20:00+01:00', false],
    ['a second beside it', '2026-11-23T10:15:01+01:00', false],
    ['a millisecond beside it', '2026-11-23T10:15:00.001+01:00', false],
    ['past', '2026-11-23T09:45:00+01:00', false],
    ['outside the hours', '2026-11-23T20:00:00+01:00', false],
    ['at the very end', '2026-11-23T18:00:00+01:00', false],
    ['too far ahead', '2026-11-25T10:00:00+01:00', false],
    ['in years', '9999-12-31T10:00:00+01:00', false],
    ['no time at all', '2026-11-23', false],
  ])('%s', (_, text, free) => {
    expect(asked(text)).toBe(free);
  });

  test('too late by a millisecond', () => {
    const at = Date.parse('2026-11-23T10:15:00+01:00');
    expect([at - TAKE_LEAD_MS, at - TAKE_LEAD_MS + 1].map((then) => isSlot(hours, every(15), at, then))).toEqual([true, false]);
  });
});

test('what is offered may be taken, for as long as the leads differ; what is not on offer may not', () => {
  const step = fc.constantFrom(5, 10, 15, 20, 30, 60);
  const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Casablanca');
  const start = fc.constantFrom('2026-03-28', '2026-10-24', '2026-11-01', '2026-10-03', '2026-02-14', '2026-07-01').map(Date.parse);
  fc.assert(
    fc.property(
      zone,
      step,
      start,
      fc.integer({ min: 0, max: DAY_MS }),
      fc.integer({ min: 0, max: 1_439 }),
      (timeZone, minutes, day, offset, pick) => {
        const hours = hoursIn(timeZone, '00:00-02:17', '02:40-03:05', '09:00-24:00');
        const now = day + offset;
        const offered = new Set(slotsOf(hours, every(minutes), now));
        for (const at of offered) {
          expect(isSlot(hours, every(minutes), at, now)).toBe(true);
          expect(isSlot(hours, every(minutes), at, now + OFFER_LEAD_MS - TAKE_LEAD_MS)).toBe(true);
          expect(isOpen(hours, at) && staysOpen(hours, at, 5 * MINUTE_MS)).toBe(true);
        }
        const other = Math.floor(now / MINUTE_MS) * MINUTE_MS + pick * MINUTE_MS;
        if (other >= now + OFFER_LEAD_MS && other < now + DAY_MS)
          expect(isSlot(hours, every(minutes), other, now)).toBe(offered.has(other));
      },
    ),
    { numRuns: 60 },
  );
});
