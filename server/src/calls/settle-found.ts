/** What a look at a provider's own records makes of a call: pure decisions, like those of life-of-a-call.ts. Nobody is ever rung because of one. */
import type { Found } from '../providers/provider.ts';
import type { Call, Change } from '../store/call.ts';
import type { CallRules } from './call-rules.ts';
import {
  CHECK_AFTER_MS,
  checksOf,
  type EndState,
  end,
  finish,
  LONGEST_CALL_MS,
  learnRef,
  nextTime,
  RECONCILE_AFTER_MS,
  type Reporter,
  started,
} from './life-of-a-call.ts';

export type Reading =
  | { kind: 'read'; by: Reporter; found: Found }
  /** They could not be looked at just now, which says nothing about the call. */
  | { kind: 'unread' }
  /** Nobody was asked, because the provider takes only so many questions. */
  | { kind: 'no_turn' }
  /** There is no way to look at them, and there will be none unless the operator acts. */
  | { kind: 'unreadable' };

/** A call that is still unclear by then may be lost: the company is told, so that somebody rings by hand. */
const LEAD_AFTER_MS = 60_000;
/** A line of which nothing is reported stays held from one reading to the next, and for as long as that may take to be settled. */
const READING_SLACK_MS = 15_000;
/** A question that had no turn is put again this soon: it uses up no place in the schedule. */
const NEXT_TURN_MS = 5_000;
/** Past the schedule an end needs a reading. One that fails is tried again after so long, then ever more seldom. */
const RETRY_MS = { first: 60_000, longest: 1_800_000 };
/** Counted from the first that failed past the schedule, because the relay itself may have been down for days. */
const GIVE_UP_AFTER_MS = 6 * 3_600_000;

/** Of a call that is unclear, or started and not known to be over. */
export function settleFound(call: Call, reading: Reading, now: number, rules: CallRules): Change | undefined {
  if (call.state !== 'placed' && call.state !== 'uncertain') return undefined;
  if (reading.kind !== 'read') return lookLater(call, reading.kind, now, rules);
  const { by, found } = reading;
  const learned = found.kind === 'nothing' ? {} : learnRef(call, by.name, found.ref);
  if (found.kind === 'ended') return { ...learned, ...finish(found.news, now, rules) };
  if (call.state === 'placed') return { ...learned, ...checkAgain(call, by, now, rules) };
  if (found.kind === 'nothing') return lookAgain(call, now, rules);
  return { ...learned, ...started(now, checksOf(by)), heldUntil: now + LONGEST_CALL_MS + rules.cooldownMs };
}

function lookAgain(call: Call, now: number, rules: CallRules): Change {
  const dueAt = nextTime(RECONCILE_AFTER_MS, call.placedAt ?? now, now);
  return dueAt === undefined ? end('abandoned', now, rules) : { dueAt, ...leadOf(call, now, rules) };
}

function leadOf(call: Call, now: number, rules: CallRules): Change {
  return call.state === 'uncertain' && now >= (call.placedAt ?? now) + LEAD_AFTER_MS ? { leads: rules.channels } : {};
}

function checkAgain(call: Call, by: Reporter, now: number, rules: CallRules): Change {
  const since = call.placedAt ?? now;
  const dueAt = nextTime(checksOf(by), since, now);
  if (dueAt === undefined) return end('ended_unknown', now, rules);
  // A provider that can be read and knows of no end says that the line is taken. One that cannot be read holds nobody up.
  const until = Math.min(dueAt + READING_SLACK_MS, since + LONGEST_CALL_MS + rules.cooldownMs);
  return { dueAt, heldUntil: Math.max(call.heldUntil, until) };
}

function lookLater(call: Call, why: Exclude<Reading['kind'], 'read'>, now: number, rules: CallRules): Change {
  const [schedule, state]: [readonly number[], EndState] =
    call.state === 'placed' ? [CHECK_AFTER_MS.withEvents, 'ended_unknown'] : [RECONCILE_AFTER_MS, 'abandoned'];
  const next = nextTime(schedule, call.placedAt ?? now, now);
  const nextTurnAt = now + NEXT_TURN_MS;
  if (next !== undefined) return { dueAt: why === 'no_turn' ? Math.min(next, nextTurnAt) : next, ...leadOf(call, now, rules) };
  const retry = why === 'unreadable' ? undefined : retryReading(call, why, now);
  if (retry === undefined) return end(state, now, rules);
  // Nobody waits hours for records that cannot be read to be told of a call.
  const isOverdue = call.unreadSince !== undefined && now >= call.unreadSince + LEAD_AFTER_MS;
  return { ...retry, ...(isOverdue ? { leads: rules.channels } : leadOf(call, now, rules)) };
}

/** Past the schedule; undefined once it has been tried for long enough. */
export function retryReading(call: Call, why: 'unread' | 'no_turn', now: number): Change | undefined {
  const unreadSince = call.unreadSince ?? now;
  const forMs = now - unreadSince;
  if (forMs >= GIVE_UP_AFTER_MS) return undefined;
  const delayMs = why === 'no_turn' ? NEXT_TURN_MS : Math.min(Math.max(forMs, RETRY_MS.first), RETRY_MS.longest);
  return { unreadSince, dueAt: now + delayMs };
}
