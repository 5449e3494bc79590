import { brotliCompressSync } from 'node:zlib';
import fc from 'fast-check';
import metadata from 'libphonenumber-js/max/metadata';
import { expect, test } from 'vitest';
import { intersection, type NumberSet, parseNumberSet } from './phone-number-set.ts';
import { readRules, writeRules } from './phone-rules.ts';
import { writePhoneTable } from './phone-table.ts';

const UP_TO_17_DIGITS = parseNumberSet('\\d{1,17}');

test.each([
  ['[1-9]\\d{8}', 'i[1-9]'],
  ['[1-9]\\d{7,8}', 'hi[1-9]'],
  ['[1-7]\\d{7,8}|90\\d{8}', 'hi[1-7]j90'],
  ['1(?:2|3)\\d{2}|4\\d{3}', 'd4|1[23]'],
  ['(?:21|3)\\d{3}|8\\d{2}', 'c8d3e21'],
  ['\\d{4}', 'd'],
  ['[02468]\\d', 'b[02468]'],
  ['\\d{2}|1\\d\\d', 'c1b'],
])('the rules for %s are %s', (pattern, rules) => {
  expect(writeRules(parseNumberSet(pattern))).toBe(rules);
});

test('the rules of every region hold for exactly the numbers of its pattern', () => {
  for (const [region, plan] of Object.entries(metadata.countries)) {
    const [, , pattern] = plan as [string, string, string];
    const rules = rulesToPattern(writeRules(parseNumberSet(pattern)));
    const anyDigits = fc.oneof(fc.stringMatching(/^\d{3,17}$/), fc.stringMatching(new RegExp(`^(?:${pattern})$`)));
    fc.assert(
      fc.property(anyDigits, (digits) => {
        expect(rules.test(`${String.fromCharCode(96 + digits.length)}${digits}`), region).toBe(new RegExp(`^(?:${pattern})$`).test(digits));
      }),
      { numRuns: 100 },
    );
  }
});

test('rules are read as they were written', () => {
  for (const [, , pattern] of Object.values(metadata.countries) as [string, string, string][]) {
    const numbers = intersection(parseNumberSet(pattern), UP_TO_17_DIGITS);
    expect(readRules(writeRules(numbers))).toBe(numbers);
  }
});

test('rules hold for what they must, and for nothing else than they may', () => {
  const [least, most] = ['[2-46-8]\\d{7}|5[1-6]\\d{7}', '[2-9]\\d{7}|5\\d{8}'].map(parseNumberSet) as [NumberSet, NumberSet];
  expect(writeRules(least, most)).toBe('h[2-8]i5');
});

test('the table stays small: at most 2,000 bytes of brotli', () => {
  expect(brotliCompressSync(writePhoneTable()).length).toBeLessThanOrEqual(2_000);
});

/** As the page does: the length's letter, then the beginning. */
function rulesToPattern(rules: string): RegExp {
  return new RegExp(rules.replace(/([a-z]+)([^a-z]*)/g, '|^[$1]($2)').slice(1));
}
