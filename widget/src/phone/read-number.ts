/**
 * What number a visitor means, as the relay will read it: the same number as libphonenumber's full metadata gives, or none.
 * The relay decides; this only lets the page say early that a number can't be read.
 */
import { type CountryPlan, findPlan, PLANS } from './country-plans.ts';

export type Reading =
  /** `country`: the chosen one if its calling code is the number's, else the main country of that code. */
  { kind: 'number'; e164: string; country: string } | { kind: 'empty' | 'too_short' | 'too_long' | 'unreadable' };

/** ISO 3166-1 alpha-2 codes of all regions that have a numbering plan, in alphabetical order. */
export const COUNTRIES: readonly string[] = [...PLANS.keys()].sort();

const MAX_TYPED_LENGTH = 32;
/** Of other scripts only these three, as in libphonenumber. In each, a digit's value is the last four bits of its character code. */
const DIGIT = String.raw`\d\u0660-\u0669\u06f0-\u06f9\uff10-\uff19`;
const READABLE = RegExp(String.raw`^[+\uff0b]?[${DIGIT}()./ \xa0\u3000\u2010-\u2015\u2212-]*$`);
const NOT_A_DIGIT = RegExp(`[^${DIGIT}]`, 'g');
const WIDE_PLUS = /^\uff0b/;

/** `country`: the one chosen beside the field. */
export function readNumber(typed: string, country: string): Reading {
  if (!typed.trim()) return { kind: 'empty' };
  if (typed.length > MAX_TYPED_LENGTH || !READABLE.test(typed)) return { kind: 'unreadable' };
  const digits = readDigits(typed);
  const plan = PLANS.get(country);
  if (typed.startsWith('+')) return readInternational(digits, plan);

  const reading = plan ? readDomestic(digits, plan) : { kind: 'unreadable' as const };
  // libphonenumber skips a fullwidth plus. Such a number counts only where the plus makes no difference.
  if (!WIDE_PLUS.test(typed)) return reading;
  const meant = readInternational(digits, plan);
  return isSame(reading, meant) ? meant : { kind: 'unreadable' };
}

/** Calling code without plus; empty for an unknown country. */
export function callingCode(country: string): string {
  return PLANS.get(country)?.code ?? '';
}

/** Main country of the calling code in `+…`, so that the choice beside the field can follow; undefined without plus or code. */
export function countryOfTyped(typed: string): string | undefined {
  return /^\s*[+\uff0b]/.test(typed) ? findPlan(readDigits(typed))?.country : undefined;
}

function readDigits(typed: string): string {
  return typed.replace(NOT_A_DIGIT, '').replace(/./g, (digit) => `${digit.charCodeAt(0) & 15}`);
}

function readInternational(digits: string, chosen: CountryPlan | undefined): Reading {
  const plan = findPlan(digits);
  if (!plan) return { kind: digits.length < 3 ? 'too_short' : 'unreadable' };
  return readNational(digits.slice(plan.code.length), plan, chosen?.main === plan ? chosen : plan);
}

/** Digits as dialled inside the country of `plan`. */
function readDomestic(digits: string, plan: CountryPlan): Reading {
  const exit = RegExp(`^(${plan.exit})`).exec(digits)?.[0] ?? '';
  const abroad = digits.slice(exit.length);
  if (exit && abroad && abroad[0] !== '0') return readInternational(abroad, plan);

  const reading = readNational(digits, plan, plan);
  const rest = digits.slice(plan.code.length);
  const hasCode = reading.kind !== 'number' && digits.startsWith(plan.code) && readNational(rest, plan, plan).kind === 'number';
  return hasCode ? readNational(rest, plan.main, plan) : reading;
}

function readNational(digits: string, plan: CountryPlan, country: CountryPlan): Reading {
  const trunk = RegExp(`^(?:${plan.trunk})`);
  const found = trunk.exec(digits);
  // With `put`, the last group is what the trunk prefix was found around; without that group there is only a prefix.
  const stripped = plan.put && found?.at(-1) ? digits.replace(trunk, plan.put) : digits.slice(found?.[0].length);
  const rules = RegExp(plan.rules.replace(/([a-z]+)([^a-z]*)/g, '|^[$1]($2)').slice(1));
  // The stripped reading first: what looks like a trunk prefix is one, unless only the whole is a number.
  const national = [stripped, digits].find((each) => rules.test(lengthLetter(each) + each));
  if (national) return { kind: 'number', e164: `+${plan.code}${national}`, country: country.country };

  const length = lengthLetter(stripped);
  const lengths = plan.rules.match(/[a-z]/g) ?? [];
  if (lengths.every((possible) => length < possible)) return { kind: 'too_short' };
  return { kind: lengths.every((possible) => length > possible) ? 'too_long' : 'unreadable' };
}

/** 1 → `a`, as in the rules. */
function lengthLetter(digits: string): string {
  return String.fromCharCode(96 + digits.length);
}

function isSame(left: Reading, right: Reading): boolean {
  return left.kind === 'number' && right.kind === 'number' && left.e164 === right.e164;
}
