/**
 * The portal's two limits, both checked before a request is looked at: requests by a leaky bucket, and the time that a method has
 * used within ten minutes. https://apidocs.bitrix24.com/settings/performance/limits.html
 */
import type { Clock } from '../../clock.ts';

const BURST = 50;
const DRAIN_PER_SECOND = 2;

/** Answers whether one more request fits. */
export function leakyBucket(clock: Clock): () => boolean {
  let level = 0;
  let lookedAt = clock.now();
  return () => {
    const now = clock.now();
    level = Math.max(0, level - ((now - lookedAt) / 1000) * DRAIN_PER_SECOND);
    lookedAt = now;
    if (level + 1 > BURST) return false;
    level += 1;
    return true;
  };
}

const BUCKET_MS = 60_000;
const KEPT_BUCKETS = 10;
const LIMIT_SECONDS = 480;

export interface OperatingAccount {
  /** Whether the method has used up its time. */
  isSpent(method: string): boolean;
  /** Books a run and answers what the `time` block says about it: seconds used, and when (unix seconds) the oldest drop out. */
  book(method: string, seconds: number): { operating: number; operatingResetAt: number };
}

export function operatingAccount(clock: Clock): OperatingAccount {
  const runs = new Map<string, { bucket: number; seconds: number }[]>();

  function recent(method: string) {
    const oldest = Math.floor(clock.now() / BUCKET_MS) - KEPT_BUCKETS + 1;
    const kept = (runs.get(method) ?? []).filter(({ bucket }) => bucket >= oldest);
    runs.set(method, kept);
    return kept;
  }

  function sum(entries: { seconds: number }[]): number {
    return entries.reduce((total, { seconds }) => total + seconds, 0);
  }

  return {
    isSpent: (method) => sum(recent(method)) >= LIMIT_SECONDS,
    book(method, seconds) {
      const entries = recent(method);
      const bucket = Math.floor(clock.now() / BUCKET_MS);
      entries.push({ bucket, seconds });
      const oldest = entries[0]?.bucket ?? bucket;
      return { operating: sum(entries), operatingResetAt: ((oldest + KEPT_BUCKETS) * BUCKET_MS) / 1000 };
    },
  };
}
