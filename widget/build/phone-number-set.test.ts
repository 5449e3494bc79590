import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allOfLength, difference, intersection, NONE, type NumberSet, parseNumberSet, prepend, union } from './phone-number-set.ts';

const PATTERNS = ['', '7', '[2-57]', '\\d{2,4}', '1(?:[0-3]|4\\d?)5{0,2}', '(?:11|[89]\\d\\d)\\d{3}|[2368]\\d{4}', '0?(?:0|1)'];
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

test('equal sets are the same object, however they were made', () => {
  expect(parseNumberSet('[0-9][0-9]')).toBe(allOfLength(2));
  expect(union(parseNumberSet('1[0-4]'), parseNumberSet('1[5-9]'))).toBe(parseNumberSet('1\\d'));
  expect(difference(allOfLength(3), allOfLength(3))).toBe(NONE);
  expect(prepend('44', parseNumberSet('[12]'))).toBe(parseNumberSet('44(?:1|2)'));
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
