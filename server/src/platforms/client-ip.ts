/**
 * Who is asking, one function for each kind of platform. Each believes only what its platform itself has written; whatever a
 * client can send by itself changes nothing. Undefined: the address is not known, and the caller shares one strict bucket.
 */
import ipaddr from 'ipaddr.js';
import { parseAddress } from '../admission/parse-address.ts';
import type { TrustProxy } from '../config/config.ts';
import { CLOUDFLARE_RANGES } from './cloudflare-ranges.ts';

/** The part of `Headers` that is needed. */
export interface HeaderReader {
  /** Repeated headers joined by commas, as `Headers` does it. */
  get(name: string): string | null;
}

/**
 * A server with sockets: `peer` is the other end of the connection. It counts unless the operator has said which proxies stand
 * in front; then `X-Forwarded-For` is walked from the right, since everything further left is the client's own claim.
 */
export function clientAddress(peer: string | undefined, headers: HeaderReader, trust: TrustProxy | undefined): string | undefined {
  switch (trust?.kind) {
    case undefined:
      return canonical(peer);
    case 'hops':
      return readForwarded(headers.get('x-forwarded-for')).at(-trust.hops);
    case 'ranges':
      return walkForwarded(canonical(peer), readForwarded(headers.get('x-forwarded-for')), trust.ranges);
    case 'cloudflare': {
      const address = canonical(peer);
      return isWithinAny(address, CLOUDFLARE_RANGES) ? cloudflareAddress(headers) : address;
    }
  }
}

/** On Workers: Cloudflare's edge sets the header and discards what a client sent under its name. */
export function cloudflareAddress(headers: HeaderReader): string | undefined {
  return canonical(headers.get('cf-connecting-ip'));
}

/**
 * On Vercel: its edge overwrites this header. `X-Real-IP` and `X-Forwarded-For` are passed over, since their meaning there
 * changes with a proxy that stands in front (https://vercel.com/docs/headers/request-headers).
 */
export function vercelAddress(headers: HeaderReader): string | undefined {
  return canonical(headers.get('x-vercel-forwarded-for'));
}

/**
 * On Lambda: API Gateway with payload 1.0 or 2.0, function URL, load balancer, or Lambda@Edge. The gateways tell the address
 * outside of the headers; a load balancer appends it to `X-Forwarded-For`.
 */
export function lambdaAddress(event: unknown): string | undefined {
  const context = read(event, 'requestContext');
  if (read(context, 'elb') !== undefined) return readForwarded(readLoadBalancerHeader(event)).at(-1);
  const edge = read(read(read(read(event, 'Records'), '0'), 'cf'), 'request');
  const address = read(read(context, 'http'), 'sourceIp') ?? read(read(context, 'identity'), 'sourceIp') ?? read(edge, 'clientIp');
  return typeof address === 'string' ? canonical(address) : undefined;
}

/** With multi-value headers switched on, each repetition is an entry of its own. */
function readLoadBalancerHeader(event: unknown): string | undefined {
  const all = read(read(event, 'multiValueHeaders'), 'x-forwarded-for');
  const joined = Array.isArray(all) ? all.join(',') : read(read(event, 'headers'), 'x-forwarded-for');
  return typeof joined === 'string' ? joined : undefined;
}

function read(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

function walkForwarded(peer: string | undefined, claimed: (string | undefined)[], trusted: readonly string[]): string | undefined {
  let address = peer;
  while (isWithinAny(address, trusted)) {
    if (claimed.length === 0) return undefined;
    address = claimed.pop();
  }
  return address;
}

/** Undefined stands for an entry that is no address. */
function readForwarded(header: string | null | undefined): (string | undefined)[] {
  return (header ?? '').split(',').map((entry) => canonical(withoutPort(entry.trim())));
}

function canonical(address: string | null | undefined): string | undefined {
  return parseAddress(address?.trim() ?? '')?.toString();
}

/** Some proxies write `203.0.113.7:51234` or `[2001:db8::1]:51234`. */
function withoutPort(entry: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(entry)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(entry)?.[1] ?? entry;
}

function isWithinAny(address: string | undefined, ranges: readonly string[]): boolean {
  return address !== undefined && ranges.some((range) => isWithin(address, range));
}

function isWithin(address: string, range: string): boolean {
  const parsed = ipaddr.process(address);
  const [network, bits] = ipaddr.parseCIDR(range.includes('/') ? range : `${range}/${ipaddr.parse(range).kind() === 'ipv4' ? 32 : 128}`);
  return parsed.kind() === network.kind() && parsed.match(network, bits);
}
