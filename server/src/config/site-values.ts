/**
 * What the settings of a site may hold. Each check answers with what to do, or undefined where nothing is wrong. Answers never
 * repeat what was given: people paste secrets into the wrong place.
 */
import ipaddr from 'ipaddr.js';
import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';

export const MAX_ANNOUNCEMENT_LENGTH = 300;
export const MAX_NAME_LENGTH = 80;
export const MAX_CONSENT_LENGTH = 1000;

/** Country codes that people write, and the ISO 3166-1 code that is meant. */
const USUAL_SLIPS: ReadonlyMap<string, string> = new Map([
  ['UK', 'GB'],
  ['EN', 'GB'],
  ['EL', 'GR'],
]);
/** Control characters, and the marks that turn the direction of text around. */
const UNPRINTABLE = /[\p{Cc}\u2028-\u202E\u2066-\u2069]/u;
/** Looks like the name of a host and like no secret. */
const HOST_NAME = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}(?::\d{1,5})?$/i;

/** An origin exactly as browsers send it: `https://host` or `https://host:port`. */
export function findOriginFault(text: string): string | undefined {
  if (text.includes('*')) return 'Wildcards are not accepted. List every origin by itself.';
  const isBare = HOST_NAME.test(text);
  const url = parseUrl(isBare ? `https://${text}` : text);
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return 'Must be an origin such as https://www.example.com.';
  }
  if (url.origin === text && (url.protocol === 'https:' || isLoopback(url.hostname))) return undefined;
  return ['Must be the origin alone, as browsers write it.', ...mendOrigin(text, url, isBare)].join(' ');
}

/** What has to change, told without the name: a host may be a secret too. */
function mendOrigin(text: string, url: URL, isBare: boolean): string[] {
  const isPlain = url.protocol === 'http:' && !isLoopback(url.hostname);
  const host = /^(?:\w+:\/\/)?(?:[^/?#]*@)?([^/?#]*)/.exec(text)?.[1] ?? '';
  const isForeign = /[^!-~]/.test(host);
  return [
    ...(isPlain ? ['Plain http is accepted for this machine alone.'] : []),
    ...(isPlain || isBare ? ['Begin with https://.'] : []),
    ...(/^https?:/i.test(text) && !/^https?:/.test(text) ? ['Write https:// in small letters.'] : []),
    ...(url.username || url.password ? ['Leave out the name and the password.'] : []),
    ...(isForeign ? ['Write the host in the ASCII form that the address bar copies, with xn--.'] : []),
    ...(!isForeign && host.toLowerCase() !== host ? ['Write the host in small letters.'] : []),
    ...(/:\d+$/.test(host) && url.port === '' ? ['Leave out the usual port.'] : []),
    ...(/[/?#]/.test(text.replace(/^\w+:\/\//, '')) ? ['Leave out what stands behind the host, also the slash.'] : []),
  ];
}

/** ISO 3166-1 alpha-2 of a country whose numbers can be read. */
export function findCountryFault(text: string): string | undefined {
  if (isCountry(text)) return undefined;
  const upper = text.toUpperCase();
  const meant = USUAL_SLIPS.get(upper) ?? (isCountry(upper) ? upper : undefined);
  const hint = meant === undefined ? 'such as DE' : `: write ${meant}`;
  return `Must be a two-letter country code in capitals (ISO 3166-1)${meant === undefined ? ' ' : ''}${hint}.`;
}

export function findPhoneFault(text: string): string | undefined {
  const number = /^\+[1-9]\d{3,14}$/.test(text) ? parsePhoneNumberFromString(text) : undefined;
  if (number?.isValid() && number.number === text) return undefined;
  return 'Must be a telephone number that exists, in international form without spaces, such as +4930123456.';
}

/** A whole number or its beginning. */
export function findPrefixFault(text: string): string | undefined {
  return /^\+[1-9]\d{0,14}$/.test(text) ? undefined : 'Must begin with + and a country code, digits alone, such as +4930123.';
}

/** Text for people, on one line. */
export function findLabelFault(maxLength: number): (text: string) => string | undefined {
  return (text) => {
    if (text.trim() === '') return 'Must not be blank.';
    if (text.length > maxLength) return `Must have at most ${maxLength} characters; it has ${text.length}.`;
    return UNPRINTABLE.test(text) ? 'Must be one line of plain text, without line breaks or control characters.' : undefined;
  };
}

/** Where the visitor's name stands in an announcement. */
export const NAME_GAP = '{name}';

/** Speech engines may read angle brackets as markup, and telephone systems fill in `$cv(…)` and `@{…}` by themselves. */
export function findAnnouncementFault(text: string): string | undefined {
  const fault = findLabelFault(MAX_ANNOUNCEMENT_LENGTH)(text);
  if (fault !== undefined) return fault;
  if (/[<>]/.test(text)) return 'Must not contain "<" or ">".';
  const rest = text.replaceAll(NAME_GAP, '');
  return /[{}]|\$cv\(/i.test(rest) ? 'Must not contain "{", "}" or "$cv(". The one gap that is filled is {name}.' : undefined;
}

/** The provider's own id of a line or a voice. */
export function findProviderIdFault(text: string): string | undefined {
  return /^[A-Za-z0-9_.:-]{1,64}$/.test(text) ? undefined : 'Must be an id: 1 to 64 letters, digits or the characters _ . : -';
}

/** Key of a site or name of a provider account; stands in addresses. */
export function findKeyFault(text: string): string | undefined {
  return /^[a-z0-9][a-z0-9-]{0,63}$/.test(text)
    ? undefined
    : 'This name must be 1 to 64 small letters, digits or hyphens, and begin with a letter or digit.';
}

/** A page that visitors may open. */
export function findLinkFault(text: string): string | undefined {
  const url = parseUrl(text);
  return url?.protocol === 'https:' && url.username === '' && url.password === ''
    ? undefined
    : 'Must be the address of a page, beginning with https://.';
}

function isCountry(text: string): boolean {
  // The shape first: the metadata is a plain object, in which "constructor" would be found too.
  return /^[A-Z]{2}$/.test(text) && isSupportedCountry(text);
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost')) return true;
  const bare = hostname.replace(/^\[|\]$/g, '');
  return ipaddr.isValid(bare) && ipaddr.process(bare).range() === 'loopback';
}
