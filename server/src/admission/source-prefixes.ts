/** Whom a request is counted to: the network prefix of the client's address, canonical from its bytes. */
import { parseAddress } from './parse-address.ts';

export interface SourcePrefix {
  /** Canonical: `v4:203.0.113.7/32`, `v6:20010db8000100ff/64`. */
  prefix: string;
  /** Wider networks hold more people: limits are multiplied by this. */
  factor: number;
}

/** Four decimal parts as they are always written: such a text is canonical as it stands. */
const PLAIN_V4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?=\d)|$)){4}$/;

/** All callers whose address is not known share one bucket. */
const UNKNOWN: readonly SourcePrefix[] = [{ prefix: 'unknown', factor: 1 }];
const V6_PREFIXES = [
  { bits: 64, factor: 1 },
  { bits: 56, factor: 2 },
  { bits: 48, factor: 4 },
] as const;

export function sourcePrefixes(address: string | undefined): readonly SourcePrefix[] {
  if (address === undefined) return UNKNOWN;
  if (PLAIN_V4.test(address)) return [{ prefix: `v4:${address}/32`, factor: 1 }];
  const parsed = parseAddress(address);
  if (parsed === undefined) return UNKNOWN;
  if (parsed.kind() === 'ipv4') return [{ prefix: `v4:${parsed.toString()}/32`, factor: 1 }];
  const bytes = parsed.toByteArray();
  return V6_PREFIXES.map(({ bits, factor }) => ({ prefix: `v6:${hex(bytes.slice(0, bits / 8))}/${bits}`, factor }));
}

function hex(bytes: number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
