/** What each scene says and offers once the request has gone out: what happened, what that means for the number, what can be done. */
import type { TextKey } from '../text/en.ts';
import { isCancellable } from './follow-call.ts';
import type { FormState, Scene } from './form-state.ts';
import type { Words } from './words.ts';

export interface Told {
  readonly title: TextKey;
  readonly text: string;
  /** Calm news, good news, or something the visitor should look at. */
  readonly tone: 'plain' | 'good' | 'bad';
  /** The one button: its label and what it does. */
  readonly button: readonly [label: TextKey, does: 'again' | 'change' | 'cancel'] | undefined;
}

type ToldScene = Exclude<Scene, 'editing' | 'sending'>;

/** Undefined while the fields are shown. */
export function tellScene(state: FormState, { say, amount, dayAndTime }: Words): Told | undefined {
  const { scene, call, view, retryAfterMs } = state;
  if (scene === 'editing' || scene === 'sending') return undefined;
  const { tone, button, text } = SCENES[scene];
  const title = scene === 'scheduled' ? 'waiting' : scene;
  const step = scene === 'calling' ? call?.seen.at(-1) : undefined;
  const isBadNumber = scene === 'failed' && call?.hasBadNumber;
  const key = isBadNumber ? 'bad_number' : step ? 'waiting_text' : (text ?? (`${title}_text` as TextKey));
  // A relay that does not say how long is given a minute.
  const said = say(key, { time: amount(Math.ceil(retryAfterMs / 60_000) || 1, 'minute') });
  return {
    title: step ?? title,
    text: scene === 'closed' && view?.opensAt ? say('closed_until', { time: dayAndTime(view.opensAt) }) : said,
    tone,
    button: isBadNumber ? ['change', 'change'] : button?.[1] === 'cancel' && !isCancellable(state) ? undefined : button,
  };
}

const again = ['again', 'again'] as const;
const anew = ['again', 'change'] as const;
const another = ['anew', 'change'] as const;
const cancel = ['cancel', 'cancel'] as const;

const SCENES: Readonly<Record<ToldScene, Pick<Told, 'tone' | 'button'> & { text?: TextKey }>> = {
  scheduled: { tone: 'plain', button: cancel },
  waiting: { tone: 'plain', button: cancel },
  doubtful: { tone: 'bad', button: anew },
  calling: { tone: 'plain', button: undefined },
  talking: { tone: 'good', button: undefined },
  done: { tone: 'good', button: another },
  missed: { tone: 'bad', button: anew },
  failed: { tone: 'bad', button: anew },
  cancelled: { tone: 'plain', button: another },
  number_refused: { tone: 'bad', button: ['change', 'change'] },
  rate_limited: { tone: 'bad', button: again },
  closed: { tone: 'bad', button: again },
  unavailable: { tone: 'bad', button: again },
  offline: { tone: 'bad', button: again, text: 'unreachable_text' },
  unreachable: { tone: 'bad', button: again },
};
