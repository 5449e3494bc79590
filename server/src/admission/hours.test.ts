/** Every time here is written with its offset: what the clock on the wall shows is the whole point. */
import fc from 'fast-check';
import { IANAZone } from 'luxon';
import { describe, expect, test } from 'vitest';
import type { Hours } from '../config/config.ts';
import { isOpen, nextChange, nextCommonOpening, nextOpening, pieces, staysOpen } from './hours.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Spans written `09:00-12:00`, the same on every day unless told otherwise. */
function hoursIn(timeZone: string, spans: string, days: Record<string, string> = {}): Hours {
  const read = (text: string) => (text === '' ? [] : text.split(' ').map((span) => ({ from: span.slice(0, 5), until: span.slice(6) })));
  return {
    timeZone,
    week: Array.from({ length: 7 }, () => read(spans)),
    days: new Map(Object.entries(days).map(([date, each]) => [date, read(each)])),
  };
}

function weekdays(hours: Hours): Hours {
  return { ...hours, week: hours.week.map((spans, day) => (day < 5 ? spans : [])) };
}

const at = (text: string) => Date.parse(text);
const told = (time: number | undefined) => (time === undefined ? undefined : new Date(time).toISOString());
const iso = (text: string) => new Date(text).toISOString();

/** The openings between two moments, pieces that touch put together. */
function openings(hours: Hours, from: string, until: string): string[][] {
  const whole: { from: number; until: number }[] = [];
  for (const piece of pieces(hours, at(from), at(until))) {
    const last = whole.at(-1);
    if (last !== undefined && last.until === piece.from) last.until = piece.until;
    else whole.push({ from: piece.from, until: piece.until });
  }
  return whole.map((opening) => [new Date(opening.from).toISOString(), new Date(opening.until).toISOString()]);
}

const berlin = weekdays(
  hoursIn('Europe/Berlin', '09:00-12:30 13:30-18:00', { '2026-12-24': '', '2026-12-31': '09:00-12:00', '12-25': '' }),
);

describe('an ordinary week', () => {
  test.each([
    ['before the first minute', '2026-11-23T08:59:59.999+01:00', false],
    ['the first minute', '2026-11-23T09:00:00+01:00', true],
    ['the last moment before the break', '2026-11-23T12:29:59.999+01:00', true],
    ['the break', '2026-11-23T12:30:00+01:00', false],
    ['after it', '2026-11-23T13:30:00+01:00', true],
    ['the end', '2026-11-23T18:00:00+01:00', false],
    ['a Saturday', '2026-11-21T10:00:00+01:00', false],
    ['a day off', '2026-12-24T10:00:00+01:00', false],
    ['a short day', '2026-12-31T11:59:00+01:00', true],
    ['the rest of a short day', '2026-12-31T14:00:00+01:00', false],
    ['a yearly day off, this year', '2026-12-25T10:00:00+01:00', false],
    ['a yearly day off, in years', '2031-12-25T10:00:00+01:00', false],
  ])('%s', (_, time, open) => {
    expect(isOpen(berlin, at(time))).toBe(open);
  });

  test('the next opening is after the break, the weekend, the holidays', () => {
    expect(told(nextOpening(berlin, at('2026-11-23T12:40:00+01:00')))).toBe(iso('2026-11-23T13:30:00+01:00'));
    expect(told(nextOpening(berlin, at('2026-11-20T18:00:00+01:00')))).toBe(iso('2026-11-23T09:00:00+01:00'));
    expect(told(nextOpening(berlin, at('2026-12-23T18:00:00+01:00')))).toBe(iso('2026-12-28T09:00:00+01:00'));
    expect(told(nextOpening(berlin, at('2026-11-23T10:00:00+01:00')))).toBe(iso('2026-11-23T10:00:00+01:00'));
  });

  test('a date of its own comes before a day of every year', () => {
    const open = hoursIn('UTC', '', { '12-25': '', '2026-12-25': '10:00-11:00' });
    expect([isOpen(open, at('2026-12-25T10:30:00Z')), isOpen(open, at('2027-12-25T10:30:00Z'))]).toEqual([true, false]);
  });

  test('hours that never come have no next opening; one day in a year is found', () => {
    expect(nextOpening(hoursIn('UTC', ''), at('2026-01-01T00:00:00Z'))).toBeUndefined();
    expect(told(nextOpening(hoursIn('UTC', '', { '12-25': '09:00-10:00' }), at('2026-12-25T10:00:00Z')))).toBe('2027-12-25T09:00:00.000Z');
  });
});

describe('over midnight', () => {
  const bar = hoursIn('Europe/Berlin', '00:00-02:00 22:00-24:00');

  test('two spans that touch are one opening', () => {
    expect(openings(bar, '2026-11-23T12:00:00+01:00', '2026-11-24T12:00:00+01:00')).toEqual([
      [iso('2026-11-23T22:00:00+01:00'), iso('2026-11-24T02:00:00+01:00')],
    ]);
    expect(staysOpen(bar, at('2026-11-23T23:58:00+01:00'), 5 * MINUTE_MS)).toBe(true);
    expect(staysOpen(bar, at('2026-11-24T01:58:00+01:00'), 5 * MINUTE_MS)).toBe(false);
    expect(told(nextChange(bar, at('2026-11-23T23:59:00+01:00'), at('2026-11-25T00:00:00Z')))).toBe(iso('2026-11-24T02:00:00+01:00'));
  });

  test('what is always open has no change', () => {
    const always = hoursIn('America/New_York', '00:00-24:00');
    const now = at('2026-11-01T00:00:00-04:00');
    expect(nextChange(always, now, now + 3 * DAY_MS)).toBe(now + 3 * DAY_MS);
    expect(staysOpen(always, now, 3 * DAY_MS)).toBe(true);
  });
});

describe('when clocks change', () => {
  test.each<[string, Hours, string, string, string[][]]>([
    [
      'Berlin, the skipped hour is not open',
      hoursIn('Europe/Berlin', '02:00-03:00'),
      '2026-03-29T00:00:00+01:00',
      '2026-03-30T00:00:00+02:00',
      [],
    ],
    [
      'Berlin, a span that begins in the skipped hour begins after it',
      hoursIn('Europe/Berlin', '02:30-05:00'),
      '2026-03-29T00:00:00+01:00',
      '2026-03-30T00:00:00+02:00',
      [['2026-03-29T03:00:00+02:00', '2026-03-29T05:00:00+02:00']],
    ],
    [
      'Berlin, a span over the skipped hour goes on through it',
      hoursIn('Europe/Berlin', '01:00-05:00'),
      '2026-03-29T00:00:00+01:00',
      '2026-03-30T00:00:00+02:00',
      [['2026-03-29T01:00:00+01:00', '2026-03-29T05:00:00+02:00']],
    ],
    [
      'Berlin, the doubled hour is open twice on end',
      hoursIn('Europe/Berlin', '02:00-03:00'),
      '2026-10-25T00:00:00+02:00',
      '2026-10-26T00:00:00+01:00',
      [['2026-10-25T02:00:00+02:00', '2026-10-25T03:00:00+01:00']],
    ],
    [
      'Berlin, half of the doubled hour is open twice',
      hoursIn('Europe/Berlin', '02:30-03:00'),
      '2026-10-25T00:00:00+02:00',
      '2026-10-26T00:00:00+01:00',
      [
        ['2026-10-25T02:30:00+02:00', '2026-10-25T03:00:00+02:00'],
        ['2026-10-25T02:30:00+01:00', '2026-10-25T03:00:00+01:00'],
      ],
    ],
    [
      'New York, a day of 25 hours',
      hoursIn('America/New_York', '00:00-24:00', { '2026-10-31': '', '2026-11-02': '' }),
      '2026-10-31T12:00:00-04:00',
      '2026-11-02T12:00:00-05:00',
      [['2026-11-01T00:00:00-04:00', '2026-11-02T00:00:00-05:00']],
    ],
    [
      'Lord Howe, half an hour is skipped',
      hoursIn('Australia/Lord_Howe', '02:15-03:00'),
      '2026-10-04T00:00:00+10:30',
      '2026-10-05T00:00:00+11:00',
      [['2026-10-04T02:30:00+11:00', '2026-10-04T03:00:00+11:00']],
    ],
    [
      'Lord Howe, half an hour is doubled',
      hoursIn('Australia/Lord_Howe', '01:45-02:00'),
      '2026-04-05T00:00:00+11:00',
      '2026-04-06T00:00:00+10:30',
      [
        ['2026-04-05T01:45:00+11:00', '2026-04-05T02:00:00+11:00'],
        ['2026-04-05T01:45:00+10:30', '2026-04-05T02:00:00+10:30'],
      ],
    ],
    [
      'Casablanca, back to winter time for Ramadan',
      hoursIn('Africa/Casablanca', '02:00-04:00'),
      '2026-02-15T00:00:00+01:00',
      '2026-02-16T00:00:00+00:00',
      [['2026-02-15T02:00:00+01:00', '2026-02-15T04:00:00+00:00']],
    ],
    [
      'Havana, where midnight comes twice',
      hoursIn('America/Havana', '00:30-01:00'),
      '2026-11-01T00:00:00-04:00',
      '2026-11-02T00:00:00-05:00',
      [
        ['2026-11-01T00:30:00-04:00', '2026-11-01T01:00:00-04:00'],
        ['2026-11-01T00:30:00-05:00', '2026-11-01T01:00:00-05:00'],
      ],
    ],
    [
      'Kathmandu, three quarters off the hour and never a change',
      hoursIn('Asia/Kathmandu', '09:00-17:30'),
      '2026-03-29T00:00:00+05:45',
      '2026-03-30T00:00:00+05:45',
      [['2026-03-29T09:00:00+05:45', '2026-03-29T17:30:00+05:45']],
    ],
  ])('%s', (_, hours, from, until, expected) => {
    expect(openings(hours, from, until)).toEqual(expected.map((opening) => opening.map(iso)));
  });
});

describe('hours of several people', () => {
  test('meet at the first moment that suits all', () => {
    const newYork = hoursIn('America/New_York', '08:00-21:00');
    const meeting = nextCommonOpening([berlin, newYork], at('2026-11-23T09:00:00+01:00'));
    expect(told(meeting)).toBe(iso('2026-11-23T14:00:00+01:00'));
  });

  test('that never meet are given up', () => {
    const morning = hoursIn('Europe/Berlin', '09:00-10:00');
    expect(nextCommonOpening([morning, hoursIn('Pacific/Auckland', '09:00-17:00')], at('2026-11-23T09:00:00+01:00'))).toBeUndefined();
  });
});

const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Asia/Kathmandu', 'Africa/Cairo', 'UTC'];
const minute = fc.integer({ min: 0, max: 1_440 });
const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
const spans = fc
  .uniqueArray(minute, { maxLength: 6 })
  .map((marks) => marks.sort((one, other) => one - other))
  .map((marks) =>
    Array.from({ length: Math.floor(marks.length / 2) }, (_, index) => ({
      from: clock(marks[2 * index] ?? 0),
      until: clock(marks[2 * index + 1] ?? 0),
    })),
  );
const anyHours = fc.record({
  timeZone: fc.constantFrom(...ZONES),
  week: fc.array(spans, { minLength: 7, maxLength: 7 }),
  days: fc.constant(new Map()),
});
/** Two weeks around every change of 2026 in these zones. */
const moment = fc
  .tuple(
    fc.constantFrom(
      '2026-02-15',
      '2026-03-08',
      '2026-03-22',
      '2026-03-29',
      '2026-04-05',
      '2026-04-24',
      '2026-10-04',
      '2026-10-25',
      '2026-11-01',
    ),
    fc.integer({ min: -2 * DAY_MS, max: 2 * DAY_MS }),
  )
  .map(([date, offset]) => at(`${date}T00:00:00Z`) + offset);

describe('always', () => {
  test('it is open exactly if the next opening is now', () => {
    fc.assert(
      fc.property(anyHours, moment, (hours, now) => {
        expect(nextOpening(hours, now) === now).toBe(isOpen(hours, now));
      }),
      { numRuns: 500 },
    );
  });

  test('the next opening is open, the moment before it is not, and nothing in between is', () => {
    fc.assert(
      fc.property(anyHours, moment, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (hours, now, share) => {
        const next = nextOpening(hours, now);
        if (next === undefined) return hours.week.every((each) => each.length === 0);
        if (next === now) return isOpen(hours, now);
        const between = now + Math.floor(share * (next - now));
        return isOpen(hours, next) && !isOpen(hours, next - 1) && !isOpen(hours, between);
      }),
      { numRuns: 500 },
    );
  });

  test('it is open exactly inside the pieces, and each knows its offset', () => {
    fc.assert(
      fc.property(anyHours, moment, fc.integer({ min: 0, max: 2 * DAY_MS - 1 }), (hours, from, offset) => {
        const all = [...pieces(hours, from, from + 2 * DAY_MS)];
        const asked = from + offset;
        expect(all.some((piece) => piece.from <= asked && asked < piece.until)).toBe(isOpen(hours, asked));
        for (const piece of all) expect(piece.offsetMs).toBe(IANAZone.create(hours.timeZone).offset(piece.from) * MINUTE_MS);
      }),
      { numRuns: 300 },
    );
  });

  test('nothing changes before the next change', () => {
    fc.assert(
      fc.property(anyHours, moment, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (hours, now, share) => {
        const until = now + DAY_MS;
        const change = nextChange(hours, now, until);
        expect(isOpen(hours, now + Math.floor(share * (change - now)))).toBe(isOpen(hours, now));
        if (change < until) expect(isOpen(hours, change)).toBe(!isOpen(hours, now));
      }),
      { numRuns: 300 },
    );
  });
});
