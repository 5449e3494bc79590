/** What the visitor fills in. While it is on its way everything stays in place, only read-only. */
import type { Child } from '../draw/jsx-runtime.ts';
import { Alert } from './Alert.tsx';
import type { FormProps } from './form-props.ts';
import { Icon } from './Icon.tsx';
import { NumberField } from './NumberField.tsx';

export function Fields(props: FormProps): Child {
  const { state, words, showsName, send, submit } = props;
  const { fields, view, scene } = state;
  const { say } = words;
  const isSending = scene === 'sending';
  return (
    <form
      class="form"
      noValidate
      onsubmit={(event) => {
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
            maxlength="40"
            readOnly={isSending}
            value={fields.name}
            oninput={(event) => send({ kind: 'edit', change: { name: event.currentTarget.value } })}
          />
        </label>
      )}
      {view?.consent && <Consent {...props} {...view.consent} />}
      <button type="submit" class="button main" aria-disabled={isSending ? 'true' : undefined}>
        <Icon name="phone" />
        {say(isSending ? 'sending' : 'send')}
      </button>
    </form>
  );
}

function Consent({ text, url, state, words: { say }, send, stamp }: FormProps & { text: string; url?: string | undefined }): Child {
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
          onchange={(event) => send({ kind: 'edit', change: { consentAt: event.currentTarget.checked ? stamp() : '' } })}
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
      {wrong && <Alert text={say(fault.text)} />}
    </div>
  );
}
