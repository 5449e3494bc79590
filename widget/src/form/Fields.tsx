/** What the visitor fills in. While it is on its way everything stays in place, only read-only. */
import type { ComponentChildren, VNode } from 'preact';
import type { SiteView } from '../../../server/src/contract/site-view.ts';
import type { FormProps } from './Form.tsx';
import type { Fault } from './form-state.ts';
import { Icon } from './Icon.tsx';
import { NumberField } from './NumberField.tsx';

export function Fields(props: FormProps): VNode {
  const { state, words, showsName, asksDepartment, send, submit } = props;
  const { fields, view, phase } = state;
  const { say } = words;
  const fault = phase.kind === 'editing' ? phase.fault : undefined;
  const isBusy = phase.kind !== 'editing';
  const departments = asksDepartment ? (view?.departments ?? []) : [];
  return (
    <form
      class="body"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <NumberField {...props} fault={fault} isBusy={isBusy} />
      {showsName && (
        <Field id="name" label={say('name')}>
          <input
            id="name"
            class="box"
            autocomplete="name"
            maxLength={40}
            readOnly={isBusy}
            value={fields.name}
            onInput={(event) => send({ kind: 'edit', change: { name: event.currentTarget.value } })}
          />
        </Field>
      )}
      {departments.length > 1 && (
        <Field id="department" label={say('department')}>
          <select
            id="department"
            class="box"
            value={fields.department}
            onChange={(event) => send({ kind: 'edit', change: { department: event.currentTarget.value } })}
          >
            <option value="" />
            {departments.map(({ key, name }) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
          </select>
        </Field>
      )}
      {view?.consent && <Consent {...props} consent={view.consent} fault={fault} />}
      <button type="submit" class="button main" aria-disabled={isBusy ? true : undefined}>
        {!isBusy && <Icon name="phone" />}
        {say(isBusy ? 'sending' : 'send')}
      </button>
    </form>
  );
}

interface ConsentProps extends FormProps {
  consent: NonNullable<SiteView['consent']>;
  fault: Fault | undefined;
}

function Consent({ consent: { text, url }, fault, state, words, send, stamp }: ConsentProps): VNode {
  const isWrong = fault?.field === 'consent';
  return (
    <div class="field">
      <label class="consent">
        <input
          id="consent"
          type="checkbox"
          required
          checked={state.fields.consentAt !== ''}
          aria-describedby={isWrong ? 'fault' : undefined}
          aria-invalid={isWrong || undefined}
          onChange={(event) =>
            send({ kind: 'edit', change: { consentAt: event.currentTarget.checked ? stamp() : '' } })
          }
        />
        <span>
 {text}{' '}
          {url && /^https?:/.test(url) && (
            <a href={url} target="_blank" rel="noopener">
              {words.say('more')}
            </a>
          )}
        </span>
      </label>
      {isWrong && <FaultLine text={words.say(fault.text)} />}
    </div>
  );
}

export function Field({ id, label, children }: { id: string; label: string; children: ComponentChildren }): VNode {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
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
