/**
 * Numbers of every type in more than forty countries with the answers that they have had. Frozen: when new metadata changes one,
 * this fails, and a person decides whether that number may be called from now on.
 */
import { getCountries, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { describe, expect, test } from 'vitest';
import { exampleSite } from '../simulators/example-site.ts';
import golden from './number-policy.golden.json' with { type: 'json' };
import { numberReader } from './number-policy.ts';

/** As typed, country chosen, E.164 where it may be called, answer where all countries may be called, answer where its own alone may, type. */
const rows = golden as [string, ReturnType<typeof getCountries>[number], string | null, string, string, string | null][];
const read = numberReader([]);

describe('golden numbers', () => {
  test.each(rows)('%s in %s', (typed, country, e164, everywhere, atHome, type) => {
    const reading = read(typed, undefined, exampleSite({ country, countries: getCountries() }));
    expect(reading.kind).toBe(everywhere);
    expect(reading.kind === 'number' ? reading.e164 : null).toBe(e164);
    expect(read(typed, undefined, exampleSite({ country })).kind).toBe(atHome);
    const number = parsePhoneNumberFromString(e164 ?? typed, { defaultCountry: country, extract: false });
    expect(number?.isValid() ? number.getType() : null).toBe(type);
  });

  test('are enough to notice', () => {
    expect(rows.length).toBeGreaterThanOrEqual(300);
    expect(new Set(rows.map(([, country]) => country)).size).toBeGreaterThanOrEqual(30);
    const called = rows.filter(([, , e164]) => e164 !== null).map((row) => row[5]);
    expect(new Set(called)).toEqual(new Set(['MOBILE', 'FIXED_LINE', 'FIXED_LINE_OR_MOBILE']));
  });
});
