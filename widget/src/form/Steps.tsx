/** What was reported so far, ticked; what is going on; and the two things that are still to come. */
import type { VNode } from 'preact';
import type { FollowedCall } from './form-state.ts';
import { Icon } from './Icon.tsx';
import type { Words } from './words.ts';

/** Draws nothing where the provider reports nothing: then one sentence is all that is true. */
export function Steps({ call, words: { say, clockTime } }: { call: FollowedCall; words: Words }): VNode | null {
  const { seen, state } = call;
  if (seen.length === 0) return null;
  const isTalking = state === 'talking';
  return (
    <ol class="steps">
      <Line mark="seen" text={say('received')} time={clockTime(call.receivedAt)} />
      {seen.map(({ step, at }, index) => (
        <Line key={step} mark={isTalking || index < seen.length - 1 ? 'seen' : 'now'} text={say(step)} time={clockTime(at)} />
      ))}
      {!isTalking && seen.every(({ step }) => step !== 'visitor_ringing') && <Line mark="" text={say('visitor_next')} />}
      <Line mark={isTalking ? 'now' : ''} text={say('talking')} />
    </ol>
  );
}

function Line({ mark, text, time }: { mark: 'seen' | 'now' | ''; text: string; time?: string }): VNode {
  return (
    <li class={mark} aria-current={mark === 'now' ? 'step' : undefined}>
      <span class="mark">{mark === 'seen' && <Icon name="check" size={14} />}</span>
      {text}
      {time && <time>{time}</time>}
    </li>
  );
}
