/** What the visitor fills in. While it is on its way everything stays in place, only read-only. */
// biome-ignore lint/correctness/noUnusedImports: JSX becomes calls to it
import { h, type VNode } from 'preact';
import { Alert } from './Alert.tsx';
import type { FormProps } from './form-props.ts';
import { Icon } from './Icon.tsx';
import { NumberField } from './NumberField.tsx';

export function Fields(props: FormProps): VNode {
  const { fields, view, scene, showsName, showsDepartments, say, dayAndTime, edit, submit } = props;
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
      {showsDepartments && view && !!view.departments.length && (
        <Choice
          {...props}
          field="department"
          options={[['', say('any')], ...view.departments.map(({ key, name }) => [key, name] as const)]}
        />
      )}
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
      {view && !!view.slots.length && (
        <Choice
          {...props}
          field="at"
          options={[...(view.open ? [['', say('now')] as const] : []), ...view.slots.map((slot) => [slot, dayAndTime(slot)] as const)]}
        />
      )}
      {view?.consent && <Consent {...props} {...view.consent} />}
      <button class="button main" type="submit" aria-disabled={isSending}>
        <Icon name="phone" />
        {say(isSending ? 'sending' : 'send')}
      </button>
    </form>
  );
}

interface ChoiceProps extends FormProps {
  field: 'department' | 'at';
  options: readonly (readonly [value: string, name: string])[];
}

function Choice({ field, options, fields, fault, scene, say, edit }: ChoiceProps): VNode {
  const wrong = fault?.field === field && fault;
  return (
    <div class="field">
      <label for={field}>{say(field)}</label>
      <span class="choice">
        <select
          id={field}
          class="box"
          disabled={scene === 'sending'}
          aria-describedby={wrong ? 'fault' : undefined}
          value={fields[field]}
          onChange={(event) => edit({ [field]: event.currentTarget.value })}
        >
          {options.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
        <Icon name="open" size={14} />
      </span>
      {wrong && <Alert text={say(wrong.text)} />}
    </div>
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
