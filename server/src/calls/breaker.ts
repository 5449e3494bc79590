/**
 * Knows when an account is not worth a call: dials that were proved not to have got through, again and again. While it is open
 * nobody is dialled and nothing is lost, since a call that waits keeps its deadline. It closes by a question that rings nobody.
 */

import type { Reach } from './outage-news.ts';

/** What a dial proved about the way to the provider. An unclear answer proves nothing and is not told here. */
export type Proof = 'reached' | 'not_reached';
export type BreakerTurn = 'opened' | 'closed';

export interface Breaker {
  /** What became of a dial. */
  note(proof: Proof, now: number): BreakerTurn | undefined;
  /** Until when nothing may be dialled; undefined: it may. */
  barredUntil(now: number): number | undefined;
  /** True once, when it is time to ask; the answer goes to `probed`. */
  startProbe(now: number): boolean;
  probed(answered: boolean, now: number): BreakerTurn | undefined;
  /** As far as dials and questions have shown. */
  reach(): Reach;
}

/** In a row, or half of the last twenty within a minute where at least ten were seen. */
const FAILURES_IN_A_ROW = 5;
const REMEMBERED = { dials: 20, least: 10, withinMs: 60_000 };
const OPEN_MS = 30_000;
/** While the question is under way, those who wait look again this soon. */
const PROBE_LOOK_MS = 1_000;

type State =
  | { kind: 'shut' }
  /** The question was answered: the next dial decides. One more failure and it opens again. */
  | { kind: 'trial' }
  | { kind: 'open'; until: number; probing: boolean };

export function breaker(): Breaker {
  let state: State = { kind: 'shut' };
  let seen: { proof: Proof; at: number }[] = [];

  function open(now: number): BreakerTurn {
    state = { kind: 'open', until: now + OPEN_MS, probing: false };
    seen = [];
    return 'opened';
  }

  return {
    note(proof, now) {
      // Dials that were under way when it opened say nothing about whether it may close.
      if (state.kind === 'open') return undefined;
      if (state.kind === 'trial') {
        if (proof === 'not_reached') return open(now);
        state = { kind: 'shut' };
      }
      seen = [...seen, { proof, at: now }].slice(-REMEMBERED.dials);
      return isBroken(seen, now) ? open(now) : undefined;
    },
    barredUntil(now) {
      if (state.kind !== 'open') return undefined;
      const until = openUntil(state, now);
      return until > now ? until : now + PROBE_LOOK_MS;
    },
    startProbe(now) {
      if (state.kind !== 'open' || state.probing || openUntil(state, now) > now) return false;
      state.probing = true;
      return true;
    },
    probed(answered, now) {
      if (state.kind !== 'open') return undefined;
      if (!answered) {
        state = { kind: 'open', until: now + OPEN_MS, probing: false };
        return undefined;
      }
      state = { kind: 'trial' };
      return 'closed';
    },
    reach() {
      if (state.kind === 'open') return 'out';
      return state.kind === 'trial' || seen.some(({ proof }) => proof === 'reached') ? 'in' : 'unknown';
    },
  };
}

/** The clock may have been set back meanwhile: nobody waits longer than was meant. */
function openUntil(state: { until: number }, now: number): number {
  state.until = Math.min(state.until, now + OPEN_MS);
  return state.until;
}

function isBroken(seen: readonly { proof: Proof; at: number }[], now: number): boolean {
  const isFailure = ({ proof }: { proof: Proof }) => proof === 'not_reached';
  if (seen.length >= FAILURES_IN_A_ROW && seen.slice(-FAILURES_IN_A_ROW).every(isFailure)) return true;
  const recent = seen.filter(({ at }) => at > now - REMEMBERED.withinMs);
  return recent.length >= REMEMBERED.least && recent.filter(isFailure).length * 2 >= recent.length;
}
