/**
 * The outer shield: how often one source may ask at all, whatever becomes of it. In memory and in this process alone, it keeps
 * floods away from the store; what guards the money are the exact windows there.
 */
import type { Clock } from '../clock.ts';
import type { Window } from '../store/acceptance.ts';
import { sourcePrefixes } from './source-prefixes.ts';

export interface Shield {
  /** Counts one request; epoch ms of when to come back if it is one too many. Requests that are turned away here do not count. */
  admit(address: string | undefined): number | undefined;
  /** Sources that are remembered just now. */
  readonly size: number;
}

export interface ShieldOptions {
  windows: readonly Window[];
  clock: Clock;
  /** Memory is bounded by this many sources, about 100 bytes each. */
  maxSources?: number | undefined;
}

const MAX_SOURCES = 100_000;
/** Old sources looked at for every new one: more than one, so that the dead are found faster than the living come. */
const LOOKED_AT = 2;
/** Those whose address is unknown, and newcomers while there is no room for one more source. */
const SHARED = 'unknown';

/**
 * Each window is held by the generic cell rate algorithm: `max` at once, then one every `perMs / max`. Per source and window one
 * time is kept: when the bucket will be empty again. A source none of whose times lies ahead is as good as never seen.
 *
 * A source that still counts is never forgotten for another, or a flood of new addresses could buy its way out. While there is no
 * room, newcomers share one bucket. One request keeps its source for `perMs / max` of the longest window (12 s by default), so that
 * takes more than 8,000 requests a second from different networks.
 */
export function shield({ windows, clock, maxSources = MAX_SOURCES }: ShieldOptions): Shield {
  const sources = new Map<string, readonly number[]>();

  function bucketOf(source: string, now: number): string {
    if (sources.has(source)) return source;
    forgetSome(now);
    // The shared bucket has a place of its own.
    return sources.size < maxSources - 1 ? source : SHARED;
  }

  /** Goes round all sources, a few steps at a time: the first in line is dropped, or goes to the end of the line. */
  function forgetSome(now: number): void {
    let looked = 0;
    for (const [source, emptyAt] of sources) {
      if (looked++ === LOOKED_AT) return;
      sources.delete(source);
      if (emptyAt.some((at) => at > now)) sources.set(source, emptyAt);
    }
  }

  return {
    admit(address) {
      const now = clock.now();
      const bucket = bucketOf(sourcePrefixes(address)[0]?.prefix ?? SHARED, now);
      const before = sources.get(bucket);
      const after: number[] = [];
      let retryAt = 0;
      for (const [at, { max, perMs }] of windows.entries()) {
        const emptyAt = Math.max(before?.[at] ?? now, now) + perMs / max;
        retryAt = Math.max(retryAt, emptyAt - perMs);
        after.push(emptyAt);
      }
      if (retryAt > now) return Math.ceil(retryAt);
      sources.set(bucket, after);
      return undefined;
    },
    get size() {
      return sources.size;
    },
  };
}
