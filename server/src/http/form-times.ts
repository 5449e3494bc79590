/** Departments and times on the form page, in the zone of whoever answers. */
import { html } from 'hono/html';
import type { SiteTimes } from '../admission/site-times.ts';
import type { SiteConfig } from '../config/config.ts';
import type { Markup } from './form-frame.ts';
import type { Notice } from './form-parts.ts';
import { FORM_TEXTS, type FormLanguage, fillText } from './form-texts.ts';
import { formatInstant } from './respond.ts';

/** Undefined where a call may be asked for now. */
export function closedNotice({ open, opensAt, slots, timeZone }: SiteTimes, language: FormLanguage): Notice | undefined {
  if (open) return undefined;
  const texts = FORM_TEXTS[language];
  const sentences = [...tellOpening(opensAt, timeZone, language), ...(slots.length > 0 ? [texts.choose] : [])];
  return { title: texts.closed, text: sentences.join(' ') };
}

/** When somebody is there again, as no sentence or one. */
export function tellOpening(opensAt: number | undefined, timeZone: string, language: FormLanguage): string[] {
  return opensAt === undefined ? [] : [fillText(FORM_TEXTS[language].opens, { time: formatMoment(opensAt, timeZone, language) })];
}

/** `Monday, November 23 at 9:00 AM GMT+1`: whoever reads it may be in another zone. */
export function formatMoment(at: number, timeZone: string, language: FormLanguage): string {
  const day = { weekday: 'long', day: 'numeric', month: 'long' } as const;
  return new Intl.DateTimeFormat(language, { ...day, hour: 'numeric', minute: '2-digit', timeZoneName: 'short', timeZone }).format(at);
}

export function drawDepartments({ departments }: SiteConfig, chosen: string, fault: Markup | '', language: FormLanguage): Markup | '' {
  if (departments.size === 0) return '';
  const texts = FORM_TEXTS[language];
  return html`<div class="field">
<label for="department">${texts.department}</label>
<span class="choice"><select id="department" name="department"${fault === '' ? '' : html` aria-invalid="true" aria-describedby="department-wrong"`}>
<option value="">${texts.any_department}</option>
${[...departments.values()].map(
  ({ key, name }) => html`<option value="${key}"${key === chosen ? html` selected` : ''}>${name}</option>
`,
)}</select></span>
${fault}
</div>`;
}

/** `chosen`: as it was sent. A time that is not free any more is not offered again. */
export function drawTimes(times: SiteTimes, chosen: string, fault: Markup | '', language: FormLanguage): Markup | '' {
  if (times.slots.length === 0) return '';
  const texts = FORM_TEXTS[language];
  const zone = times.timeZone.split('/').at(-1)?.replaceAll('_', ' ') ?? times.timeZone;
  return html`<div class="field">
<label for="at">${fillText(texts.when, { zone })}</label>
<span class="choice"><select id="at" name="at"${times.open ? '' : html` required`}${fault === '' ? '' : html` aria-invalid="true" aria-describedby="at-wrong"`}>
<option value="">${times.open ? texts.now : texts.pick_time}</option>
${groupByDay(times, language).map(
  ([day, slots]) => html`<optgroup label="${day}">
${slots.map(
  ({ value, time }) => html`<option value="${value}"${value === chosen ? html` selected` : ''}>${time}</option>
`,
)}</optgroup>
`,
)}</select></span>
${fault}
</div>`;
}

interface Option {
  value: string;
  time: string;
}

function groupByDay({ slots, timeZone }: SiteTimes, language: FormLanguage): [string, Option[]][] {
  const dayFormat = new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long', timeZone });
  // Once it is chosen, the group's name is not seen any more.
  const timeFormat = new Intl.DateTimeFormat(language, { weekday: 'short', hour: 'numeric', minute: '2-digit', timeZone });
  const byDay = new Map<string, Option[]>();
  for (const at of slots) {
    const day = dayFormat.format(at);
    byDay.set(day, [...(byDay.get(day) ?? []), { value: formatInstant(at), time: timeFormat.format(at) }]);
  }
  return [...byDay];
}
