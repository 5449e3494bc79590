/**
 * Who is asking, on a server with sockets. The peer's own address counts unless the operator has said which proxies stand in
 * front; then `X-Forwarded-For` is walked from the right, since everything further left is the client's own claim.
 */
import ipaddr from 'ipaddr.js';
import { parseAddress } from '../admission/parse-address.ts';
import type { TrustProxy } from '../config/config.ts';

/** `forwardedFor`: every such header of the request, joined by commas in order. Undefined: the address is not known. */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trust: TrustProxy | undefined,
): string | undefined {
  if (trust === undefined) return canonical(peer);
  const claimed = (forwardedFor ?? '').split(',').map((entry) => canonical(withoutPort(entry.trim())));
  if (trust.kind === 'hops') return claimed.at(-trust.hops);

  const isTrusted = (address: string | undefined) => address !== undefined && trust.ranges.some((range) => isWithin(address, range));
  let address = canonical(peer);
  while (isTrusted(address)) {
    if (claimed.length === 0) return undefined;
    address = claimed.pop();
  }
  return address;
}

function canonical(address: string | undefined): string | undefined {
  return address === undefined ? undefined : parseAddress(address)?.toString();
}

/** Some proxies write `203.0.113.7:51234` or `[2001:db8::1]:51234`. */
function withoutPort(entry: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(entry)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(entry)?.[1] ?? entry;
}

function isWithin(address: string, range: string): boolean {
  const parsed = ipaddr.process(address);
  const [network, bits] = ipaddr.parseCIDR(range.includes('/') ? range : `${range}/${ipaddr.parse(range).kind() === 'ipv4' ? 32 : 128}`);
  return parsed.kind() === network.kind() && parsed.match(network, bits);
}
