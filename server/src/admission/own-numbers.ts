/**
 * Every telephone number of the company that the settings tell of: calling one from its own line would be a loop, whichever site it is
 * asked for on.
 */
import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { SiteConfig, TelphinOptions } from '../config/config.ts';

/** E.164 of all sites together. */
export function ownNumbersOf(sites: Iterable<SiteConfig>): ReadonlySet<string> {
  return new Set([...sites].flatMap((site) => writtenNumbers(site).flatMap((written) => readingsOf(written, site.country))));
}

/** A rented line's id is its number in digits; other lines have names, which are no numbers. */
function writtenNumbers({ phone, line, departments, fallbacks, telphin, bridge, ownNumbers }: SiteConfig): string[] {
  const chosen = [...departments.values()];
  const lines = [line, bridge?.externalLine, ...[...chosen, ...fallbacks].map((route) => route.line)];
  const dialled = [telphin, ...[...chosen, ...fallbacks].map((route) => route.telphin)].flatMap((options) =>
    options ? numbersIn(options) : [],
  );
  return [phone, ...lines, ...dialled, ...ownNumbers].filter((written) => written !== undefined);
}

/** Telephones of the team, and what others are shown of the company. */
function numbersIn({ srcNum = [], ...options }: TelphinOptions): (string | undefined)[] {
  const { callerIdNumber, srcCallerIdNumber, srcAni, dstAni, transferAfterSrcHangup, transferAfterDstHangup } = options;
  return [...srcNum, callerIdNumber, srcCallerIdNumber, srcAni, dstAni, transferAfterSrcHangup, transferAfterDstHangup];
}

/**
 * A telephone system takes digits as they are dialled in its country, or from the country's code on, and does not say which. Both count:
 * a stranger's number refused is a smaller harm than a call that rings itself.
 */
function readingsOf(written: string, country: string): string[] {
  const digits = written.replace(/[\s()./-]/g, '');
  if (!/^\+?\d+$/.test(digits) || !isSupportedCountry(country)) return [];
  return [readNumber(digits, country), readNumber(`+${digits.replace(/^\+/, '')}`, country)].filter((number) => number !== undefined);
}

function readNumber(digits: string, country: CountryCode): string | undefined {
  const number = parsePhoneNumberFromString(digits, { defaultCountry: country, extract: false });
  return number?.isValid() ? number.number : undefined;
}
