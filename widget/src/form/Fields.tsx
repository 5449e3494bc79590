/** What the visitor fills in. While it is on its way everything stays in place, only read-only. */
// biome-ignore lint/correctness/noUnusedImports: JSX becomes calls to it
import { h, type VNode } from 'preact';
import { Alert } from './Alert.tsx';
import type { FormProps } from './form-props.ts';
import { Icon } from './Icon.tsx';
import { NumberField } from './NumberField.tsx';

export function Fields(props: FormProps): VNode {
  const { fields, view, scene, showsName, say, edit, submit } = props;
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
            onInput={(event) => edit({ name: event.currentTarget.value })}
          />
        </label>
      )}
      {view?.consent && <Consent {...props} {...view.consent} />}
      <button class="button main" type="submit" aria-disabled={isSending}>
        <Icon name="phone" />
        {say(isSending ? 'sending' : 'send')}
      </button>
    </form>
  );
}

function Consent({ text, url, fields, fault, say, edit, stamp }: FormProps & { text: string; url?: string | undefined }): VNode {
  const wrong = fault?.field === 'consent' && fault;
  return (
    <div class="field">
      <label class="consent">
        <input
          id="consent"
          type="checkbox"
          required
          checked={!!fields.consentAt}
          aria-describedby={wrong ? 'fault' : undefined}
          onChange={(event) => edit({ consentAt: event.currentTarget.checked ? stamp() : '' })}
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
      {wrong && <Alert text={say(wrong.text)} />}
    </div>
  );
}
