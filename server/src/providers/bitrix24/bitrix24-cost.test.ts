import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCost } from './bitrix24-cost.ts';

test.each([
  ['0.0720', 'EUR', 8, 'EUR'],
  ['0.07', 'EUR', 7, 'EUR'],
  ['1.10', 'usd', 110, 'USD'],
  ['12', 'EUR', 1_200, 'EUR'],
  ['3.5', 'RUR', 350, 'RUB'],
  ['7.0001', 'JPY', 8, 'JPY'],
  ['0.0010', 'KWD', 1, 'KWD'],
  ['0.0000', 'EUR', 0, 'EUR'],
  ['0.000000000001', 'EUR', 1, 'EUR'],
  [' 2.00 ', ' EUR ', 200, 'EUR'],
])('%j %s is %i smallest units of %s', (cost, currency, amount, code) => {
  expect(readCost(cost, currency)).toEqual({ amount, currency: code });
});

test.each([
  [undefined, 'EUR'],
  ['1', undefined],
  ['', 'EUR'],
  ['-1', 'EUR'],
  ['+1', 'EUR'],
  ['1,50', 'EUR'],
  ['1.', 'EUR'],
  ['.5', 'EUR'],
  ['1e3', 'EUR'],
  ['0x10', 'EUR'],
  ['Infinity', 'EUR'],
  ['1.5 EUR', 'EUR'],
  ['1 000', 'EUR'],
  ['٣', 'EUR'],
  ['9999999999', 'EUR'],
  ['1', '€'],
  ['1', 'EURO'],
  ['1', ''],
])('%j %j is no price', (cost, currency) => {
  expect(readCost(cost, currency)).toBeUndefined();
});

test('a price is never read as less than it is, nor as a whole unit more', () => {
  const price = fc.record({
    whole: fc.nat({ max: 999_999_999 }),
    fraction: fc.stringMatching(/^\d{1,12}$/),
    currency: fc.constantFrom(['EUR', 2], ['JPY', 0], ['BHD', 3], ['CLF', 4]),
  });
  fc.assert(
    fc.property(price, ({ whole, fraction, currency: [code, digits] }) => {
      const { amount = -1 } = readCost(`${whole}.${fraction}`, String(code)) ?? {};
      // Compared as whole numbers of the twelfth digit: the test has no rounding of its own.
      const exact = BigInt(`${whole}${fraction.padEnd(12, '0')}`);
      const read = BigInt(amount) * 10n ** BigInt(12 - Number(digits));
      expect(read >= exact).toBe(true);
      expect(read - exact < 10n ** BigInt(12 - Number(digits))).toBe(true);
    }),
  );
});

test('whatever stands there, the answer is a price that can be counted or none', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (cost, currency) => {
      for (const read of [readCost(cost, 'EUR'), readCost('1.00', currency), readCost(cost, currency)]) {
        if (read === undefined) continue;
        expect(Number.isSafeInteger(read.amount) && read.amount >= 0).toBe(true);
        expect(read.currency).toMatch(/^[A-Z]{3}$/);
      }
    }),
  );
});
