/** From fields to the request that goes out, byte for byte. */
import type { CallRequest } from '../../../server/src/contract/calls.ts';
import { callingCode, readNumber } from '../phone/read-number.ts';
import type { Ask, Fault, FormState, Submit } from './form-state.ts';

/** What is wrong with the fields, or the request. The relay decides; a fault found here only saves the visitor a round trip. */
export function composeAsk({ fields, view, ask }: FormState, { key, rest }: Submit): Ask | Fault {
  const { country, consentAt, name, typed, department, at } = fields;
  // A fullwidth plus is a plus to whoever types it, but not to libphonenumber.
  const phone = typed.trim().replace('\uff0b', '+');
  const reading = readNumber(phone, country);
  if (!('country' in reading)) return { field: 'phone', text: reading.kind };
  // Calling codes, not countries: behind +1 or +7 the page does not know the country for certain.
  const code = callingCode(reading.country);
  if (view && !view.countries.some((each) => callingCode(each) === code)) return { field: 'phone', text: 'elsewhere' };
  if (view?.consent && !consentAt) return { field: 'consent', text: 'consent_required' };

  // For the very same wish the former request: then a repeat can never be a second call.
  if (ask && JSON.stringify(ask.fields) === JSON.stringify(fields)) return ask;
  const body: CallRequest = {
    ...rest,
    phone,
    country,
    expect: reading.kind === 'number' ? reading.e164 : undefined,
    name: name.trim() || undefined,
    department: department || undefined,
    at: at || undefined,
    consent: view?.consent && { textId: view.consent.textId, givenAt: consentAt },
  };
  return { key, body: JSON.stringify(body), fields };
}
