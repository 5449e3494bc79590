/**
 * Which telephone a visitor means, and whether it may be called. The max metadata is needed: with the smaller sets premium and
 * toll-free ranges pass as numbers of no known type. Even so satellite ranges are typed mobile, hence the prefix list.
 */
import { type CountryCode, isSupportedCountry, ParseError, type PhoneNumber, parsePhoneNumberWithError } from 'libphonenumber-js/max';
import type { SiteConfig } from '../config/config.ts';
import { deniedPrefixes } from './denied-prefixes.ts';
import { ownNumbersOf } from './own-numbers.ts';

export type NumberReading =
  | { kind: 'number'; e164: string; country: CountryCode; display: string }
  /** Not a number that exists; the visitor can mend it. */
  | { kind: 'invalid' }
  /** A number that exists and is not called from here. Why is never said. Numbers of the whole world have no country. */
  | { kind: 'refused'; e164: string; country: CountryCode | undefined; display: string };

/** `country`: what the visitor chose; undefined for the site's own. */
export type ReadNumber = (typed: string, country: string | undefined, site: SiteConfig) => NumberReading;

/** Digits of any script, white space, brackets, dots, slashes (`030/123456` is usual in Germany), hyphens, a plus sign. Extensions and key tones are refused, never dropped. */
const READABLE = /^[\p{Nd}\s()./+\-\u2010-\u2015\u2212\uFF0B]+$/u;
/** libphonenumber-js 1.13 takes `＋49 151…` for a national number of the default country, and so for somebody else's. */
const FULLWIDTH_PLUS = '\uFF0B';
const MAX_TYPED_LENGTH = 32;

/** `sites`: all of the deployment. `denied`: prefixes of E.164 digits that it denies besides those that are shipped. */
export function numberReader(sites: Iterable<SiteConfig>, denied: readonly string[] = []): ReadNumber {
  const isDenied = deniedPrefixes(denied);
  const own = ownNumbersOf(sites);

  return (typed, country, site) => {
    if (typed.length > MAX_TYPED_LENGTH || !READABLE.test(typed)) return { kind: 'invalid' };
    const defaultCountry = country ?? site.country;
    if (!isSupportedCountry(defaultCountry)) return { kind: 'invalid' };

    const number = parse(typed, defaultCountry);
    if (number === undefined || number.ext !== undefined || !number.isValid()) return { kind: 'invalid' };
    const e164: string = number.number;
    const owner = number.country;
    // The display form is made before it is known whether anybody will see it: all refusals cost the same.
    const display = number.formatInternational();
    const rules = [isForeign(owner, site), isOtherType(number, site), isDenied(e164.slice(1)), own.has(e164), isBlocked(e164, site)];
    const broken = rules.filter(Boolean).length;
    if (owner === undefined || broken > 0) return { kind: 'refused', e164, country: owner, display };
    return { kind: 'number', e164, country: owner, display };
  };
}

function parse(typed: string, defaultCountry: CountryCode): PhoneNumber | undefined {
  try {
    return parsePhoneNumberWithError(typed.trim().replaceAll(FULLWIDTH_PLUS, '+'), { defaultCountry, extract: false });
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}

/** Several countries share a calling code; a number that fits more than one belongs to the one that was chosen. */
function isForeign(owner: CountryCode | undefined, site: SiteConfig): boolean {
  return !site.countries.some((country) => country === owner);
}

function isOtherType(number: PhoneNumber, site: SiteConfig): boolean {
  const type = number.getType();
  return !site.types.some((payable) => payable === type);
}

function isBlocked(e164: string, site: SiteConfig): boolean {
  return site.blocked.filter((prefix) => e164.startsWith(prefix)).length > 0;
}
