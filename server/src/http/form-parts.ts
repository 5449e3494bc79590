/** Pieces that the form and the page of a call share. */
import { html } from 'hono/html';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { SiteConfig } from '../config/config.ts';
import type { Markup } from './form-frame.ts';
import { type FormTexts, fillText } from './form-texts.ts';

/** Something that concerns the whole page rather than one field. */
export interface Notice {
  title: string;
  /** Empty where the title says it all. */
  text: string;
}

export function drawNotice(notice: Notice | undefined): Markup | '' {
  if (notice === undefined) return '';
  return html`<div class="notice" role="alert"><strong>${notice.title}</strong>${notice.text === '' ? '' : html`<p>${notice.text}</p>`}</div>`;
}

/** The company's own number, to call instead. */
export function drawPhoneLink({ phone }: SiteConfig, texts: FormTexts): Markup | '' {
  if (phone === undefined) return '';
  const shown = parsePhoneNumberFromString(phone)?.formatInternational() ?? phone;
  const [before = '', after = ''] = texts.call_us.split('{phone}');
  return html`<a class="button" href="tel:${phone}"><span>${before}<bdi dir="ltr">${keepTogether(shown)}</bdi>${after}</span></a>`;
}

/** A page that says one thing and offers the telephone. */
export function drawMessage(notice: Notice, site: SiteConfig | undefined, texts: FormTexts): Markup {
  return html`<h1>${notice.title}</h1>
<p class="lead">${notice.text}</p>
${site === undefined ? '' : html`<div class="actions">${drawPhoneLink(site, texts)}</div>`}`;
}

export function fillNotice(texts: FormTexts, key: NoticeKey, values: Readonly<Record<string, string>> = {}): Notice {
  return { title: texts[key], text: fillText(texts[`${key}_text`], values) };
}

export type NoticeKey = {
  [Key in keyof FormTexts]: Key extends `${infer Title}_text` ? (Title extends keyof FormTexts ? Title : never) : never;
}[keyof FormTexts];

/** A number is read in one piece. */
function keepTogether(number: string): string {
  return number.replaceAll(' ', '\u00A0');
}
