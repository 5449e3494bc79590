/** The number as it is typed, beside the calling code of the country it is read for. */
// biome-ignore lint/correctness/noUnusedImports: JSX becomes calls to it
import { h, type VNode } from 'preact';
import { COUNTRIES, callingCode, countryOfTyped } from '../phone/read-number.ts';
import { Alert } from './Alert.tsx';
import type { FormProps } from './form-props.ts';
import { Icon } from './Icon.tsx';

export function NumberField({ fields, fault, view, scene, say, nameCountry, listCountries, edit }: FormProps): VNode {
  const { typed, country } = fields;
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
          {hasChoice && <Icon name="open" size={14} />}
          {hasChoice && (
            <select
              aria-label={say('country')}
              disabled={isSending}
              value={country}
              onChange={(event) => edit({ country: event.currentTarget.value })}
            >
              {listCountries(countries).map(([name, code]) => (
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
          autocomplete="tel"
          required
          maxLength={32}
          readOnly={isSending}
          aria-describedby={wrong ? 'fault' : undefined}
          aria-invalid={!!wrong}
          value={typed}
          onInput={(event) => edit({ typed: event.currentTarget.value })}
        />
      </div>
      {wrong && <Alert text={say(wrong.text, { country: nameCountry(countryOfTyped(typed) ?? country) })} />}
    </div>
  );
}
