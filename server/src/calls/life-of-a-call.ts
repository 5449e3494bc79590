/**
 * What may happen to a call, as pure decisions that the store runs inside its own transactions. The picture and the reasons
 * are in docs/flow.md.
 */
import type { Fault, Outcome } from '../providers/provider.ts';
import { type Call, type Change, isEndState } from '../store/store.ts';

/** A dial answers within 15 s; a claim older than this belongs to a process that is gone or frozen. */
export const LEASE_MS = 20_000;
/** A now-call is started within this time or not at all. */
export const DIAL_WITHIN_MS = 120_000;
/** A portal may still carry out an order up to 60 s after the relay gave up on the answer. */
const UNCERTAIN_HOLD_MS = 90_000;
const LONGEST_CALL_MS = 600_000;
/** How long news of an unclear or a started call may take to arrive. */
const RECONCILE_WITHIN_MS = 3_600_000;
const NEWS_WITHIN_MS = LONGEST_CALL_MS + 600_000;
/** A dial that was proved not sent is tried at most this many times in all. */
const MAX_ATTEMPTS = 3;
const BACKOFF_MS = { first: 500, last: 4_000 };

/** What ends a call clears: nothing is due any more. */
const NOTHING_DUE = { dueStep: undefined, dueAt: undefined } as const;

export interface LifeOptions {
  /** Time between the end of a call that may have rung and the next call to the same number. */
  cooldownMs: number;
  /** In [0, 1): spreads repeats. */
  random: () => number;
}

/** What taking a due call means: a claim under a lease, or its end. */
export function takeCall(call: Call, now: number): Change | undefined {
  switch (call.dueStep) {
    case 'dial':
      if (call.state === 'dialing') return lapse(now);
      return now >= call.dialBefore ? expire(now) : claim(call, now);
    case 'reconcile':
      return { state: 'abandoned', endedAt: now, ...NOTHING_DUE };
    case 'check':
      return { state: 'ended_unknown', endedAt: now, ...NOTHING_DUE };
    default:
      return undefined;
  }
}

function claim(call: Call, now: number): Change {
  return {
    state: 'dialing',
    attempts: call.attempts + 1,
    dueStep: 'dial',
    dueAt: now + LEASE_MS,
    heldUntil: Math.max(call.heldUntil, now + LEASE_MS + UNCERTAIN_HOLD_MS),
  };
}

/** Nobody knows whether the order was sent: it is never sent again (I1). */
function lapse(now: number): Change {
  return unclear('lease_lapsed', now);
}

/** Nothing was dialled, so nothing is held. */
export function expire(now: number): Change {
  return { state: 'expired', fault: 'deadline_passed', endedAt: now, heldUntil: now, ...NOTHING_DUE };
}

function unclear(fault: string, now: number): Change {
  return { state: 'uncertain', fault, dueStep: 'reconcile', dueAt: now + RECONCILE_WITHIN_MS, heldUntil: now + UNCERTAIN_HOLD_MS };
}

/** What a provider's answer makes of a claimed call. */
export function settleOutcome(call: Call, outcome: Outcome, provider: string, now: number, options: LifeOptions): Change {
  switch (outcome.kind) {
    case 'placed':
      return {
        state: 'placed',
        fault: undefined,
        provider,
        providerRef: outcome.ref,
        placedAt: now,
        dueStep: 'check',
        dueAt: now + NEWS_WITHIN_MS,
        heldUntil: now + LONGEST_CALL_MS + options.cooldownMs,
      };
    case 'refused':
      return refuse(outcome.fault.code, now, options);
    case 'uncertain':
      return { ...unclear(outcome.fault.code, now), provider };
    case 'not_sent':
      return tryAgain(call, outcome.fault, outcome.retryAt, now, options);
  }
}

/** `fault`: a code; nobody was rung, but the provider is not to be pestered either. */
export function refuse(fault: string, now: number, options: LifeOptions): Change {
  return { state: 'refused', fault, endedAt: now, heldUntil: now + options.cooldownMs, ...NOTHING_DUE };
}

function tryAgain(call: Call, fault: Fault, retryAt: number | undefined, now: number, options: LifeOptions): Change {
  if (call.attempts >= MAX_ATTEMPTS) return refuse(fault.code, now, options);
  const backoffMs = BACKOFF_MS.first + options.random() * (BACKOFF_MS.last - BACKOFF_MS.first);
  const dueAt = Math.max(retryAt ?? 0, Math.round(now + backoffMs));
  if (dueAt >= call.dialBefore) return expire(now);
  return { state: 'accepted', fault: fault.code, dueStep: 'dial', dueAt, heldUntil: call.dialBefore + LEASE_MS };
}

/** A visitor may take the request back as long as no dial has been claimed. */
export function cancelCall(call: Call, now: number): Change | undefined {
  if (call.state !== 'accepted' && call.state !== 'scheduled') return undefined;
  return { state: 'cancelled', endedAt: now, heldUntil: now, ...NOTHING_DUE };
}

/** What a provider's own news makes of a call. It may come twice, late or in any order (I8). */
export function heedNews(
  call: Call,
  news: { kind: 'step'; step: NonNullable<Call['step']> } | { kind: 'end'; end: 'connected' | 'missed'; fault?: string | undefined },
  now: number,
  options: LifeOptions,
): Change | undefined {
  if (isEndState(call.state) || (call.state !== 'placed' && call.state !== 'uncertain')) return undefined;
  if (news.kind === 'end') {
    return { state: news.end, fault: news.fault, endedAt: now, heldUntil: now + options.cooldownMs, ...NOTHING_DUE };
  }
  if (call.step !== undefined && STEP_ORDER.indexOf(news.step) <= STEP_ORDER.indexOf(call.step)) return undefined;
  const seen: Change = { step: news.step };
  if (call.state === 'placed') return seen;
  return { ...seen, state: 'placed', placedAt: now, dueStep: 'check', dueAt: now + NEWS_WITHIN_MS };
}

const STEP_ORDER: readonly NonNullable<Call['step']>[] = ['agent_ringing', 'agent_answered', 'visitor_ringing'];
