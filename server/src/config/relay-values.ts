/** What the settings of the relay itself may hold; same manners as site-values.ts. */
import ipaddr from 'ipaddr.js';

/** 32 random bytes written as base64 without padding. */
const MIN_SECRET_LENGTH = 43;
const MIN_HEX_SECRET_LENGTH = 64;
/** Random text of that length has far more; a repeated word has fewer. */
const MIN_DIFFERENT_CHARACTERS = 8;
const SQLITE_SCHEME = 'sqlite:';

export function findHostFault(text: string): string | undefined {
  const isHostName = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\.?$/i.test(text);
  const isAddress = ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
  // Digits and dots alone are an address or a slip, never a name.
  if (isAddress || (isHostName && !/^[\d.]+$/.test(text))) return undefined;
  return 'Must be an address or a name of this machine, without scheme and port, such as 127.0.0.1 or 0.0.0.0.';
}

export function findStoreFault(text: string): string | undefined {
  if (!text.startsWith(SQLITE_SCHEME)) return 'There is one kind of store: sqlite:<path>, such as sqlite:./data/ringback.db.';
  const path = storePath(text);
  if (path === '') return 'The path is missing: sqlite:<path>, such as sqlite:./data/ringback.db.';
  if (path.startsWith('//')) return 'Write the path right behind the colon: sqlite:/var/lib/ringback/ringback.db.';
  if (path.endsWith('/') || /\p{Cc}/u.test(path)) return 'The path must name a file, such as sqlite:./data/ringback.db.';
  return undefined;
}

export function storePath(text: string): string {
  return text.slice(SQLITE_SCHEME.length);
}

/** One proxy or a network of them. */
export function findRangeFault(text: string): string | undefined {
  const range = parseRange(text);
  if (range === undefined) return 'Must be an address or a network in CIDR form, such as 10.0.0.0/8 or 2001:db8::/32.';
  const [address, bits] = range;
  // A range of length 0 would make every client its own trusted proxy.
  if (bits === 0) return 'This would believe everybody. Name the addresses of your own proxies.';
  if (address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()) return 'Write IPv4 addresses as such: 10.0.0.0/8.';
  return undefined;
}

function parseRange(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined {
  if (ipaddr.IPv4.isValidCIDRFourPartDecimal(text) || (text.includes(':') && !text.includes('%') && ipaddr.IPv6.isValidCIDR(text))) {
    return ipaddr.parseCIDR(text);
  }
  if (text.includes('/') || text.includes('%')) return undefined;
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return [ipaddr.parse(text), 32];
  return ipaddr.IPv6.isValid(text) ? [ipaddr.parse(text), 128] : undefined;
}

/** Strength cannot be measured from outside; what is plainly too little can. */
export function findRelaySecretFault(text: string): string | undefined {
  const minLength = /^[0-9a-f]+$/i.test(text) ? MIN_HEX_SECRET_LENGTH : MIN_SECRET_LENGTH;
  const isEnough = text.length >= minLength && new Set(text).size >= MIN_DIFFERENT_CHARACTERS;
  return isEnough ? undefined : 'Must hold at least 32 random bytes. Make one: openssl rand -base64 32';
}

export function findEventTokenFault(text: string): string | undefined {
  return /^[\x21-\x7E]{8,256}$/.test(text)
    ? undefined
    : 'Must be the application token of the outgoing webhook as the portal shows it: one word, at least 8 characters.';
}

/** A name of the IANA database, as far as this machine knows it. */
export function findTimeZoneFault(text: string): string | undefined {
  const fault = 'Must be the name of a time zone, such as Europe/Berlin or UTC.';
  // Offsets such as +01:00 are zones too on some machines; they know no summer time.
  if (!/^[A-Za-z][\w+/-]{0,63}$/.test(text)) return fault;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return undefined;
  } catch {
    return fault;
  }
}

/** The public half of a captcha service's key pair. */
export function findSiteKeyFault(text: string): string | undefined {
  return /^[\w.-]{1,128}$/.test(text) ? undefined : 'Must be the site key as the captcha service shows it: letters, digits, _ . -';
}

/** A host as it stands in `location.hostname`. */
export function findPageHostFault(text: string): string | undefined {
  const address = `https://${text}`;
  return URL.canParse(address) && new URL(address).hostname === text && !text.includes('*')
    ? undefined
    : 'Must be the name of the host alone, in small letters, without scheme and port, such as relay.example.com.';
}

export function findVerifierSecretFault(text: string): string | undefined {
  return /^[\x21-\x7E]{8,512}$/.test(text)
    ? undefined
    : 'Must be the secret as the captcha service shows it: one word, at least 8 characters.';
}

export function findCurrencyFault(text: string): string | undefined {
  return /^[A-Z]{3}$/.test(text) ? undefined : 'Must be a currency code in capitals (ISO 4217), such as EUR.';
}
