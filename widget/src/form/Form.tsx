/** One card, one scene: its title, its words, its fields or steps, and at most one main thing to do. */
import type { VNode } from 'preact';
import { Fields } from './Fields.tsx';
import type { FormState, Message } from './form-state.ts';
import { Icon } from './Icon.tsx';
import { Steps } from './Steps.tsx';
import { type Told, tellScene } from './tell-scene.ts';
import type { Words } from './words.ts';

export interface FormProps {
  state: FormState;
  words: Words;
  showsName: boolean;
  send: (message: Message) => void;
  submit: () => void;
  /** This moment, RFC 3339. */
  stamp: () => string;
  /** Absent where the form stands in the page. */
  close?: (() => void) | undefined;
}

const SIGNS = { plain: 'phone', good: 'check', bad: 'alert' } as const;

export function Form(props: FormProps): VNode {
  const { state, words, close } = props;
  const { view, scene } = state;
  const { say, amount } = words;
  const told = tellScene(state, words);
  const tone = told?.tone ?? 'plain';
  const promise = view?.promiseSeconds ? say('promise', { time: amount(view.promiseSeconds, 'second') }) : say('lead');
  return (
    <div class={`form ${tone}`}>
      <div class="head">
        <span class="sign">
          <Icon name={SIGNS[tone]} />
        </span>
        <div>
          <h2 id="title" tabIndex={-1}>
            {say(told?.title ?? 'title')}
          </h2>
          {view?.name && <p class="quiet">{view.name}</p>}
        </div>
        {close && (
          <button type="button" class="close" aria-label={say('close')} onClick={close}>
            <Icon name="close" />
          </button>
        )}
      </div>
      {told && state.call && state.call.number && <p class="dialled">{state.call.number}</p>}
      {scene === 'calling' || scene === 'talking' ? <Steps {...props} /> : null}
      <p class="quiet">{told ? told.text : promise}</p>
      {told ? <Actions {...props} told={told} /> : <Fields {...props} />}
      {/* Always there, because screen readers heed only changes inside a live region that they know. */}
      <p class="spoken" role="status">
        {told ? `${say(told.title)}. ${told.text}` : scene === 'sending' && say('sending')}
      </p>
    </div>
  );
}

function Actions({ told, state, words: { say }, send }: FormProps & { told: Told }): VNode {
  const { button, tone } = told;
  const { call, view, scene } = state;
  const cancelling = call?.cancelling;
  const note = cancelling === 'too_late' || cancelling === 'not_cancelled' ? cancelling : (call?.unheard ?? 0) > 1 ? 'unheard' : undefined;
  const phone = view?.phone;
  const offersPhone = (tone === 'bad' || scene === 'cancelled') && phone && /^tel:/.test(phone.href);
  return (
    <>
      {note && (
        <p class="fault" role="alert">
          {say(note)}
        </p>
      )}
      {button && (
        <button type="button" class={button[1] === 'cancel' ? 'button' : 'button main'} onClick={() => send({ kind: button[1] })}>
          {say(button[0])}
        </button>
      )}
      {offersPhone && (
        <a class="button" href={phone.href}>
          <Icon name="phone" />
          {say('call_us', { phone: phone.text })}
        </a>
      )}
    </>
  );
}
