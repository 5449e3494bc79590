/** What each scene says and offers once the request has gone out: what happened, what that means for the number, what can be done. */
import type { TextKey } from '../text/en.ts';
import { isCancellable } from './follow-call.ts';
import type { FormState, Scene } from './form-state.ts';
import type { Words } from './words.ts';

export interface Told {
  readonly title: TextKey;
  readonly text: string;
  readonly tone: Tone;
  /** Label of the one button; all but `cancel` lead on, each in its own words. */
  readonly button: TextKey | undefined;
  /** What stands in the way just now. */
  readonly note: TextKey | undefined;
}

/** Calm news, good news, or something the visitor should look at. */
export type Tone = 'plain' | 'good' | 'bad';

/** Undefined while the fields are shown. */
export function tellScene(state: FormState, { say, amount, dayAndTime }: Words): Told | undefined {
  const { scene, call, ask, fields, opensAt, retryAfterMs } = state;
  if (scene === 'editing' || scene === 'sending') return undefined;
  const [tone = 'bad', button = 'again', text] = SCENES[scene] ?? [];
  const step = scene === 'calling' && call?.seen.at(-1);
  const cancelling = call?.cancelling;
  const isBadNumber = call?.problem?.startsWith('number');
  const moment = scene === 'scheduled' ? fields.at : scene === 'closed' && opensAt;
  const key = isBadNumber
    ? 'number_invalid'
    : step
      ? 'waiting_text'
      : scene === 'closed' && moment
        ? 'closed_until'
        : ask?.lost && tone === 'bad'
          ? 'unreachable_text'
          : (text ?? (`${scene}_text` as TextKey));
  return {
    title: step || scene,
    // A relay that does not say how long is given a minute.
    text: say(key, { time: moment ? dayAndTime(moment) : amount(Math.ceil(retryAfterMs / 60_000) || 1, 'minute') }),
    tone,
    button:
      (button === 'cancel' && !isCancellable(state)) || (scene === 'calling' && ask)
        ? undefined
        : isBadNumber
          ? 'change'
          : button || undefined,
    note: cancelling === 'too_late' || cancelling === 'not_cancelled' ? cancelling : call && call.unheard > 1 ? 'unheard' : undefined,
  };
}

/** Tone, button and, where it is not the scene's own, text. What is left out is what most have: something is wrong, try again. */
const SCENES: Readonly<Partial<Record<Scene, readonly [Tone?, (TextKey | '')?, TextKey?]>>> = {
  scheduled: ['plain', 'cancel'],
  waiting: ['plain', 'cancel'],
  calling: ['plain', 'anew'],
  talking: ['good', ''],
  done: ['good', 'anew'],
  unconfirmed: ['bad', 'anew'],
  cancelled: ['plain', 'anew'],
  number_refused: ['bad', 'change'],
  offline: ['bad', 'again', 'unreachable_text'],
};
