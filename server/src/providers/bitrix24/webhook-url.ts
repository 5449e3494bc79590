/** The address of an inbound webhook is a password: it is read once, frozen, and shown to nobody, not even in a complaint about it. */
import { Secret } from '../../config/secret.ts';

export interface WebhookUrl {
  /** Host and port: the only part that may be shown. */
  readonly host: string;
  /** `https://<portal>/rest/<user id>/<secret>/`; a method's name completes it. */
  readonly base: Secret;
}

/** `fault` is a whole sentence for the operator and never repeats the value. */
export type ParsedWebhookUrl = { ok: true; webhook: WebhookUrl } | { ok: false; fault: string };

/**
 * Reads what an operator copied from the portal. A method's name at the end and a missing last slash are forgiven: the portal's
 * own page shows the address both ways.
 */
export function parseWebhookUrl(text: string): ParsedWebhookUrl {
  const trimmed = text.trim();
  if (!/^https?:\/\//i.test(trimmed)) return fault('must begin with https://');
  // The URL parser drops tabs and line breaks and turns backslashes round: the address that is used would not be the one given.
  if (/[\s\\\p{Cc}]/u.test(trimmed)) return fault('must not contain spaces, line breaks or backslashes');
  const url = readUrl(trimmed);
  if (url === undefined) return fault('is not an address');
  if (url.username !== '' || url.password !== '') return fault('must not contain a user name or password before the host');
  if (trimmed.includes('?') || trimmed.includes('#')) return fault('must end after the secret, without "?" or "#"');
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return fault('must begin with https://; plain http is accepted for a portal on this machine alone');
  }
  const [, userId, secret] = PATH.exec(url.pathname) ?? [];
  if (userId === undefined || secret === undefined) return fault('must have the form https://<portal>/rest/<user id>/<secret>/');
  const base = new Secret(`${url.origin}/rest/${userId}/${secret}/`);
  return { ok: true, webhook: Object.freeze({ host: url.host, base }) };
}

const PATH = /^\/rest\/(\d{1,10})\/([\w-]{1,128})(?:\/[\w.-]{0,100})?$/;

function fault(complaint: string): ParsedWebhookUrl {
  return { ok: false, fault: `The webhook address ${complaint}.` };
}

/** The parser's error holds the whole input, so it ends here. */
function readUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** The parser has already written every spelling of an IPv4 address as four numbers, and refused names that end like one. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
