/** Reads one IP address in its usual spellings, and nothing that merely resembles one. */
import ipaddr from 'ipaddr.js';

/**
 * IPv4 in four decimal parts or IPv6; `::ffff:0:0/96` is unwrapped to IPv4, no other notation is. Short, octal and hexadecimal IPv4
 * and the long-retired `::a.b.c.d` are no addresses here: the same text means different hosts to different readers.
 */
export function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (/^::\d+\./.test(text)) return undefined;
  if (!text.includes(':')) return ipaddr.IPv4.isValidFourPartDecimal(text) ? ipaddr.IPv4.parse(text) : undefined;
  return ipaddr.IPv6.isValid(text) ? ipaddr.process(text) : undefined;
}
