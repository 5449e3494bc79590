/**
 * `COST` and `COST_CURRENCY` at the end of a call: a decimal number in whole units and a code of three letters, as strings.
 * https://apidocs.bitrix24.com/api-reference/telephony/voximplant/events/on-voximplant-call-end.html
 */
import type { Cost } from '../provider.ts';

/** Undefined for whatever is not plainly a price. Part of a smallest unit counts as a whole one. */
export function readCost(cost: string | undefined, currency: string | undefined): Cost | undefined {
  const [, whole, fraction = ''] = /^(\d{1,9})(?:\.(\d{1,12}))?$/.exec(cost?.trim() ?? '') ?? [];
  const code = currency?.trim().toUpperCase() ?? '';
  if (whole === undefined || !/^[A-Z]{3}$/.test(code)) return undefined;
  const digits = MINOR_DIGITS.get(code) ?? 2;
  // By its digits: as a binary fraction 0.07 EUR would be a little more than seven cents, and so eight.
  const units = Number(whole + fraction.slice(0, digits).padEnd(digits, '0'));
  const hasRest = /[1-9]/.test(fraction.slice(digits));
  return { amount: hasRest ? units + 1 : units, currency: RENAMED.get(code) ?? code };
}

/** The same backwards, in whole units: a number, as the portal takes it. */
export function writeCost({ amount, currency }: Cost): number {
  const digits = MINOR_DIGITS.get(currency) ?? 2;
  return Number((amount / 10 ** digits).toFixed(digits));
}

/** Portals go on writing the rouble as it was called until 1998, with today's value. */
const RENAMED: ReadonlyMap<string, string> = new Map([['RUR', 'RUB']]);

/** Digits after the point where they are not two (ISO 4217, list one). */
const MINOR_DIGITS: ReadonlyMap<string, number> = new Map([
  ...'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((code) => [code, 0] as const),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map((code) => [code, 3] as const),
  ...'CLF UYW'.split(' ').map((code) => [code, 4] as const),
]);
