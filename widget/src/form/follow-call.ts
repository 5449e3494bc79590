/** From an accepted request to its end, as far as it is reported. A call only moves forward; nothing is concluded, only repeated. */
import type { CallAccepted, CallView, PublicState } from '../../../server/src/contract/calls.ts';
import type { End, FollowedCall, FormState, Message, Step } from './form-state.ts';

/** `now`: epoch milliseconds of this device. */
export function beginCall(state: FormState, accepted: CallAccepted, now: number): Step {
  const { id, statusToken: token, number } = accepted;
  const call: FollowedCall = {
    ...{ id, token, number, seen: [], receivedAt: now },
    // A repeat of a request whose call is over already: what became of it is told by the first question.
    state: isEnd(accepted.state) ? 'waiting' : accepted.state,
    lateAt: now + silenceMs(Date.parse(accepted.dialBefore) - now),
    isLate: false,
    unheard: 0,
    cancelling: 'no',
  };
  return follow(state, call, accepted.pollAfterMs);
}

export function stepCall(state: FormState, call: FollowedCall, message: Message & { kind: 'heard' | 'cancel' | 'cancel_heard' }): Step {
  if (message.kind === 'cancel') {
    if (!isCancellable(call) || call.cancelling === 'asked') return [state];
    const asked: FollowedCall = { ...call, cancelling: 'asked' };
    return [withCall(state, asked), { kind: 'cancel', call: asked }];
  }
  const { answer, now } = message;
  if (message.id !== call.id) return [state];
  if (answer.kind === 'ok') return takeView(state, call, answer.value, now);
  if (message.kind === 'cancel_heard') {
    const cancelling = answer.kind === 'problem' && answer.code === 'too_late' ? 'too_late' : 'unheard';
    return [withCall(state, { ...call, cancelling })];
  }
  // The relay has forgotten this call or never gave this token: it will not tell more.
  if (answer.kind === 'problem' && answer.code === 'unknown_call') return [withCall(state, { ...call, isLate: true })];
  const unheard = call.unheard + 1;
  const pauseMs = answer.kind === 'problem' ? (answer.retryAfterMs ?? 0) : 0;
  return follow(state, { ...call, unheard, isLate: isLate(call, now) }, Math.max(pauseMs, Math.min(1000 * 2 ** unheard, 15_000)));
}

/** Whether the visitor may still take it back; the relay decides. */
export function isCancellable({ state, isLate, cancelling }: FollowedCall): boolean {
  return (state === 'scheduled' || state === 'waiting') && !isLate && cancelling !== 'too_late';
}

function takeView(state: FormState, call: FollowedCall, view: CallView, now: number): Step {
  if (isEnd(view.state)) {
    const badNumber = view.problem === 'number_invalid' || view.problem === 'number_refused';
    return [{ ...state, ask: undefined, phase: { kind: 'ended', end: view.state, number: call.number, badNumber } }];
  }
  // An answer that was overtaken by a later one.
  const isOld = ORDER.indexOf(view.state) < ORDER.indexOf(call.state);
  const { step } = view;
  const isNews = step !== undefined && !isOld && call.seen.every((each) => each.step !== step);
  const heard: FollowedCall = {
    ...call,
    state: isOld ? call.state : view.state,
    seen: isNews ? [...call.seen, { step, at: now }] : call.seen,
    unheard: 0,
    // A call that was started is not one whose cancellation is still open.
    cancelling: view.state === 'calling' && call.cancelling === 'unheard' ? 'no' : call.cancelling,
  };
  return follow(state, { ...heard, isLate: isLate(heard, now) }, view.pollAfterMs);
}

const ORDER: readonly PublicState[] = ['scheduled', 'waiting', 'calling', 'talking'];

function isEnd(state: PublicState): state is End {
  return !ORDER.includes(state);
}

function follow(state: FormState, call: FollowedCall, pollAfterMs: number): Step {
  return [withCall(state, call), { kind: 'ask', call, afterMs: Math.min(Math.max(pollAfterMs, 500), 60_000) }];
}

const UNREPORTED_CALLING_MS = 120_000;

function isLate({ state, seen, lateAt }: FollowedCall, now: number): boolean {
  if (state === 'waiting') return now >= lateAt;
  // Not every provider reports the end of a call; the visitor must get out of this state nevertheless.
  return state === 'calling' && seen.length === 0 && now >= lateAt + UNREPORTED_CALLING_MS;
}

/** A visitor's clock may be hours off; then the relay's usual deadline is taken. */
function silenceMs(untilDeadlineMs: number): number {
  return untilDeadlineMs > 0 && untilDeadlineMs <= 600_000 ? untilDeadlineMs : 120_000;
}

function withCall(state: FormState, call: FollowedCall): FormState {
  return { ...state, phase: { kind: 'following', call } };
}
