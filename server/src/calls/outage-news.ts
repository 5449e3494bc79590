/**
 * What is worth telling of whether an account can be reached, and when. An outage is told at once, and again for as long as it lasts;
 * its end only once it has lasted, and the longer the more often it was an end too soon: nobody is to read of every turn.
 */
import type { BreakerTurn } from './breaker.ts';

/** `unknown`: no dial has shown anything yet. */
export type Reach = 'out' | 'in' | 'unknown';

export interface OutageNews {
  /** True for each that is to be told now; it is taken as told. */
  take(reach: Reach, now: number): BreakerTurn | undefined;
}

/** Whoever tells it knows how often is too often; this is how soon it is told after that. */
const REMIND_MS = 1_800_000;
const CALM_MS = { first: 120_000, factor: 4, longest: 2 * 3_600_000 };
/** An outage after so long a peace has nothing to do with the one before. */
const FORGIVEN_AFTER_MS = 6 * 3_600_000;

export function outageNews(): OutageNews {
  let known: Reach = 'unknown';
  let since = 0;
  let told: { turn: BreakerTurn; at: number } | undefined;
  let outages = 0;

  function tell(turn: BreakerTurn, now: number): BreakerTurn {
    told = { turn, at: now };
    return turn;
  }

  return {
    take(reach, now) {
      if (reach !== known || since > now) [known, since] = [reach, now];
      if (known === 'out') {
        if (told?.turn === 'opened') return Math.abs(now - told.at) >= REMIND_MS ? tell('opened', now) : undefined;
        outages = told !== undefined && now - told.at < FORGIVEN_AFTER_MS ? outages + 1 : 1;
        return tell('opened', now);
      }
      if (known === 'unknown' || told?.turn === 'closed') return undefined;
      const calmMs = Math.min(CALM_MS.longest, CALM_MS.first * CALM_MS.factor ** Math.max(0, outages - 1));
      return now - since >= calmMs ? tell('closed', now) : undefined;
    },
  };
}
