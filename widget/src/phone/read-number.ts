/**
 * What number a visitor means, as the relay will read it: the same number as libphonenumber's full metadata gives, or none.
 * The relay decides; this only lets the page say early that a number can't be read.
 */
import { type CountryPlan, findPlan, PLANS } from './country-plans.ts';

export type Reading =
  /** `country`: the chosen one if its calling code is the number's, else the main country of that code. */
  | { kind: 'number'; e164: string; country: string }
  /** Perhaps a number in a spelling that only the relay knows. */
  | { kind: 'unclear'; country: string }
  | { kind: 'empty' | 'too_short' | 'too_long' | 'unreadable' };

/** ISO 3166-1 alpha-2 codes of all regions that have a numbering plan, in alphabetical order. */
export const COUNTRIES: readonly string[] = [...PLANS.keys()].sort();

/** Of other scripts only these three, as in libphonenumber. In each, a digit's value is the last four bits of its character code. */
const DIGIT = String.raw`\d\u0660-\u0669\u06f0-\u06f9\uff10-\uff19`;
/** No more than 32 characters, as the relay takes. */
const READABLE = RegExp(String.raw`^(?=.{0,32}$)\+?[${DIGIT}()./ \xa0\u3000\u2010-\u2015\u2212-]*$`);
const NOT_A_DIGIT = RegExp(`[^${DIGIT}]`, 'g');
/** With fewer digits nobody can be called, however they are spelled. */
const MIN_UNCLEAR_DIGITS = 5;

/** `country`: the one chosen beside the field. */
export function readNumber(typed: string, country: string): Reading {
  if (!typed.trim()) return { kind: 'empty' };
  if (!READABLE.test(typed)) return { kind: 'unreadable' };
  const digits = readDigits(typed);
  const plan = PLANS.get(country);
  const isInternational = typed.startsWith('+');
  const reading = isInternational ? readInternational(digits, plan) : plan && readDomestic(digits, plan);
  if (reading && reading.kind !== 'unclear') return reading;
  return digits.length < MIN_UNCLEAR_DIGITS ? { kind: 'unreadable' } : (reading ?? { kind: 'unclear', country });
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

/** Undefined where nobody has the calling code. */
function readInternational(digits: string, chosen: CountryPlan | undefined): Reading | undefined {
  const plan = findPlan(digits);
  if (!plan) return digits.length < 3 ? { kind: 'too_short' } : undefined;
  return readNational(digits.slice(plan.code.length), plan, chosen?.main === plan ? chosen : plan);
}

/** Digits as dialled inside the country of `plan`. */
function readDomestic(digits: string, plan: CountryPlan): Reading | undefined {
  const [exit = '', isUnread] = RegExp(`^(?:${plan.exit})`).exec(digits) ?? [];
  const abroad = digits.slice(exit.length);
  if (isUnread) return undefined;
  // No calling code begins with 0.
  if (exit && abroad && abroad[0] !== '0') return readInternational(abroad, plan);

  const reading = readNational(digits, plan, plan);
  if (reading.kind === 'number' || !digits.startsWith(plan.code)) return reading;
  const rest = digits.slice(plan.code.length);
  return readNational(rest, plan, plan).kind === 'number' ? readNational(rest, plan.main, plan) : reading;
}

function readNational(digits: string, plan: CountryPlan, { country }: CountryPlan): Reading {
  const stripped = digits.replace(RegExp(`^(${plan.trunk})`), '');
  const rules = RegExp(plan.rules.replace(/([a-z]+)([^a-z]*)/g, '|^[$1]($2)').slice(1));
  // The stripped reading first: what looks like a trunk prefix is one, unless only the whole is a number.
  const national = [stripped, digits].find((each) => rules.test(lengthLetter(each) + each));
  if (national) return { kind: 'number', e164: `+${plan.code}${national}`, country };

  const length = lengthLetter(stripped);
  const lengths = plan.rules.match(/[a-z]/g) ?? [];
  // A whole number swallowed as a prefix is dialled like that, but not read here.
  if (stripped || digits.length < MIN_UNCLEAR_DIGITS) {
    if (lengths.every((possible) => length < possible)) return { kind: 'too_short' };
    if (lengths.every((possible) => length > possible)) return { kind: 'too_long' };
  }
  return { kind: 'unclear', country };
}

/** 1 → `a`, as in the rules. */
function lengthLetter(digits: string): string {
  return String.fromCharCode(96 + digits.length);
}
