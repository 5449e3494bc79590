/** From an accepted request to its end, as far as it is reported. A call only moves forward; nothing is concluded, only repeated. */
import type { CallAccepted, CallView } from '../../../server/src/contract/calls.ts';
import type { FollowedCall, FormState, Heard, Scene, Step } from './form-state.ts';

const ORDER: readonly Scene[] = ['scheduled', 'waiting', 'doubtful', 'calling', 'talking'];

/** Whether the relay is asked how the call goes on. */
export function isFollowing(scene: Scene): boolean {
  return ORDER.includes(scene);
}

/** `now`: epoch milliseconds of this device. */
export function beginCall(state: FormState, accepted: CallAccepted, now: number): Step {
  const untilDeadlineMs = Date.parse(accepted.dialBefore) - now;
  const call: FollowedCall = {
    id: accepted.id,
    token: accepted.statusToken,
    number: accepted.number,
    seen: [],
    // A visitor's clock may be hours off; then the relay's usual deadline is taken.
    lateAt: now + (untilDeadlineMs > 0 && (untilDeadlineMs < 600_000 || state.fields.at) ? untilDeadlineMs : 120_000),
    unheard: 0,
    cancelling: 'no',
  };
  // A repeat of a request whose call is over already: what became of it is told by the first question.
  const scene = isFollowing(accepted.state) ? accepted.state : 'waiting';
  return follow({ ...state, scene }, call, now, accepted.pollAfterMs);
}

export function stepCall(state: FormState, call: FollowedCall, message: Heard | { kind: 'cancel' }): Step {
  if (message.kind === 'cancel') {
    if (!isCancellable(state)) return [state];
    const asked: FollowedCall = { ...call, cancelling: 'asked' };
    return [
      { ...state, call: asked },
      { kind: 'cancel', call: asked, afterMs: 0 },
    ];
  }
  const { answer, now } = message;
  if (message.id !== call.id) return [state];
  if (answer.kind === 'ok') return takeView(state, call, answer.value, now);
  const code = answer.kind === 'problem' && answer.code;
  if (message.kind === 'cancel_heard') {
    return [{ ...state, call: { ...call, cancelling: code === 'too_late' ? 'too_late' : 'not_cancelled' } }];
  }
  // The relay has forgotten this call, or never gave this token: it will not tell more.
  if (code === 'unknown_call') return [{ ...state, scene: 'doubtful', ask: undefined }];
  const unheard = call.unheard + 1;
  return follow(state, { ...call, unheard }, now, Math.min(1000 * 2 ** unheard, 15_000));
}

/** Whether the visitor may still take it back; the relay decides. */
export function isCancellable({ scene, call }: FormState): boolean {
  return (scene === 'scheduled' || scene === 'waiting') && (call?.cancelling === 'no' || call?.cancelling === 'not_cancelled');
}

function takeView(
  state: FormState,
  call: FollowedCall,
  { state: heard, step, problem, unconfirmed, pollAfterMs }: CallView,
  now: number,
): Step {
  if (!isFollowing(heard)) return [{ ...state, scene: unconfirmed ? 'unconfirmed' : heard, ask: undefined, call: { ...call, problem } }];
  // An answer may be overtaken by a later one.
  const isOld = ORDER.indexOf(heard) < ORDER.indexOf(state.scene);
  const seen = step && !isOld && !call.seen.includes(step) ? [...call.seen, step] : call.seen;
  return follow({ ...state, scene: isOld ? state.scene : heard }, { ...call, seen, unheard: 0 }, now, pollAfterMs);
}

/** Not every provider reports the end of a call; the visitor must get out of that scene nevertheless. */
const UNREPORTED_CALLING_MS = 120_000;

/** Once nothing more can be expected, the former request is let go: the visitor may ask anew, and that is another call. */
function follow(state: FormState, call: FollowedCall, now: number, afterMs: number): Step {
  const isDoubtful = state.scene === 'waiting' && now >= call.lateAt;
  const isSilent = state.scene === 'calling' && !call.seen.length && now >= call.lateAt + UNREPORTED_CALLING_MS;
  return [
    { ...state, call, scene: isDoubtful ? 'doubtful' : state.scene, ask: isDoubtful || isSilent ? undefined : state.ask },
    { kind: 'ask', call, afterMs: Math.min(Math.max(afterMs, 500), 300_000) },
  ];
}
