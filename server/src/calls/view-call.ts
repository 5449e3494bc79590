/** What a visitor is told about a call: never more than is known (docs/flow.md, "Words for the visitor"). */
import type { CallView, PublicState } from '../contract/calls.ts';
import { type Call, type CallState, isEndState } from '../store/call.ts';
import { hasRung } from './who-missed.ts';

/** `uncertain` shows as waiting: whether somebody rings is just what is not known. */
const PUBLIC: Readonly<Record<CallState, PublicState>> = {
  scheduled: 'scheduled',
  accepted: 'waiting',
  dialing: 'waiting',
  uncertain: 'waiting',
  placed: 'calling',
  connected: 'done',
  missed: 'missed',
  ended_unknown: 'done',
  refused: 'failed',
  expired: 'failed',
  cancelled: 'cancelled',
  abandoned: 'failed',
};

/** `problemOf` knows what a visitor may be told about a fault code. */
export function viewCall(call: Call, now: number, problemOf: (fault: string) => CallView['problem']): CallView {
  const state = stateOf(call);
  const isUnconfirmed = UNCONFIRMED.has(call.state);
  const final = isEndState(call.state);
  return {
    id: call.id,
    state,
    ...(call.state === 'placed' && call.step !== undefined && { step: call.step }),
    ...(isUnconfirmed && { unconfirmed: true }),
    ...(state === 'failed' && !isUnconfirmed && { problem: (call.fault !== undefined && problemOf(call.fault)) || 'unavailable' }),
    ...(call.state === 'scheduled' && call.scheduledFor !== undefined && { dueAt: new Date(call.scheduledFor).toISOString() }),
    pollAfterMs: final ? 0 : pollAfterMs(call, now),
    final,
  };
}

/** What was kept as missed may never have rung: with no money for it, or to a number that there is not. */
function stateOf({ state, fault }: Call): PublicState {
  return state === 'missed' && !hasRung(fault) ? 'failed' : PUBLIC[state];
}

/** Ends of which nobody will ever know whether two people spoke. */
const UNCONFIRMED: ReadonlySet<CallState> = new Set(['ended_unknown', 'abandoned']);

/** Often while the next change is seconds away, seldom when it may be minutes. */
export function pollAfterMs(call: Call, now: number): number {
  if (call.state === 'scheduled' && call.scheduledFor !== undefined) return pollUntil(call.scheduledFor - now);
  const sinceMs = now - (call.placedAt ?? Math.max(call.acceptedAt, call.scheduledFor ?? 0));
  return PACE.find(({ untilMs }) => sinceMs < untilMs)?.everyMs ?? SLOWEST_MS;
}

/** Since the request, or since the telephones began to ring. */
const PACE = [
  { untilMs: 10_000, everyMs: 1_000 },
  { untilMs: 120_000, everyMs: 2_000 },
  { untilMs: 600_000, everyMs: 10_000 },
];
const SLOWEST_MS = 30_000;

/** Half of the time that is left, so that the slot is not slept through, and a cancelled one is seen soon enough. */
function pollUntil(leftMs: number): number {
  return Math.round(Math.min(300_000, Math.max(2_000, leftMs / 2)));
}
