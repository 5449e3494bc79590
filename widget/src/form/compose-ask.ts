/** From fields to the request that goes out, byte for byte. */
import type { CallRequest } from '../../../server/src/contract/calls.ts';
import { callingCode, readNumber } from '../phone/read-number.ts';
import type { Ask, Fault, Fields, FormState, Submit } from './form-state.ts';

/** What is wrong with the fields before anything is sent. The relay decides; this only saves the visitor a round trip. */
export function findFault({ fields, view }: FormState): Fault | undefined {
  const reading = readNumber(fields.typed.trim(), fields.country);
  if (reading.kind !== 'number') return { field: 'phone', text: reading.kind };
  // Calling codes, not countries: behind +1 or +7 the page does not know the country for certain.
  const code = callingCode(reading.country);
  const isServed = !view || view.countries.some((country) => callingCode(country) === code);
  if (!isServed) return { field: 'phone', text: 'elsewhere' };
  return view?.consent && !fields.consentAt ? { field: 'consent', text: 'consent_required' } : undefined;
}

/** The former request if the visitor asks for the very same thing: then a repeat can never be a second call. */
export function composeAsk({ fields, view, ask }: FormState, { key, site, locale, page }: Submit): Ask {
  if (ask && isSame(ask.fields, fields)) return ask;
  const phone = fields.typed.trim();
  const reading = readNumber(phone, fields.country);
  const body: CallRequest = {
    site,
    phone,
    country: fields.country,
    expect: reading.kind === 'number' ? reading.e164 : undefined,
    name: fields.name.trim() || undefined,
    department: fields.department || undefined,
    consent: view?.consent && { textId: view.consent.textId, givenAt: fields.consentAt },
    locale,
    page,
  };
  return { key, body: JSON.stringify(body), fields };
}

function isSame(one: Fields, other: Fields): boolean {
  return (Object.keys(one) as (keyof Fields)[]).every((field) => one[field] === other[field]);
}
