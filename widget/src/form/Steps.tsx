/** What was reported so far, ticked; what is going on; and the two things that are still to come. */
// biome-ignore lint/correctness/noUnusedImports: JSX becomes calls to it
import { h, type VNode } from 'preact';
import type { TextKey } from '../text/en.ts';
import type { FormProps } from './form-props.ts';
import { Icon } from './Icon.tsx';

/** Draws nothing where the provider reports nothing: then one sentence is all that is true. */
export function Steps({ scene, call, say }: FormProps): VNode | undefined {
  const seen = call?.seen ?? [];
  const isTalking = scene === 'talking';
  if (!seen.length || !(isTalking || scene === 'calling')) return undefined;
  const keys: TextKey[] = ['waiting', ...seen];
  if (!isTalking && !seen.includes('visitor_ringing')) keys.push('visitor_next');
  const current = isTalking ? keys.length : seen.length;
  keys.push('talking');
  return (
    <ol class="steps">
      {keys.map((key, index) => (
        <li key={key} class={index < current ? 'seen' : index === current ? 'now' : ''} aria-current={index === current && 'step'}>
          <span class="mark">{index < current && <Icon name="check" size={14} />}</span>
          {say(key)}
        </li>
      ))}
    </ol>
  );
}
