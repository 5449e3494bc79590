/** What was reported so far, ticked; what is going on; and the two things that are still to come. */
import type { Child } from '../draw/jsx-runtime.ts';
import type { TextKey } from '../text/en.ts';
import type { FormProps } from './form-props.ts';
import { Icon } from './Icon.tsx';

/** Draws nothing where the provider reports nothing: then one sentence is all that is true. */
export function Steps({ state: { scene, call }, words: { say } }: FormProps): Child {
  const seen = call?.seen ?? [];
  const isTalking = scene === 'talking';
  if (!seen.length || !(isTalking || scene === 'calling')) return null;
  const keys: TextKey[] = [
    'waiting',
    ...seen,
    ...(isTalking || seen.includes('visitor_ringing') ? [] : ['visitor_next' as const]),
    'talking',
  ];
  const current = isTalking ? keys.length - 1 : seen.length;
  return (
    <ol class="steps">
      {keys.map((key, index) => (
        <li
          key={key}
          class={index < current ? 'seen' : index === current ? 'now' : ''}
          aria-current={index === current ? 'step' : undefined}
        >
          <span class="mark">{index < current && <Icon name="check" size="14" />}</span>
          {say(key)}
        </li>
      ))}
    </ol>
  );
}
