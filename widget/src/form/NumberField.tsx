/** The number as it is typed, beside the calling code of the country it is read for. */
import type { VNode } from 'preact';
import { COUNTRIES, callingCode, countryOfTyped } from '../phone/read-number.ts';
import { FaultLine, Field } from './Fields.tsx';
import type { FormProps } from './Form.tsx';
import type { Fault } from './form-state.ts';
import { Icon } from './Icon.tsx';

interface NumberFieldProps extends FormProps {
  fault: Fault | undefined;
  isBusy: boolean;
}

export function NumberField({ state, words, send, fault, isBusy }: NumberFieldProps): VNode {
  const { typed, country } = state.fields;
  const wrong = fault?.field === 'phone' ? fault : undefined;
  const countries = state.view?.countries ?? COUNTRIES;
  const named = countryOfTyped(typed) ?? country;
  return (
    <Field id="phone" label={words.say('phone')}>
      <div class={wrong ? 'box number wrong' : 'box number'}>
        <span class="code">
          <span aria-hidden="true">+{callingCode(country)}</span>
          {countries.length > 1 && <Icon name="open" size={14} />}
          {countries.length > 1 && (
            <select
              aria-label={words.say('country')}
              disabled={isBusy}
              value={country}
              onChange={(event) => send({ kind: 'edit', change: { country: event.currentTarget.value } })}
            >
              {words.listCountries(countries).map(({ code, name }) => (
                <option key={code} value={code}>
                  {name} +{callingCode(code)}
                </option>
              ))}
            </select>
          )}
        </span>
        <input
          id="phone"
          type="tel"
          inputMode="tel"
          autocomplete="tel"
          dir="ltr"
          required
          maxLength={32}
          readOnly={isBusy}
          aria-describedby={wrong && 'fault'}
          aria-invalid={wrong && true}
          value={typed}
          onInput={(event) => send({ kind: 'edit', change: { typed: event.currentTarget.value } })}
        />
      </div>
      {wrong && <FaultLine text={words.say(wrong.text, { country: words.country(named) })} />}
    </Field>
  );
}
