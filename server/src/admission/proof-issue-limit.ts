/**
 * How many challenges this process makes: each costs it a key derivation before the asker has done anything at all. Counted in
 * memory; what is exact across a deployment is counted by the store, and none of that depends on this.
 */
import type { Clock } from '../clock.ts';
import type { ProofRequest } from './proof.ts';
import { sourcePrefixes } from './source-prefixes.ts';

const MINUTE_MS = 60_000;

export interface IssueLimitOptions {
  /** Challenges to one source a minute; IPv6 /56 and /48 have twice and four times as many. 20 when absent. */
  perSource?: number;
  /** To all sources together, which also bounds the memory that counting takes. 600 when absent: half a second of one core. */
  perProcess?: number;
}

/** True while a challenge may be made for the asker; counts it. */
export function issueLimit(clock: Clock, { perSource = 20, perProcess = 600 }: IssueLimitOptions = {}): (request: ProofRequest) => boolean {
  const counts = new Map<string, number>();
  let minute = 0;
  let issued = 0;

  return ({ address }) => {
    const now = Math.floor(clock.now() / MINUTE_MS);
    if (now !== minute) {
      minute = now;
      issued = 0;
      counts.clear();
    }
    const prefixes = sourcePrefixes(address);
    if (issued >= perProcess || prefixes.some(({ prefix, factor }) => (counts.get(prefix) ?? 0) >= perSource * factor)) return false;
    issued += 1;
    for (const { prefix } of prefixes) counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
    return true;
  };
}
