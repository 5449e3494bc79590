import { getCountries } from 'libphonenumber-js/max';
import { describe, expect, test } from 'vitest';
import { exampleSite } from '../simulators/example-site.ts';
import { calleeHours, mainlandZones } from './callee-hours.ts';
import { isOpen } from './hours.ts';

const site = exampleSite({ country: 'DE', calleeHours: { from: '08:00', until: '21:00' } });

/** Whether somebody in `country` may be rung at this time. */
const mayRing = (country: string, at: string, calling = site) =>
  calleeHours(country, calling, Date.parse(at)).every((hours) => isOpen(hours, Date.parse(at)));

describe('calls abroad', () => {
  test.each([
    ['GB', '2026-11-23T07:59:00Z', false],
    ['GB', '2026-11-23T08:00:00Z', true],
    ['GB', '2026-11-23T20:59:00Z', true],
    ['GB', '2026-11-23T21:00:00Z', false],
    ['JP', '2026-11-23T12:00:00Z', false],
    ['IN', '2026-11-23T02:30:00Z', true],
    ['IN', '2026-11-23T02:29:00Z', false],
  ])('to %s at %s: %s', (country, at, may) => {
    expect(mayRing(country, at)).toBe(may);
  });

  test('have to fit the whole mainland: New York still and Los Angeles already', () => {
    expect(mayRing('US', '2026-11-23T08:30:00-05:00')).toBe(false);
    expect(mayRing('US', '2026-11-23T15:00:00-05:00')).toBe(true);
    expect(mayRing('US', '2026-11-23T21:30:00-05:00')).toBe(false);
  });

  test('do not wait for islands in the ocean, but ring there by day where there is nothing else', () => {
    expect(mayRing('PT', '2026-11-23T08:00:00Z')).toBe(true);
    expect(mayRing('NZ', '2026-11-23T08:30:00+13:00')).toBe(true);
    expect(mayRing('NZ', '2026-11-23T07:30:00+13:00')).toBe(false);
  });

  test('leave some hours of every day even where a country spans eleven zones', () => {
    const rung = Array.from({ length: 24 }, (_, hour) => `2026-11-23T${String(hour).padStart(2, '0')}:30:00+03:00`).filter((at) =>
      mayRing('RU', at),
    );
    expect(rung.map((at) => at.slice(11, 16))).toEqual(['09:30', '10:30', '11:30']);
  });
});

test('calls inside the site’s own country keep to its hours alone', () => {
  expect(calleeHours('DE', site, 0)).toEqual([]);
  expect(mayRing('RU', '2026-11-23T23:00:00+03:00', exampleSite({ country: 'RU', calleeHours: { from: '08:00', until: '21:00' } }))).toBe(
    true,
  );
});

test('nothing is held to where the operator said so', () => {
  expect(mayRing('JP', '2026-11-23T18:00:00Z', exampleSite({ calleeHours: undefined }))).toBe(true);
});

test('every country that can be called has a zone', () => {
  expect(getCountries().filter((country) => mainlandZones(country, 2026).length === 0)).toEqual([]);
});
