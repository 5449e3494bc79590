/** What the visitor fills in. While it is on its way everything stays in place, only read-only. */
import type { VNode } from 'preact';
import type { FormProps } from './Form.tsx';
import { Icon } from './Icon.tsx';
import { NumberField } from './NumberField.tsx';

export function Fields(props: FormProps): VNode {
  const { state, words, showsName, send, submit } = props;
  const { fields, view, scene } = state;
  const { say } = words;
  const isSending = scene === 'sending';
  return (
    <form
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <NumberField {...props} />
      {showsName && (
        <label class="field">
          {say('name')}
          <input
            class="box"
            autocomplete="name"
            maxLength={40}
            readOnly={isSending}
            value={fields.name}
            onInput={(event) => send({ kind: 'edit', change: { name: event.currentTarget.value } })}
          />
        </label>
      )}
      {view?.consent && <Consent {...props} {...view.consent} />}
      <button type="submit" class="button main" aria-disabled={isSending || undefined}>
        <Icon name="phone" />
        {say(isSending ? 'sending' : 'send')}
      </button>
    </form>
  );
}

function Consent({ text, url, state, words: { say }, send, stamp }: FormProps & { text: string; url?: string | undefined }): VNode {
  const { fault, fields } = state;
  const wrong = fault?.field === 'consent' && 'fault';
  return (
    <div class="field">
      <label class="consent">
        <input
          id="consent"
          type="checkbox"
          required
          checked={!!fields.consentAt}
          aria-describedby={wrong || undefined}
          onChange={(event) => send({ kind: 'edit', change: { consentAt: event.currentTarget.checked ? stamp() : '' } })}
        />
        <span>
          {text}{' '}
          {url && /^https?:/.test(url) && (
            <a href={url} target="_blank" rel="noopener">
              {say('more')}
            </a>
          )}
        </span>
      </label>
      {wrong && <FaultLine text={say(fault.text)} />}
    </div>
  );
}

export function FaultLine({ text }: { text: string }): VNode {
  return (
    <p id="fault" class="fault" role="alert">
      {text}
    </p>
  );
}
