/** The number as it is typed, beside the calling code of the country it is read for. */
import type { Child } from '../draw/jsx-runtime.ts';
import { COUNTRIES, callingCode, countryOfTyped } from '../phone/read-number.ts';
import { Alert } from './Alert.tsx';
import type { FormProps } from './form-props.ts';
import { Icon } from './Icon.tsx';

export function NumberField({ state, words, send }: FormProps): Child {
  const { fields, fault, view, scene } = state;
  const { typed, country } = fields;
  const { say } = words;
  const isSending = scene === 'sending';
  const wrong = fault?.field === 'phone' && fault;
  const countries = view?.countries ?? COUNTRIES;
  const hasChoice = countries.length > 1;
  return (
    <div class="field">
      <label for="phone">{say('phone')}</label>
      <div class="box number">
        <span class="code">
          +{callingCode(country)}
          {hasChoice && <Icon name="open" size="14" />}
          {hasChoice && (
            <select
              aria-label={say('country')}
              disabled={isSending}
              value={country}
              onchange={(event) => send({ kind: 'edit', change: { country: event.currentTarget.value } })}
            >
              {words.listCountries(countries).map(([name, code]) => (
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
          inputmode="tel"
          autocomplete="tel"
          required
          maxlength="32"
          readOnly={isSending}
          aria-describedby={wrong ? 'fault' : undefined}
          aria-invalid={`${!!wrong}`}
          value={typed}
          oninput={(event) => send({ kind: 'edit', change: { typed: event.currentTarget.value } })}
        />
      </div>
      {wrong && <Alert text={say(wrong.text, { country: words.country(countryOfTyped(typed) ?? country) })} />}
    </div>
  );
}
