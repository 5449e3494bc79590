/** One card, one state: its title, its words, its fields or steps, and at most one main thing to do. */
import type { ComponentChildren, VNode } from 'preact';
import { type Description, describePhase } from './describe-phase.ts';
import { Fields } from './Fields.tsx';
import type { FollowedCall, FormState, Message } from './form-state.ts';
import { Icon } from './Icon.tsx';
import { Steps } from './Steps.tsx';
import type { Words } from './words.ts';

export interface FormProps {
  state: FormState;
  words: Words;
  showsName: boolean;
  /** The tag names the department; then the visitor is not asked. */
  asksDepartment: boolean;
  send: (message: Message) => void;
  submit: () => void;
  /** This moment, RFC 3339. */
  stamp: () => string;
  /** Absent where the form stands in the page. */
  close?: (() => void) | undefined;
}

export function Form(props: FormProps): VNode {
  const { phase } = props.state;
  const { say } = props.words;
  const isForm = phase.kind === 'editing' || phase.kind === 'preparing' || phase.kind === 'sending';
  const told = isForm ? undefined : describePhase(phase);
  return (
    <div class={told?.tone}>
      {/* Always there, because screen readers heed only changes inside a live region that they know. */}
      <p class="spoken" role="status">
        {told ? `${say(told.title)}. ${tellText(told, props)}` : phase.kind !== 'editing' && say('sending')}
      </p>
      {told ? <ToldForm {...props} told={told} /> : <AskingForm {...props} />}
    </div>
  );
}

function AskingForm(props: FormProps): VNode {
  const { view } = props.state;
  const { say, duration } = props.words;
  const lead = view?.promiseSeconds ? say('promise', { time: duration(view.promiseSeconds * 1000) }) : say('lead');
  return (
    <Frame {...props} title={say('title')} lead={[view?.name, lead].filter(Boolean).join(' · ')}>
      <Fields {...props} />
    </Frame>
  );
}

function ToldForm(props: FormProps & { told: Description }): VNode {
  const { told, words, send, state } = props;
  const { view, phase } = state;
  const { say } = words;
  const { button } = told;
  const call = phase.kind === 'following' ? phase.call : undefined;
  const number = phase.kind === 'ended' ? phase.number : call?.number;
  return (
    <Frame {...props} title={say(told.title)} tone={told.tone}>
      {number && <p class="dialled">{number}</p>}
      {call && <Steps call={call} words={words} />}
      <p class="quiet">{tellText(told, props)}</p>
      {call && <Note call={call} say={say} />}
      {button && (
        <button type="button" class={button.does === 'cancel' ? 'button' : 'button main'} onClick={() => send({ kind: button.does })}>
          {say(button.label)}
        </button>
      )}
      {told.offersPhone && view?.phone && /^tel:/.test(view.phone.href) && (
        <a class="button" href={view.phone.href}>
          <Icon name="phone" />
          {say('call_us', { phone: view.phone.text })}
        </a>
      )}
    </Frame>
  );
}

function Note({ call: { cancelling, unheard }, say }: { call: FollowedCall; say: Words['say'] }): VNode | null {
  const note = cancelling === 'too_late' ? 'too_late' : cancelling === 'unheard' ? 'cancel_unheard' : unheard > 1 ? 'unheard' : undefined;
  return note ? (
    <p class="fault" role="alert">
      {say(note)}
    </p>
  ) : null;
}

function tellText({ text }: Description, { words, state }: FormProps): string {
  const { phase } = state;
  if (phase.kind !== 'stopped') return words.say(text);
  if (phase.cause === 'closed' && state.view?.opensAt) {
    return `${words.say(text)} ${words.say('closed_until', { time: words.dayAndTime(state.view.opensAt) })}`;
  }
  return words.say(text, { time: words.duration(phase.retryAfterMs ?? 0) });
}

interface FrameProps {
  words: Words;
  close?: (() => void) | undefined;
  title: string;
  lead?: string;
  tone?: Description['tone'];
  children: ComponentChildren;
}

const SIGNS = { plain: 'phone', good: 'check', bad: 'alert' } as const;

function Frame({ words, close, title, lead, tone = 'plain', children }: FrameProps): VNode {
  return (
    <>
      <div class="head">
        <span class="sign">
          <Icon name={SIGNS[tone]} />
        </span>
        <h2 id="title" tabIndex={-1}>
          {title}
        </h2>
        {close && (
          <button type="button" class="close" aria-label={words.say('close')} onClick={close}>
            <Icon name="close" />
          </button>
        )}
      </div>
      <div class="body">
        {lead && <p class="quiet">{lead}</p>}
        {children}
      </div>
    </>
  );
}
