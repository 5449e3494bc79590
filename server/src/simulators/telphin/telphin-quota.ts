/** The host's hourly quota, as every reply tells of it. */
import type { Clock } from '../../clock.ts';

const HOUR_MS = 3_600_000;

/** Counted by the hour of the clock. Every reply says how many are left and in how many seconds they are counted anew. */
export function hourlyQuota(clock: Clock, limit: number | undefined) {
  let hour = -1;
  let used = 0;
  return {
    /** Whether this request is one too many. */
    isSpent(): boolean {
      if (limit === undefined) return false;
      const now = Math.floor(clock.now() / HOUR_MS);
      if (now !== hour) used = 0;
      hour = now;
      used += 1;
      return used > limit;
    },
    stamp(response: Response): Response {
      if (limit === undefined) return response;
      response.headers.set('X-RateLimit-Limit', String(limit));
      response.headers.set('X-RateLimit-Remaining', String(Math.max(0, limit - used)));
      response.headers.set('X-RateLimit-Reset', String(Math.ceil((HOUR_MS - (clock.now() % HOUR_MS)) / 1_000)));
      return response;
    },
  };
}
