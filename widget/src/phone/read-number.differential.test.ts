/**
 * The page must never show another number than the relay dials. So whatever is typed, the reader gives the number that
 * libphonenumber's full metadata gives, or none. Numbers of every region and type in every spelling, then anything at all.
 */
import fc from 'fast-check';
import { type CountryCode, getExampleNumber, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import metadata from 'libphonenumber-js/max/metadata';
import examples from 'libphonenumber-js/mobile/examples';
import { expect, test } from 'vitest';
import { COUNTRIES, callingCode, readNumber } from './read-number.ts';

const SEED = 20_201_120;
const ARABIC_ZERO = 0x660;
const PERSIAN_ZERO = 0x6f0;
const FULLWIDTH_ZERO = 0xff10;

type TypePlan = [pattern: string, lengths?: number[]];
interface RegionPlan {
  exit: string;
  trunk: string;
  /** The general pattern first, then those of the types. */
  patterns: TypePlan[];
}

/** All the ways one number is typed; undefined where a region has no such way. */
const SPELLINGS: Record<string, (number: PhoneNumber, country: string) => string | undefined> = {
  'bare national digits': (number) => number.nationalNumber,
  'with trunk prefix': (number, country) => planOf(country).trunk + number.nationalNumber,
  national: (number) => number.formatNational(),
  'E.164': (number) => number.number,
  international: (number) => number.formatInternational(),
  'with international prefix': (number, country) => exitsOf(country)[0] + number.number.slice(1),
  'with another international prefix': (number, country) => `${exitsOf(country)[1]} ${number.formatInternational().slice(1)}`,
  'without plus': (number) => number.number.slice(1),
  'bracketed trunk prefix': (number, country) => `+${number.countryCallingCode} (${planOf(country).trunk || 0})${number.nationalNumber}`,
  'bracketed area': (number) => `(${number.nationalNumber.slice(0, 3)}) ${number.nationalNumber.slice(3)}`,
  hyphenated: (number) => number.formatInternational().replaceAll(' ', '-'),
  'hyphenated national': (number) => number.formatNational().replace(/[^\d]+/g, '\u2011'),
  dotted: (number) => number.formatNational().replace(/[^\d]+/g, '.'),
  slashed: (number) => number.formatNational().replace(/[^\d]+/, '/'),
  'no-break spaces': (number) => number.formatInternational().replaceAll(' ', '\u00a0'),
  'Arabic digits': (number) => inDigitsFrom(ARABIC_ZERO, number.formatNational()),
  'Persian digits': (number) => inDigitsFrom(PERSIAN_ZERO, number.formatInternational()),
  'fullwidth digits': (number) => inDigitsFrom(FULLWIDTH_ZERO, number.formatNational()),
  'fullwidth plus': (number) => `\uff0b${inDigitsFrom(FULLWIDTH_ZERO, number.number.slice(1))}`,
};

/**
 * What the reader leaves to the relay, because knowing it would cost every page bytes: Argentina's mobiles with 15 after the area code,
 * and international prefixes in which a carrier is chosen. A fullwidth plus is made a plus before anything is read; as it stands
 * libphonenumber skips it.
 */
function isLeftToRelay(spelling: string, typed: string, country: string): boolean {
  const digits = typed.replace(/[^\d\u0660-\u0669\uff10-\uff19]/g, '').replace(/./g, (digit) => `${digit.charCodeAt(0) & 15}`);
  if (country === 'AR' && /^0?(11|[23]\d\d\d?)15/.test(digits)) return true;
  return spelling === 'fullwidth plus' || (spelling.endsWith('international prefix') && !/^\d+$/.test(planOf(country).exit));
}

test('every region, type and spelling: the same number or none, and hardly ever none', { timeout: 60_000 }, () => {
  const cases = new Set<string>();
  const deviations: string[] = [];
  const recall = new Map(Object.keys(SPELLINGS).map((spelling) => [spelling, { callable: 0, read: 0 }]));

  for (const country of COUNTRIES) {
    const sharing = COUNTRIES.filter((other) => callingCode(other) === callingCode(country));
    for (const number of numbersOf(country)) {
      const isCallable = number.isValid() && /MOBILE|FIXED_LINE/.test(number.getType() ?? '');
      for (const [spelling, spell] of Object.entries(SPELLINGS)) {
        const typed = spell(number, country);
        if (typed === undefined || typed.length > 32) continue;
        for (const chosen of sharing) {
          cases.add(`${chosen} ${typed}`);
          const { reading, reference, deviation } = compare(typed, chosen);
          if (deviation) deviations.push(`${spelling}: ${deviation}`);
          const counts = recall.get(spelling);
          if (!counts || !isCallable || isLeftToRelay(spelling, typed, country) || chosen !== country || reference !== number.number)
            continue;
          counts.callable++;
          if (reading === number.number) counts.read++;
        }
      }
    }
  }

  expect(deviations).toEqual([]);
  expect(cases.size).toBeGreaterThan(100_000);
  for (const [spelling, { callable, read }] of recall) {
    if (spelling === 'fullwidth plus') continue;
    expect(callable, spelling).toBeGreaterThan(500);
    expect(read / callable, spelling).toBeGreaterThan(0.999);
  }
});

test.each([
  ['61188832961', 'AU', 'without the code it fits Cocos Islands alone'],
  ['358508051', 'AX', 'it is a Finnish number, and one of Åland with the code'],
  ['74435021432', 'KZ', 'without the code it is Russian alone'],
  ['0884777755', 'IM', 'nine digits are too few on Man, not in Britain'],
  ['13151895', 'AG', 'seven digits are too few outside Canada'],
  ['+113151895', 'CA', 'seven digits are too few outside Canada'],
])('%s in %s is not misread, although %s', (typed, country) => {
  expect(compare(typed, country).deviation).toBeUndefined();
});

const anyCountry = fc.constantFrom(...COUNTRIES);
const anyDigits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 18 }).map((digits) => digits.join(''));
const anyStart = anyCountry.chain((country) =>
  fc.constantFrom(
    '',
    '',
    '+',
    '\uff0b',
    '00',
    '0',
    planOf(country).trunk,
    callingCode(country),
    `+${callingCode(country)}`,
    ...exitsOf(country),
  ),
);

test('any digits after any beginning: the same number or none', { timeout: 60_000 }, () => {
  const anyGap = fc.constantFrom('', '', '', ' ', '-', '.', '/', '(0)', ' (', ') ', '\u00a0', '\u2013', '\u3000');
  const typed = fc.tuple(anyStart, anyGap, anyDigits, anyGap, anyDigits).map((parts) => parts.join(''));
  fc.assert(
    fc.property(typed, anyCountry, (text, country) => {
      expect(compare(text, country).deviation).toBeUndefined();
    }),
    { seed: SEED, numRuns: 60_000 },
  );
});

test('any digits of a length that the country has, mostly no number of it: the same number or none', { timeout: 60_000 }, () => {
  // What has a meaning at the beginning stands in the middle too, where it must have none.
  const anyDigit = fc.integer({ min: 0, max: 99 }).map(String);
  const typed = anyCountry.chain((country) => {
    const hot = fc.constantFrom(callingCode(country), planOf(country).trunk, '0', '1', '00');
    return fc.record({
      country: fc.constant(country),
      start: fc.array(hot, { maxLength: 2 }),
      digits: fc.array(fc.oneof({ arbitrary: anyDigit, weight: 4 }, hot), { minLength: 17, maxLength: 17 }),
      length: fc.constantFrom(...lengthsOf(country)),
      plus: fc.constantFrom('', '', `+${callingCode(country)}`),
      counted: fc.boolean(),
    });
  });
  fc.assert(
    fc.property(typed, ({ country, start, digits, length, plus, counted }) => {
      const beginning = start.join('');
      const text = counted ? (beginning + digits.join('')).slice(0, length) : beginning + digits.join('').slice(0, length);
      expect(compare(plus + text, country).deviation).toBeUndefined();
    }),
    { seed: SEED, numRuns: 60_000 },
  );
});

test('a number with a slip of the finger: the same number or none', { timeout: 60_000 }, () => {
  const slip = fc.record({ at: fc.nat(12), put: fc.constantFrom('', '0', '1', '5', '8', '9', '00', '15') });
  const typed = anyCountry.chain((country) =>
    fc.record({
      country: fc.constant(country),
      spelling: fc.constantFrom(...Object.values(SPELLINGS)),
      slip,
      cut: fc.integer({ min: 0, max: 1 }),
      chosen: fc.oneof(fc.constant(country), anyCountry),
    }),
  );
  fc.assert(
    fc.property(typed, ({ country, spelling, slip: { at, put }, cut, chosen }) => {
      const example = getExampleNumber(country as CountryCode, examples);
      const text = (example && spelling(example, country)) ?? '';
      expect(compare(text.slice(0, at) + put + text.slice(at + cut), chosen).deviation).toBeUndefined();
    }),
    { seed: SEED, numRuns: 40_000 },
  );
});

test('any characters around digits: the same number or none', () => {
  const anyCharacter = fc.oneof(
    fc.constantFrom(...'0123456789+()-./ ,;x#*~\t\n\u200b\u00ad\u0663\u06f5\uff17\u0967\uff0b\uff0d'),
    fc.string({ maxLength: 1 }),
  );
  const typed = fc.tuple(fc.constantFrom('', '+4930', '030', '+1212', ';ext='), fc.array(anyCharacter, { maxLength: 16 }));
  fc.assert(
    fc.property(typed, fc.constantFrom('DE', 'US', 'RU', 'IT'), ([start, characters], country) => {
      expect(compare(start + characters.join(''), country).deviation).toBeUndefined();
    }),
    { seed: SEED, numRuns: 10_000 },
  );
});

/** The reader's number and libphonenumber's; `deviation` tells how the reader's is not allowed. */
function compare(typed: string, country: string): { reading?: string; reference?: string; deviation?: string } {
  const result = readNumber(typed, country);
  const parsed = parsePhoneNumberFromString(typed, { defaultCountry: country as CountryCode, extract: false });
  const reference = parsed && !parsed.ext ? { reference: parsed.number } : {};
  if (result.kind !== 'number') return reference;
  const reading = { reading: result.e164, ...reference };
  return reading.reference === result.e164
    ? reading
    : { ...reading, deviation: `${JSON.stringify(typed)} in ${country} is ${reading.reference ?? 'no number'}, read as ${result.e164}` };
}

const plans = new Map<string, RegionPlan>();

/** Positions as in METADATA.md of libphonenumber-js. */
function planOf(country: string): RegionPlan {
  let plan = plans.get(country);
  if (plan === undefined) {
    const row = metadata.countries[country as CountryCode] as readonly unknown[];
    const patterns = [[row[2], row[3]], ...((row[11] || []) as unknown[])] as (TypePlan | 0)[];
    plan = {
      exit: row[1] as string,
      trunk: (row[5] || '') as string,
      patterns: patterns.filter((type): type is TypePlan => Array.isArray(type) && type[0] !== ''),
    };
    plans.set(country, plan);
  }
  return plan;
}

function lengthsOf(country: string): readonly number[] {
  return planOf(country).patterns[0]?.[1] ?? [];
}

function exitsOf(country: string): string[] {
  return fc.sample(fc.stringMatching(new RegExp(`^(?:${planOf(country).exit})$`)), { seed: SEED, numRuns: 2 });
}

/** The example of the metadata and up to five numbers made up from each pattern, valid or not. */
function numbersOf(country: string): PhoneNumber[] {
  const { patterns } = planOf(country);
  const general = lengthsOf(country);
  const made = patterns.flatMap(([pattern, lengths = general]) =>
    fc
      .sample(fc.stringMatching(new RegExp(`^(?:${pattern})$`)), { seed: SEED, numRuns: 12 })
      .filter((national) => lengths.includes(national.length))
      .slice(0, 5)
      .map((national) => parsePhoneNumberFromString(`+${callingCode(country)}${national}`)),
  );
  return [getExampleNumber(country as CountryCode, examples), ...made].filter((number) => number !== undefined);
}

function inDigitsFrom(zero: number, text: string): string {
  return text.replace(/\d/g, (digit) => String.fromCharCode(zero + Number(digit)));
}
