/**
 * Which telephone a visitor means, and whether it may be called. The max metadata is needed: with the smaller sets premium and
 * toll-free ranges pass as numbers of no known type. Even so satellite ranges are typed mobile, hence the prefix list.
 */
import { type CountryCode, isSupportedCountry, type NumberType, ParseError, parsePhoneNumberWithError } from 'libphonenumber-js/max';
import type { SiteConfig } from '../config/config.ts';
import { isDeniedPrefix } from './denied-prefixes.ts';

export type NumberReading =
  | { kind: 'number'; e164: string; country: CountryCode; display: string }
  /** Not a number that exists; the visitor can mend it. */
  | { kind: 'invalid' }
  /** A number that exists and is not called from here. Why is never said. */
  | { kind: 'refused' };

/** Digits of any script, white space, brackets, dots, slashes (`030/123456` is usual in Germany), hyphens, a plus sign. Extensions and key tones are refused, never dropped. */
const READABLE = /^[\p{Nd}\s()./+\-\u2010-\u2015\u2212\uFF0B]+$/u;
/** libphonenumber-js 1.13 takes `＋49 151…` for a national number of the default country, and so for somebody else's. */
const FULLWIDTH_PLUS = '\uFF0B';
const MAX_TYPED_LENGTH = 32;
const PAYABLE_TYPES: ReadonlySet<NumberType> = new Set<NumberType>(['MOBILE', 'FIXED_LINE', 'FIXED_LINE_OR_MOBILE']);

/** `country`: what the visitor chose; undefined for the site's own. */
export function readNumber(typed: string, country: string | undefined, site: SiteConfig): NumberReading {
  if (typed.length > MAX_TYPED_LENGTH || !READABLE.test(typed)) return { kind: 'invalid' };
  const defaultCountry = country ?? site.country;
  if (!isSupportedCountry(defaultCountry)) return { kind: 'invalid' };

  const number = parse(typed, defaultCountry);
  if (number === undefined || number.ext !== undefined || !number.isValid()) return { kind: 'invalid' };
  // Several countries share a calling code; a number that fits more than one belongs to the one that was chosen.
  const owner = number.country;
  if (owner === undefined || !site.countries.includes(owner)) return { kind: 'refused' };
  if (!PAYABLE_TYPES.has(number.getType())) return { kind: 'refused' };
  if (isDeniedPrefix(number.number.slice(1))) return { kind: 'refused' };
  if (isOwnNumber(number.number, site)) return { kind: 'refused' };
  return { kind: 'number', e164: number.number, country: owner, display: number.formatInternational() };
}

function parse(typed: string, defaultCountry: CountryCode) {
  try {
    return parsePhoneNumberWithError(typed.trim().replaceAll(FULLWIDTH_PLUS, '+'), { defaultCountry, extract: false });
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}

/** Ringing the company's own number from its own line is a loop. A rented line's id is its number in digits. */
function isOwnNumber(e164: string, site: SiteConfig): boolean {
  return e164 === site.phone || e164.slice(1) === site.line.replace(/^\+/, '');
}
