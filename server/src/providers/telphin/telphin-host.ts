/** Every operator of the RingMe platform runs the same interface under a host of its own. */
export const API_PATH = '/api/ver1.0';

/** `fault` is a whole sentence for the operator. */
export type ParsedTelphinHost = { ok: true; origin: string; host: string } | { ok: false; fault: string };

/** Reads `https://host`, with or without a last slash. */
export function parseTelphinHost(text: string): ParsedTelphinHost {
  const trimmed = text.trim();
  const url = URL.canParse(trimmed) && !/[\s\\\p{Cc}]/u.test(trimmed) ? new URL(trimmed) : undefined;
  if (url === undefined) return fault('is not an address');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    return fault('must begin with https://; plain http is accepted for a host on this machine alone');
  }
  const isBare = url.username === '' && url.password === '' && url.pathname === '/' && url.search === '' && url.hash === '';
  if (!isBare) return fault('must end after the host, without a path, a user or a question mark');
  return { ok: true, origin: url.origin, host: url.host };
}

function fault(complaint: string): ParsedTelphinHost {
  return { ok: false, fault: `The host of Telphin ${complaint}.` };
}

/** The parser has already written every spelling of an IPv4 address as four numbers. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
