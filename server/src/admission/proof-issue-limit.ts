/**
 * How many challenges this process makes: each costs it a key derivation before the asker has done anything at all. Counted in
 * memory; what is exact across a deployment is counted by the store, and none of that depends on this.
 *
 * Few sources must not use up what is there for all. So past the common share a minute belongs to those who have had little of it,
 * and only their number is bounded by what all challenges together may cost.
 */
import type { Clock } from '../clock.ts';
import type { ProofRequest } from './proof.ts';
import { sourcePrefixes } from './source-prefixes.ts';

const MINUTE_MS = 60_000;

export interface IssueLimitOptions {
  /** Challenges to one source a minute; IPv6 /56 and /48 have twice and four times as many. 20 when absent. */
  perSource?: number;
  /** After so many to all sources together each has its first ones alone. 600 when absent: half a second of one core. */
  commonShare?: number;
  /** To all sources together, which also bounds the memory that counting takes. 6,000 when absent: a tenth of one core, and some 2 MB. */
  perProcess?: number;
}

/** One beforehand, one with the refusal of a first request, and one for a page that took too long. Wider networks have more here too. */
const FIRST_ONES = 3;

/** True while a challenge may be made for the asker; counts it. */
export function issueLimit(
  clock: Clock,
  { perSource = 20, commonShare = 600, perProcess = 6_000 }: IssueLimitOptions = {},
): (request: ProofRequest) => boolean {
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
    const each = issued < commonShare ? perSource : Math.min(perSource, FIRST_ONES);
    if (issued >= perProcess || prefixes.some(({ prefix, factor }) => (counts.get(prefix) ?? 0) >= each * factor)) return false;
    issued += 1;
    for (const { prefix } of prefixes) counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
    return true;
  };
}
