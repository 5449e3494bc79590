/** The words of each state: what happened, and what it means for the visitor's number. Components and live regions share them. */
import type { Phase, StopCause } from './form-state.ts';
import type { TextKey } from '../text/en.ts';
import { isCancellable } from './follow-call.ts';

export interface Description {
  readonly title: TextKey;
  readonly text: TextKey;
  /** Calm news, good news, or something the visitor should look at. */
  readonly tone: 'plain' | 'good' | 'bad';
  /** What the one button does; absent where there is nothing to do. */
  readonly button?: { readonly label: TextKey; readonly does: 'again' | 'change' | 'cancel' };
  /** Whether the company's own number belongs here. */
  readonly offersPhone: boolean;
}

type Described = Extract<Phase, { kind: 'following' | 'ended' | 'stopped' }>;

export function describePhase(phase: Described): Description {
  switch (phase.kind) {
    case 'following':
      return describeCall(phase);
    case 'ended':
      return describeEnd(phase);
    case 'stopped':
      return describeStop(phase);
  }
}

function describeCall({ call }: Extract<Phase, { kind: 'following' }>): Description {
  const anew = { label: 'anew', does: 'again' } as const;
  if (call.state === 'talking') return { title: 'talking', text: 'talking_text', tone: 'good', offersPhone: false };
  if (call.state === 'calling') {
    const title = call.seen.at(-1)?.step ?? 'calling';
    const text = title === 'calling' ? 'calling_text' : 'received_text';
    return { title, text, tone: 'plain', offersPhone: call.isLate, ...(call.isLate && { button: anew }) };
  }
  if (call.isLate) {
    return { title: 'doubtful', text: 'doubtful_text', tone: 'bad', offersPhone: true, button: { label: 'again', does: 'again' } };
  }
  const title = call.state === 'scheduled' ? 'scheduled' : 'received';
  const cancel = { label: 'cancel', does: 'cancel' } as const;
  return { title, text: 'received_text', tone: 'plain', offersPhone: false, ...(isCancellable(call) && { button: cancel }) };
}

function describeEnd({ end, badNumber }: Extract<Phase, { kind: 'ended' }>): Description {
  const again = (label: TextKey) => ({ label, does: 'again' }) as const;
  switch (end) {
    case 'done':
      return { title: 'done', text: 'done_text', tone: 'good', offersPhone: false, button: again('anew') };
    case 'cancelled':
      return { title: 'cancelled', text: 'cancelled_text', tone: 'plain', offersPhone: true, button: again('anew') };
    case 'missed':
      return { title: 'missed', text: 'missed_text', tone: 'bad', offersPhone: true, button: again('again') };
    case 'failed':
      return badNumber
        ? { title: 'failed', text: 'failed_number_text', tone: 'bad', offersPhone: true, button: again('change') }
        : { title: 'failed', text: 'failed_text', tone: 'bad', offersPhone: true, button: again('again') };
  }
}

function describeStop({ cause, retryAfterMs }: Extract<Phase, { kind: 'stopped' }>): Description {
  const again = { label: 'again', does: 'again' } as const;
  const text = cause === 'limited' && retryAfterMs ? 'limited_for' : STOP_TEXTS[cause];
  const button = cause === 'refused' ? ({ label: 'change', does: 'change' } as const) : again;
  return { title: cause, text, tone: 'bad', offersPhone: true, ...(cause !== 'misplaced' && { button }) };
}

const STOP_TEXTS: Readonly<Record<StopCause, TextKey>> = {
  refused: 'refused_text',
  limited: 'limited_text',
  offline: 'unclear_text',
  unreachable: 'unclear_text',
  unavailable: 'unavailable_text',
  closed: 'closed_text',
  misplaced: 'misplaced_text',
};
