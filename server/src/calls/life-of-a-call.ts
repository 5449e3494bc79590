/**
 * What may happen to a call, as pure decisions that the store runs inside its own transactions. The picture and the reasons
 * are in docs/flow.md.
 */
import type { Cost, Fault, Outcome, Provider, ProviderEvent } from '../providers/provider.ts';
import { type Call, type Change, isEndState, type SiteLoad } from '../store/store.ts';
import type { CallRules } from './call-rules.ts';

/** A dial answers within 15 s; a claim older than this belongs to a process that is gone or frozen. */
export const LEASE_MS = 20_000;
/** A now-call is started within this time or not at all. */
export const DIAL_WITHIN_MS = 120_000;
/** A portal may still carry out an order up to 60 s after the relay gave up on the answer. */
const UNCERTAIN_HOLD_MS = 90_000;
const LONGEST_CALL_MS = 600_000;
/**
 * Both telephones ring for 30 s at most. Where nothing is reported, holding the line for longer would make the third visitor of a
 * busy minute wait past the deadline, and be called by nobody.
 */
const SILENT_CALL_MS = 60_000;
/** How long news of an unclear or a started call may take to arrive. */
const RECONCILE_WITHIN_MS = 3_600_000;
const NEWS_WITHIN_MS = LONGEST_CALL_MS + 600_000;
/** A dial that was proved not sent is tried at most this many times in all. */
const MAX_ATTEMPTS = 3;
const BACKOFF_MS = { first: 500, last: 4_000 };

/** A call whose site is busy looks again this soon; while calls are paused there is no hurry. */
const WAIT_MS = { busy: 1_000, paused: 5_000 };

/** What taking a due call means: a claim under a lease, a wait for its turn, its end, or the end of what is known of it. */
export function takeCall(call: Call, now: number, site: SiteLoad, rules: CallRules): Change | undefined {
  switch (call.dueStep) {
    case 'dial':
      if (call.state === 'dialing') return lapse(now);
      if (now >= call.dialBefore) return expire(now, rules);
      if (rules.paused) return wait(call, now + WAIT_MS.paused);
      // The store counts inside the transaction that claims, so takers at once never pass it together.
      return site.busy >= rules.concurrency ? wait(call, now + WAIT_MS.busy) : claim(call, now);
    case 'reconcile':
      return { state: 'abandoned', ...end(now, rules) };
    case 'check':
      return { state: 'ended_unknown', ...end(now, rules) };
    case 'forget':
      return { forget: true, dueStep: undefined, dueAt: undefined };
    case undefined:
      return undefined;
  }
}

/** Until `at`, or until the deadline if that comes first: then it expires on time. */
function wait(call: Call, at: number): Change {
  return { dueAt: Math.min(at, call.dialBefore) };
}

/** Every end leaves one thing to do: to forget, after the site's time. */
function end(now: number, { retentionMs }: CallRules): Pick<Change, 'endedAt' | 'dueStep' | 'dueAt'> {
  return { endedAt: now, dueStep: 'forget', dueAt: now + retentionMs };
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

/** Nothing was dialled, so nothing is held and nothing is paid for. */
export function expire(now: number, rules: CallRules): Change {
  return { state: 'expired', fault: 'deadline_passed', heldUntil: now, cost: 0, ...end(now, rules) };
}

function unclear(fault: string, now: number): Change {
  return { state: 'uncertain', fault, dueStep: 'reconcile', dueAt: now + RECONCILE_WITHIN_MS, heldUntil: now + UNCERTAIN_HOLD_MS };
}

/** What a provider's answer makes of a claimed call. */
export function settleOutcome(call: Call, outcome: Outcome, provider: Reporter, now: number, rules: CallRules): Change {
  switch (outcome.kind) {
    case 'placed':
      return {
        state: 'placed',
        fault: undefined,
        provider: provider.name,
        providerRef: outcome.ref,
        placedAt: now,
        dueStep: 'check',
        dueAt: now + NEWS_WITHIN_MS,
        heldUntil: now + (provider.reportsEvents ? LONGEST_CALL_MS + rules.cooldownMs : Math.max(SILENT_CALL_MS, rules.cooldownMs)),
      };
    case 'refused':
      return refuse(outcome.fault.code, now, rules);
    case 'uncertain':
      return { ...unclear(outcome.fault.code, now), provider: provider.name };
    case 'not_sent':
      return tryAgain(call, outcome.fault, outcome.retryAt, now, rules);
  }
}

type Reporter = Pick<Provider, 'name' | 'reportsEvents'>;

/** `fault`: a code; nobody was rung and nothing is paid for, but the provider is not to be pestered either. */
export function refuse(fault: string, now: number, rules: CallRules): Change {
  return { state: 'refused', fault, heldUntil: now + rules.cooldownMs, cost: 0, ...end(now, rules) };
}

function tryAgain(call: Call, fault: Fault, retryAt: number | undefined, now: number, rules: CallRules): Change {
  if (call.attempts >= MAX_ATTEMPTS) return refuse(fault.code, now, rules);
  const backoffMs = BACKOFF_MS.first + rules.random() * (BACKOFF_MS.last - BACKOFF_MS.first);
  const dueAt = Math.max(retryAt ?? 0, Math.round(now + backoffMs));
  if (dueAt >= call.dialBefore) return expire(now, rules);
  return { state: 'accepted', fault: fault.code, dueStep: 'dial', dueAt, heldUntil: call.dialBefore + LEASE_MS };
}

/** A visitor may take the request back as long as no dial has been claimed. */
export function cancelCall(call: Call, now: number, rules: CallRules): Change | undefined {
  if (call.state !== 'accepted' && call.state !== 'scheduled') return undefined;
  return { state: 'cancelled', heldUntil: now, cost: 0, ...end(now, rules) };
}

/** What a provider's own news makes of a call. It may come twice, late or in any order (I8). */
export function heedNews(call: Call, news: ProviderEvent['news'], now: number, rules: CallRules): Change | undefined {
  if (isEndState(call.state) || (call.state !== 'placed' && call.state !== 'uncertain')) return undefined;
  if (news.kind === 'end') {
    const cost = paidFor(news.cost, rules);
    return {
      state: news.end,
      fault: news.fault,
      heldUntil: now + rules.cooldownMs,
      ...(cost !== undefined && { cost }),
      ...end(now, rules),
    };
  }
  if (call.step !== undefined && STEP_ORDER.indexOf(news.step) <= STEP_ORDER.indexOf(call.step)) return undefined;
  const seen: Change = { step: news.step };
  if (call.state === 'placed') return seen;
  return { ...seen, state: 'placed', placedAt: now, dueStep: 'check', dueAt: now + NEWS_WITHIN_MS };
}

/** A price in another currency than the budget's cannot be set against it: what was reserved stays taken. */
function paidFor(cost: Cost | undefined, { currency }: CallRules): number | undefined {
  if (cost === undefined || cost.currency !== currency || !Number.isFinite(cost.amount)) return undefined;
  return Math.max(0, Math.ceil(cost.amount));
}

const STEP_ORDER: readonly NonNullable<Call['step']>[] = ['agent_ringing', 'agent_answered', 'visitor_ringing'];
