/**
 * How fast a provider may be asked. Tokens come back steadily up to a burst; whoever sends something takes one first. Only ever
 * handed a time, so that it can be tried without waiting.
 */
import type { Pace } from '../providers/provider.ts';

export interface TokenBucket {
  readonly burst: number;
  /** Takes `count` tokens if at least `leaving` remain; otherwise takes nothing and says when that could be (epoch ms). */
  take(now: number, count?: number, leaving?: number): number | undefined;
  /** What was taken was not used after all. */
  giveBack(): void;
  /** Whatever had been saved up is gone: from now on it goes at the steady pace. */
  empty(now: number): void;
}

/** Counted in thousandths, so that milliseconds at a whole rate add up exactly. */
const TOKEN = 1000;

export function tokenBucket({ perSecond, burst }: Omit<Pace, 'host'> & Partial<Pace>): TokenBucket {
  const full = burst * TOKEN;
  let saved = full;
  let lookedAt: number | undefined;

  /** A clock that was set back must not stop the flow until it has caught up, so time only counts forward. */
  function refill(now: number): void {
    saved = Math.min(full, saved + Math.max(0, now - (lookedAt ?? now)) * perSecond);
    lookedAt = now;
  }

  return {
    burst,
    take(now, count = 1, leaving = 0) {
      refill(now);
      const missing = (count + leaving) * TOKEN - saved;
      if (missing > 0) return now + Math.ceil(missing / perSecond);
      saved -= count * TOKEN;
      return undefined;
    },
    giveBack() {
      saved = Math.min(full, saved + TOKEN);
    },
    empty(now) {
      refill(now);
      saved = 0;
    },
  };
}
