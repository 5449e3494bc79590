/** What was reported so far, ticked; what is going on; and the two things that are still to come. */
import type { VNode } from 'preact';
import type { TextKey } from '../text/en.ts';
import type { FormProps } from './Form.tsx';
import { Icon } from './Icon.tsx';

/** Draws nothing where the provider reports nothing: then one sentence is all that is true. */
export function Steps({ state: { scene, call }, words: { say } }: FormProps): VNode | null {
  if (!call?.seen.length) return null;
  const { seen } = call;
  const isTalking = scene === 'talking';
  const keys: TextKey[] = ['waiting', ...seen, ...(isTalking || seen.includes('visitor_ringing') ? [] : ['visitor_next' as const]), 'talking'];
  const current = isTalking ? keys.length - 1 : seen.length;
  return (
    <ol class="steps">
      {keys.map((key, index) => (
        <li key={key} class={index < current ? 'seen' : index === current ? 'now' : ''} aria-current={index === current ? 'step' : undefined}>
          <span class="mark">{index < current && <Icon name="check" size={14} />}</span>
          {say(key)}
        </li>
      ))}
    </ol>
  );
}
