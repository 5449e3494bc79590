import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  after,
  allOfLength,
  concat,
  difference,
  intersection,
  isWithin,
  NONE,
  type NumberSet,
  ofLengths,
  parseNumberSet,
  union,
} from './phone-number-set.ts';

const PATTERNS = ['', '7', '[2-57]', '\\d{2,4}', '1(?:[0-3]|4\\d?)5{0,2}', '(?:11|[89]\\d\\d)\\d{3}|[2368]\\d{4}', '0?(?:0|1)'];
const STARTS = ['', '7', '[2-57]', '\\d{2}', '0?(?:0|1)'];
/** More, no start has. */
const UP_TO_2_DIGITS = [
  '',
  ...Array.from({ length: 10 }, (_, digit) => `${digit}`),
  ...Array.from({ length: 100 }, (_, pair) => `${pair}`.padStart(2, '0')),
];
const anyPattern = fc.constantFrom(...PATTERNS);
const anyDigits = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 6 }).map((digits) => digits.join(''));

test('a set holds what its pattern matches', () => {
  fc.assert(
    fc.property(anyPattern, anyDigits, (pattern, digits) => {
      expect(holds(parseNumberSet(pattern), digits)).toBe(matches(pattern, digits));
    }),
    { numRuns: 2_000 },
  );
  for (const pattern of PATTERNS.filter(Boolean)) {
    for (const digits of fc.sample(fc.stringMatching(new RegExp(`^(?:${pattern})$`)), 50))
      expect(holds(parseNumberSet(pattern), digits)).toBe(true);
  }
});

test('sets are joined, met and subtracted', () => {
  fc.assert(
    fc.property(anyPattern, anyPattern, anyDigits, (left, right, digits) => {
      const sets = [parseNumberSet(left), parseNumberSet(right)] as const;
      expect(holds(union(...sets), digits)).toBe(matches(left, digits) || matches(right, digits));
      expect(holds(intersection(...sets), digits)).toBe(matches(left, digits) && matches(right, digits));
      expect(holds(difference(...sets), digits)).toBe(matches(left, digits) && !matches(right, digits));
    }),
    { numRuns: 2_000 },
  );
});

test('sets are put one after the other and taken off again', () => {
  fc.assert(
    fc.property(fc.constantFrom(...STARTS), anyPattern, anyDigits, (starts, rest, digits) => {
      const sets = [parseNumberSet(starts), parseNumberSet(rest)] as const;
      expect(holds(concat(...sets), digits)).toBe(matches(`(?:${starts})(?:${rest})`, digits));
      const isLeft = UP_TO_2_DIGITS.some((start) => matches(starts, start) && matches(rest, start + digits));
      expect(holds(after(...sets), digits)).toBe(isLeft);
    }),
    { numRuns: 1_000 },
  );
});

test('a set is within another', () => {
  expect(isWithin(parseNumberSet('1[2-4]'), ofLengths([2, 3]))).toBe(true);
  expect(isWithin(parseNumberSet('1[2-4]?'), ofLengths([2, 3]))).toBe(false);
});

test('equal sets are the same object, however they were made', () => {
  expect(parseNumberSet('[0-9][0-9]')).toBe(allOfLength(2));
  expect(union(parseNumberSet('1[0-4]'), parseNumberSet('1[5-9]'))).toBe(parseNumberSet('1\\d'));
  expect(difference(allOfLength(3), allOfLength(3))).toBe(NONE);
  expect(concat(parseNumberSet('44'), parseNumberSet('[12]'))).toBe(parseNumberSet('44(?:1|2)'));
});

test('a pattern that is more than digits is refused', () => {
  for (const pattern of ['a', '1+', '^1', '[^1]', '1$', '(?=1)2', '(1', '1)', '{2}'])
    expect(() => parseNumberSet(pattern), pattern).toThrow();
});

function holds(set: NumberSet, digits: string): boolean {
  return [...digits].reduce((rest, digit) => rest.next[Number(digit)] ?? NONE, set).ends;
}

function matches(pattern: string, digits: string): boolean {
  return new RegExp(`^(?:${pattern})$`).test(digits);
}
