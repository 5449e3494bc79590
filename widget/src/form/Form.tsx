/** One card, one scene: its title, its words, its fields or steps, and at most one main thing to do. */
// biome-ignore lint/correctness/noUnusedImports: JSX becomes calls to it
import { h, type VNode } from 'preact';
import { Alert } from './Alert.tsx';
import { Fields } from './Fields.tsx';
import type { FormProps } from './form-props.ts';
import { Icon } from './Icon.tsx';
import { Steps } from './Steps.tsx';
import { tellScene } from './tell-scene.ts';

const SIGNS = { plain: 'phone', good: 'check', bad: 'alert' } as const;

export function Form(props: FormProps): VNode {
  const { view, call, scene, fields, say, amount, send, close } = props;
  const told = tellScene(props, props);
  const tone = told?.tone ?? 'plain';
  const button = told?.button;
  const kind = button === 'cancel' ? button : 'again';
  const seconds = !fields.at && view?.promiseSeconds;
  const promise = seconds ? say('promise', { time: amount(seconds, 'second') }) : say(view?.open === false ? 'choose' : 'lead');
  const phone = (tone === 'bad' || scene === 'cancelled') && view?.phone;
  return (
    <div class={`form ${tone}`}>
      <div class="head">
        <span class="sign">
          <Icon name={SIGNS[tone]} />
        </span>
        {/* One element for all scenes: screen readers heed only what changes inside a live region that they know. */}
        <div role="status">
          <h2 id="title" tabIndex={-1}>
            {say(told?.title ?? 'title')}
          </h2>
          {!told && view?.name && <p class="quiet">{view.name}</p>}
          <p class="quiet">{told?.text ?? promise}</p>
        </div>
        {close && (
          <button class="close" type="button" aria-label={say('close')} onClick={close}>
            <Icon name="close" />
          </button>
        )}
      </div>
      {!told && <Fields {...props} />}
      {told && call && <p class="dialled">{call.number}</p>}
      {told && <Steps {...props} />}
      {told?.note && <Alert text={say(told.note)} />}
      {button && (
        <button class={kind === 'cancel' ? 'button' : 'button main'} type="button" onClick={() => send({ kind })}>
          {say(button)}
        </button>
      )}
      {phone && /^tel:/.test(phone.href) && (
        <a class="button" href={phone.href}>
          <Icon name="phone" />
          {say('call_us', { phone: phone.text })}
        </a>
      )}
    </div>
  );
}
