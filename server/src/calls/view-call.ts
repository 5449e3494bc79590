/** What a visitor is told about a call: never more than is known (docs/flow.md, "Words for the visitor"). */
import type { CallView, PublicState } from '../contract/calls.ts';
import { type Call, type CallState, isEndState } from '../store/store.ts';

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
  const state = PUBLIC[call.state];
  const final = isEndState(call.state);
  return {
    id: call.id,
    state,
    ...(call.state === 'placed' && call.step !== undefined && { step: call.step }),
    ...(state === 'failed' && { problem: (call.fault !== undefined && problemOf(call.fault)) || 'unavailable' }),
    ...(call.state === 'scheduled' && call.scheduledFor !== undefined && { dueAt: new Date(call.scheduledFor).toISOString() }),
    pollAfterMs: final ? 0 : pollAfterMs(call, now),
    final,
  };
}

/** Often while the next change is seconds away, seldom when it may be minutes. */
export function pollAfterMs(call: Call, now: number): number {
  if (call.state === 'scheduled') return 30_000;
  const ageMs = now - (call.placedAt ?? call.acceptedAt);
  if (ageMs < 10_000) return 1_000;
  return ageMs < 120_000 ? 2_000 : 10_000;
}
