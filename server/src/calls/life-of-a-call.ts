/**
 * What may happen to a call, as pure decisions that the store runs inside its own transactions. The picture and the reasons
 * are in docs/flow.md.
 */
import type { Cost, EndNews, Fault, Outcome, Provider, ProviderEvent } from '../providers/provider.ts';
import { type Call, type Change, isEndState, type SiteLoad } from '../store/call.ts';
import { TURN_WITHIN_MS } from '../store/store.ts';
import type { CallRules } from './call-rules.ts';

/** A dial answers within 15 s; a claim older than this belongs to a process that is gone or frozen. */
export const LEASE_MS = 20_000;
/** A now-call is started within this time or not at all. */
export const DIAL_WITHIN_MS = 120_000;
/** A portal may still carry out an order up to this long after the relay gave up on the answer. */
const LATE_START_MS = 60_000;
export const CLOCKS_DIFFER_MS = 30_000;
const UNCERTAIN_HOLD_MS = LATE_START_MS + CLOCKS_DIFFER_MS;
export const LONGEST_CALL_MS = 600_000;
/**
 * Both telephones ring for 30 s at most. Where nothing is reported, holding the line for longer would make the third visitor of a
 * busy minute wait past the deadline, and be called by nobody.
 */
const SILENT_CALL_MS = 60_000;
/** When an unclear call is looked for, counted from when it became unclear. After the last it is given up. */
export const RECONCILE_AFTER_MS = [20_000, 60_000, 180_000, 600_000, 1_800_000, 3_600_000];
/** When nobody will ever know any more how a started call went on. */
const NEWS_WITHIN_MS = LONGEST_CALL_MS + 600_000;
/**
 * When a started call is looked for. Where events come, only in case that one got lost: after both telephones have rung, then ever
 * more seldom. Where none come, a reading frees the line, and somebody may be waiting for it who has two minutes.
 */
export const CHECK_AFTER_MS = {
  withEvents: [90_000, 180_000, 300_000, 480_000, 720_000, 960_000, NEWS_WITHIN_MS],
  withoutEvents: [45_000, 75_000, 105_000, 150_000, 210_000, 270_000, 330_000, 420_000, 540_000, 660_000, 900_000, NEWS_WITHIN_MS],
  unreadable: [NEWS_WITHIN_MS],
};
/** A reading is at most three requests of 15 s each. One that takes longer belongs to a process that is gone or frozen. */
export const READ_LEASE_MS = 60_000;
/** A dial that was proved not sent is tried at most this many times in all. */
const MAX_ATTEMPTS = 3;
const BACKOFF_MS = { first: 500, last: 4_000 };
/** Somebody waits by the telephone. */
const FALLBACK_AFTER_MS = 100;

/** A call whose site is busy looks again this soon; while calls are paused there is no hurry. */
const WAIT_MS = { busy: 1_000, paused: TURN_WITHIN_MS };

/** What taking a due call means: a claim under a lease, a wait for its turn, its end, or the end of what is known of it. */
export function takeCall(call: Call, now: number, site: SiteLoad, rules: CallRules): Change | undefined {
  switch (call.dueStep) {
    case 'dial':
      if (call.state === 'dialing') return lapse(now, rules);
      if (now >= call.dialBefore) return expire(now, rules);
      if (rules.paused || isShut(call, now, rules)) return wait(call, now + WAIT_MS.paused, now);
      // The store counts inside the transaction that claims, so takers at once never pass it together.
      return site.busy >= rules.concurrency ? wait(call, now + WAIT_MS.busy, now) : claim(call, now);
    case 'reconcile':
    case 'check':
      return { dueAt: now + READ_LEASE_MS };
    case 'forget':
      return { forget: true };
    case undefined:
      return undefined;
  }
}

/** A slot lies inside the hours; only a change of these can close it again. Then the call expires, and the company is told. */
function isShut({ scheduledFor, department }: Call, now: number, rules: CallRules): boolean {
  return scheduledFor !== undefined && rules.isShut?.(department, now) === true;
}

/** Until `at`, or until the deadline if that comes first: then it expires on time. It keeps its place. */
export function wait(call: Call, at: number, now: number): Change {
  return { lookAt: Math.min(at, now + TURN_WITHIN_MS, call.dialBefore) };
}

/**
 * Every end goes through here. It leaves one thing to do: to forget, after the site's time. And the company is told of each that is
 * not known to have brought two people together (I6), unless the visitor wants no call any more.
 */
export function end(state: EndState, now: number, rules: CallRules): Change {
  const isOfNoConcern = state === 'connected' || state === 'cancelled';
  return {
    state,
    endedAt: now,
    dueStep: 'forget',
    dueAt: now + rules.retentionMs,
    ...(!isOfNoConcern && { leads: rules.channels }),
    ...(state !== 'cancelled' && recordsOf(rules)),
  };
}

/** Begun as soon as telephones may ring, so that whoever answers sees whom the call is for; what never came so far is written down at its end. */
function recordsOf({ records = [] }: CallRules): Pick<Change, 'records'> {
  return records.length > 0 ? { records } : {};
}

export type EndState = 'connected' | 'missed' | 'ended_unknown' | 'refused' | 'expired' | 'cancelled' | 'abandoned';

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
function lapse(now: number, rules: CallRules): Change {
  return unclear('lease_lapsed', now, rules);
}

/** Nothing was dialled, so nothing is held and nothing is paid for. */
export function expire(now: number, rules: CallRules): Change {
  return { fault: 'deadline_passed', heldUntil: now, cost: 0, ...end('expired', now, rules) };
}

/** `placedAt` remembers since when: the readings are counted from it. */
function unclear(fault: string, now: number, rules: CallRules): Change {
  return {
    state: 'uncertain',
    fault,
    placedAt: now,
    dueStep: 'reconcile',
    dueAt: nextTime(RECONCILE_AFTER_MS, now, now),
    heldUntil: now + UNCERTAIN_HOLD_MS,
    ...recordsOf(rules),
  };
}

/** Undefined after the last. */
export function nextTime(schedule: readonly number[], since: number, now: number): number | undefined {
  const afterMs = schedule.find((each) => since + each > now);
  return afterMs === undefined ? undefined : since + afterMs;
}

/** What a provider's answer makes of a claimed call. */
export function settleOutcome(
  call: Call,
  outcome: Outcome,
  provider: Reporter,
  now: number,
  rules: CallRules,
  next: NextTry = 'again',
): Change {
  switch (outcome.kind) {
    case 'placed':
      return {
        ...started(now, checksOf(provider)),
        ...recordsOf(rules),
        provider: provider.name,
        // Without an id of its own an answer takes nothing back that an event has told meanwhile.
        ...(outcome.ref !== undefined && { providerRef: outcome.ref }),
        controlRef: outcome.controlRef,
        heldUntil: now + (provider.reportsEvents ? LONGEST_CALL_MS + rules.cooldownMs : Math.max(SILENT_CALL_MS, rules.cooldownMs)),
      };
    case 'refused':
      return refuse(outcome.fault.code, now, rules);
    case 'uncertain':
      return { ...unclear(outcome.fault.code, now, rules), provider: provider.name };
    case 'not_sent':
      return tryAgain(call, { fault: outcome.fault, dueAt: nextTry(outcome.retryAt, next, now, rules) }, now, rules);
  }
}

/** By whom the next try would be made: by the same account, or by another. */
export type NextTry = 'again' | 'fallback';

export type Reporter = Pick<Provider, 'name' | 'reportsEvents' | 'cannotFind'>;

/** Where calls cannot be looked up, there is nothing to do but to wait until the last moment for news. */
export function checksOf(provider: Reporter): readonly number[] {
  if (provider.cannotFind !== undefined) return CHECK_AFTER_MS.unreadable;
  return provider.reportsEvents ? CHECK_AFTER_MS.withEvents : CHECK_AFTER_MS.withoutEvents;
}

export function started(now: number, checks: readonly number[]): Change {
  return { state: 'placed', fault: undefined, placedAt: now, unreadSince: undefined, dueStep: 'check', dueAt: nextTime(checks, now, now) };
}

/** `fault`: a code; nobody was rung and nothing is paid for, but the provider is not to be pestered either. */
export function refuse(fault: string, now: number, rules: CallRules): Change {
  return { fault, heldUntil: now + rules.cooldownMs, cost: 0, ...end('refused', now, rules) };
}

/** What keeps one account from ringing is no reason to spare another. */
function nextTry(retryAt: number | undefined, next: NextTry, now: number, { random }: CallRules): number {
  if (next === 'fallback') return now + FALLBACK_AFTER_MS;
  const backoffMs = BACKOFF_MS.first + random() * (BACKOFF_MS.last - BACKOFF_MS.first);
  return Math.max(retryAt ?? 0, Math.round(now + backoffMs));
}

function tryAgain(call: Call, { fault, dueAt }: { fault: Fault; dueAt: number }, now: number, rules: CallRules): Change {
  if (call.attempts >= MAX_ATTEMPTS) return refuse(fault.code, now, rules);
  if (dueAt >= call.dialBefore) return expire(now, rules);
  return {
    state: 'accepted',
    fault: fault.code,
    providerRef: undefined,
    controlRef: undefined,
    dueStep: 'dial',
    dueAt,
    heldUntil: call.dialBefore + LEASE_MS,
  };
}

/** A visitor may take the request back as long as no dial has been claimed. */
export function cancelCall(call: Call, now: number, rules: CallRules): Change | undefined {
  if (call.state !== 'accepted' && call.state !== 'scheduled') return undefined;
  return { heldUntil: now, cost: 0, ...end('cancelled', now, rules) };
}

/** What a provider's own news makes of a call. It may come twice, late or in any order (I8). */
export function heedNews(call: Call, news: ProviderEvent['news'], now: number, rules: CallRules): Change | undefined {
  const isOpen = call.state === 'placed' || call.state === 'uncertain';
  if (news.kind === 'end') return isOpen ? finish(news, now, rules) : undefined;
  // How far a call had come is told of one that has ended too: it says who let it ring.
  if (!isOpen && call.state !== 'missed' && call.state !== 'connected') return undefined;
  if (call.step !== undefined && STEP_ORDER.indexOf(news.step) <= STEP_ORDER.indexOf(call.step)) return undefined;
  const seen: Change = { step: news.step };
  if (call.state !== 'uncertain') return seen;
  return { ...seen, ...started(now, CHECK_AFTER_MS.withEvents), heldUntil: now + LONGEST_CALL_MS + rules.cooldownMs };
}

const STEP_ORDER: readonly NonNullable<Call['step']>[] = ['agent_ringing', 'agent_answered', 'visitor_ringing'];

export function finish(news: EndNews, now: number, rules: CallRules): Change {
  const cost = paidFor(news.cost, rules);
  return {
    fault: news.fault,
    heldUntil: now + rules.cooldownMs,
    ...billOf(news),
    ...(cost !== undefined && { cost, teller: rules.teller }),
    ...end(news.end, now, rules),
  };
}

/** As the provider reported it. */
export function billOf({ talkedMs, cost }: EndNews): Pick<Change, 'talkedMs' | 'charged' | 'currency'> {
  return {
    ...(talkedMs !== undefined && { talkedMs }),
    ...(cost !== undefined && isPrice(cost) && { charged: Math.ceil(cost.amount), currency: cost.currency }),
  };
}

function isPrice({ amount }: Cost): boolean {
  return Number.isFinite(amount) && amount >= 0;
}

/** A price in another currency than the budget's cannot be set against it: what was reserved stays taken. */
export function paidFor(cost: Cost | undefined, { currency }: CallRules): number | undefined {
  if (cost === undefined || cost.currency !== currency || !Number.isFinite(cost.amount)) return undefined;
  return Math.max(0, Math.ceil(cost.amount));
}

/** The id by which the provider calls a call, from whoever tells it first. */
export function learnRef(call: Call, provider: string, ref: string | undefined): Change {
  if (call.providerRef !== undefined || ref === undefined || isEndState(call.state)) return {};
  return { provider, providerRef: ref };
}

/** The time within which the provider began a call, if it did: it may take a minute after the relay gave up, and its clock may differ. */
export function beginningOf(call: Call): { from: number; until: number } {
  const sentBefore = Math.min(call.placedAt ?? call.dialBefore, call.dialBefore + LEASE_MS);
  return { from: (call.scheduledFor ?? call.acceptedAt) - CLOCKS_DIFFER_MS, until: sentBefore + LATE_START_MS + CLOCKS_DIFFER_MS };
}
