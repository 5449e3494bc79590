/** What the settings of a channel may hold; same manners as site-values.ts. */

const LOOPBACK = /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/;
/** As the Standard Webhooks specification bounds a symmetric key. */
const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;
const MAX_ADDRESS_LENGTH = 254;

/** Where signed messages are sent to. */
export function findReceiverFault(text: string): string | undefined {
  if (/[\s\\\p{Cc}]/u.test(text) || !URL.canParse(text)) return 'Must be an address such as https://www.example.com/ringback.';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'Must not contain a user name or password: the signature says who sends.';
  if (url.hash !== '') return 'Must not contain "#".';
  if (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname))) return undefined;
  return 'Must begin with https://; plain http is accepted for a receiver on this machine alone.';
}

export function findSigningSecretFault(text: string): string | undefined {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Math.floor((base64.replace(/=+$/, '').length * 3) / 4);
  if (base64.replace(/=+$/, '').length % 4 !== 1 && bytes >= MIN_KEY_BYTES && bytes <= MAX_KEY_BYTES) return undefined;
  return 'Must be "whsec_" and 24 to 64 random bytes in base64. Make one: echo whsec_$(openssl rand -base64 32)';
}

/** `smtp(s)://user:password@host:port` */
export function findMailServerFault(text: string): string | undefined {
  const fault =
    'Must have the form smtps://user:password@host (port 465) or smtp://user:password@host:587, with % codes for special characters.';
  if (/[\s\\\p{Cc}]/u.test(text) || !/^smtps?:\/\//.test(text) || !URL.canParse(text)) return fault;
  const { hostname, pathname, search, hash, username, password } = new URL(text);
  if (hostname === '' || !/^\/?$/.test(pathname) || search !== '' || hash !== '') return fault;
  if ((username === '') !== (password === '')) return 'Give both a user name and a password, or neither.';
  return isDecodable(username) && isDecodable(password) ? undefined : fault;
}

/** One mailbox without a name. Nothing in it can end a header or begin another address. */
export function findMailAddressFault(text: string): string | undefined {
  return text.length <= MAX_ADDRESS_LENGTH &&
    /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(
      text,
    )
    ? undefined
    : 'Must be a plain mail address, such as sales@example.com, without a name.';
}

function isDecodable(text: string): boolean {
  try {
    return !/\p{Cc}/u.test(decodeURIComponent(text));
  } catch {
    return false;
  }
}
