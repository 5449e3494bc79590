/** What the form sends, as `application/x-www-form-urlencoded`, and the call request that it means. */

import { cleanName } from '../admission/clean-text.ts';
import type { SiteConfig } from '../config/config.ts';
import { type CallRequest, callRequest } from '../contract/calls.ts';
import type { FormLanguage, FormTextKey } from './form-texts.ts';
import { RequestProblem } from './problem-response.ts';

/** As typed: the form is drawn again with exactly this. */
export interface FormFields {
  phone: string;
  country: string;
  name: string;
  /** Key of a department; empty for none. */
  department: string;
  /** RFC 3339; empty for as soon as possible. */
  at: string;
  consent: boolean;
}

export interface SentForm {
  token: string;
  fields: FormFields;
}

/** What is wrong with a field, as the key of the sentence that stands under it. */
export type FieldFaults = Readonly<Partial<Record<'phone' | 'country' | 'department' | 'at' | 'consent', FormTextKey>>>;

const FIELDS = ['token', 'phone', 'country', 'name', 'department', 'at', 'consent'];
const MAX_TYPED_PHONE = 32;

export function emptyFields(site: SiteConfig): FormFields {
  return { phone: '', country: site.country, name: '', department: '', at: '', consent: false };
}

/** `invalid_request` for a field that the form does not have, or has once. The country goes without saying where there is one. */
export function readSentForm(body: string, site: SiteConfig): SentForm {
  const sent = new URLSearchParams(body);
  const names = [...sent.keys()];
  if (names.length > new Set(names).size || !names.every((name) => FIELDS.includes(name))) {
    throw new RequestProblem('invalid_request', { detail: 'unknown field' });
  }
  const text = (name: string) => sent.get(name) ?? '';
  return {
    token: text('token'),
    fields: {
      phone: text('phone').trim(),
      country: sent.get('country') ?? site.country,
      name: text('name').trim(),
      department: text('department'),
      at: text('at'),
      consent: sent.get('consent') === 'yes',
    },
  };
}

/** What can be told without asking anybody. A country that is not offered is never read as another one: the digits would be too. */
export function findFieldFaults({ phone, country, department, at, consent }: FormFields, site: SiteConfig): FieldFaults {
  return {
    ...(phone === '' && { phone: 'empty' as const }),
    ...(phone.length > MAX_TYPED_PHONE && { phone: 'number_invalid' as const }),
    ...(!site.countries.includes(country) && { country: 'country_invalid' as const }),
    ...(department !== '' && !site.departments.has(department) && { department: 'department_invalid' as const }),
    ...(at !== '' && !callRequest.shape.at.safeParse(at).success && { at: 'slot_unavailable' as const }),
    ...(site.consent !== undefined && !consent && { consent: 'consent_required' as const }),
  };
}

/** `consentAt`: epoch ms. A name in doubt stays behind; the call does not. */
export function toCallRequest(fields: FormFields, site: SiteConfig, language: FormLanguage, consentAt: number): CallRequest {
  const name = cleanName(fields.name);
  return callRequest.parse({
    site: site.key,
    phone: fields.phone,
    country: fields.country,
    ...(name !== undefined && { name }),
    ...(fields.department !== '' && { department: fields.department }),
    ...(fields.at !== '' && { at: fields.at }),
    locale: language,
    ...(site.consent !== undefined && { consent: { textId: site.consent.textId, givenAt: new Date(consentAt).toISOString() } }),
  });
}
