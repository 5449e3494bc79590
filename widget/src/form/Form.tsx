/** One card, one scene: its title, its words, its fields or steps, and at most one main thing to do. */
import type { Child } from '../draw/jsx-runtime.ts';
import { Alert } from './Alert.tsx';
import { Fields } from './Fields.tsx';
import type { FormProps } from './form-props.ts';
import { Icon } from './Icon.tsx';
import { Steps } from './Steps.tsx';
import { type Told, tellScene } from './tell-scene.ts';

const SIGNS = { plain: 'phone', good: 'check', bad: 'alert' } as const;

export function Form(props: FormProps): Child {
  const { state, words, close } = props;
  const { view, call } = state;
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
        {/* One element for all scenes: screen readers heed only what changes inside a live region that they know. */}
        <div role="status">
          <h2 id="title" tabindex="-1">
            {say(told?.title ?? 'title')}
          </h2>
          {!told && view?.name && <p class="quiet">{view.name}</p>}
          <p class="quiet">{told?.text ?? promise}</p>
        </div>
        {close && (
          <button type="button" class="close" aria-label={say('close')} onclick={close}>
            <Icon name="close" />
          </button>
        )}
      </div>
      {told && call && (
        <>
          <p class="dialled">{call.number}</p>
          <Steps {...props} />
        </>
      )}
      {told ? <Actions {...props} {...told} /> : <Fields {...props} />}
    </div>
  );
}

function Actions({ button, tone, state, words: { say }, send }: FormProps & Told): Child {
  const { call, view, scene } = state;
  const isCancel = button === 'cancel';
  const cancelling = call?.cancelling;
  const note = cancelling === 'too_late' || cancelling === 'not_cancelled' ? cancelling : call && call.unheard > 1 && 'unheard';
  const phone = (tone === 'bad' || scene === 'cancelled') && view?.phone;
  return (
    <>
      {note && <Alert text={say(note)} />}
      {button && (
        <button type="button" class={isCancel ? 'button' : 'button main'} onclick={() => send({ kind: isCancel ? 'cancel' : 'again' })}>
          {say(button)}
        </button>
      )}
      {phone && /^tel:/.test(phone.href) && (
        <a class="button" href={phone.href}>
          <Icon name="phone" />
          {say('call_us', { phone: phone.text })}
        </a>
      )}
    </>
  );
}
