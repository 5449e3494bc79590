/**
 * The portal's two limits, both checked before a request is looked at: requests by a leaky bucket, and the time that a method has
 * used within ten minutes. https://apidocs.bitrix24.com/settings/performance/limits.html
 */
import type { Clock } from '../../clock.ts';

const BURST = 50;
const DRAIN_PER_SECOND = 2;

/** Answers whether one more request fits. */
export function leakyBucket(clock: Clock, burst: number = BURST): () => boolean {
  let level = 0;
  let lookedAt = clock.now();
  return () => {
    const now = clock.now();
    level = Math.max(0, level - ((now - lookedAt) / 1000) * DRAIN_PER_SECOND);
    lookedAt = now;
    if (level + 1 > burst) return false;
    level += 1;
    return true;
  };
}

const BUCKET_MS = 60_000;
const KEPT_BUCKETS = 10;
const LIMIT_MS = 480_000;

export interface OperatingAccount {
  /** Whether the method has used up its time. */
  isSpent(method: string): boolean;
  /** Books a run and answers how much has been used, and when (epoch ms) the oldest of it drops out. */
  book(method: string, costMs: number): { usedMs: number; resetAt: number };
}

export function operatingAccount(clock: Clock): OperatingAccount {
  const runs = new Map<string, { bucket: number; costMs: number }[]>();

  function recent(method: string) {
    const oldest = Math.floor(clock.now() / BUCKET_MS) - KEPT_BUCKETS + 1;
    const kept = (runs.get(method) ?? []).filter(({ bucket }) => bucket >= oldest);
    runs.set(method, kept);
    return kept;
  }

  function sum(entries: { costMs: number }[]): number {
    return entries.reduce((total, { costMs }) => total + costMs, 0);
  }

  return {
    isSpent: (method) => sum(recent(method)) >= LIMIT_MS,
    book(method, costMs) {
      const entries = recent(method);
      const bucket = Math.floor(clock.now() / BUCKET_MS);
      entries.push({ bucket, costMs });
      const oldest = entries[0]?.bucket ?? bucket;
      return { usedMs: sum(entries), resetAt: (oldest + KEPT_BUCKETS) * BUCKET_MS };
    },
  };
}
