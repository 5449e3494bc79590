/** The form itself: what the widget shows, as a page that needs no script. */
import { html } from 'hono/html';
import { getCountryCallingCode, isSupportedCountry } from 'libphonenumber-js/max';
import type { SiteTimes } from '../admission/site-times.ts';
import type { SiteConfig } from '../config/config.ts';
import type { FormFrame, Markup } from './form-frame.ts';
import { drawNotice, drawPhoneLink, type Notice } from './form-parts.ts';
import type { FieldFaults, FormFields } from './form-request.ts';
import {
  FORM_LANGUAGE_NAMES,
  FORM_LANGUAGES,
  FORM_TEXTS,
  type FormLanguage,
  type FormTexts,
  fillText,
  formatDuration,
} from './form-texts.ts';
import { closedNotice, drawDepartments, drawTimes } from './form-times.ts';

export interface FormView {
  site: SiteConfig;
  /** Of the department that is chosen. */
  times: SiteTimes;
  language: FormLanguage;
  token: string;
  fields: FormFields;
  faults: FieldFaults;
  notice: Notice | undefined;
}

export function formPage({ site, times, language, token, fields, faults, notice }: FormView): FormFrame {
  const texts = FORM_TEXTS[language];
  const { promiseSeconds } = site;
  const promise =
    promiseSeconds === undefined || !times.open ? '' : ` ${fillText(texts.promise, { time: formatDuration(promiseSeconds, language) })}`;
  const closed = notice === undefined ? closedNotice(times, language) : undefined;
  const isFaulty = notice !== undefined || Object.keys(faults).length > 0;
  // Without a script nothing announces a sentence that was drawn with the page: the window's title does.
  const title = isFaulty ? fillText(texts.error, { title: notice?.title ?? texts.required }) : texts.title;
  const content = html`<h1>${texts.title}</h1>
<p class="lead">${texts.lead}${promise}</p>
${drawNotice(notice ?? closed)}
<form method="post" accept-charset="utf-8">
<input type="hidden" name="token" value="${token}">
${site.countries.length > 1 ? drawCountry(site, language, fields, faults) : ''}
<div class="field">
<label for="phone">${texts.phone}</label>
<input id="phone" name="phone" type="tel" inputmode="tel" autocomplete="tel" dir="ltr" required maxlength="32"
 value="${fields.phone}"${drawFaultReference('phone', faults)}${isFaulty && !onlyElsewhere(faults) ? html` autofocus` : ''}>
${drawFault('phone', faults, texts)}
</div>
<div class="field">
<label for="name">${texts.name}</label>
<input id="name" name="name" autocomplete="name" maxlength="40" value="${fields.name}">
</div>
${drawDepartments(site, fields.department, drawFault('department', faults, texts), language)}
${drawTimes(times, fields.at, drawFault('at', faults, texts), language)}
${drawConsent(site, fields, faults, texts)}
<button class="button main">${texts.send}</button>
</form>
${site.phone === undefined ? '' : html`<div class="actions">${drawPhoneLink(site, texts)}</div>`}
<p class="small">${FORM_LANGUAGES.filter((other) => other !== language).map(
    (other) => html`<a href="?lang=${other}" lang="${other}" hreflang="${other}">${FORM_LANGUAGE_NAMES[other]}</a>`,
  )}</p>`;
  return { language, title, company: site.name, content };
}

/** The field to begin with is the phone, unless the fault lies elsewhere alone. */
function onlyElsewhere(faults: FieldFaults): boolean {
  return faults.phone === undefined && Object.keys(faults).length > 0;
}

function drawCountry(site: SiteConfig, language: FormLanguage, fields: FormFields, faults: FieldFaults): Markup {
  const texts = FORM_TEXTS[language];
  const names = new Intl.DisplayNames(language, { type: 'region' });
  const chosen = site.countries.includes(fields.country) ? fields.country : undefined;
  const countries = site.countries
    .map((code) => ({ code, name: names.of(code) ?? code }))
    .sort((one, other) => one.name.localeCompare(other.name, language));
  return html`<div class="field">
<label for="country">${texts.country}</label>
<span class="choice"><select id="country" name="country" autocomplete="country" required${drawFaultReference('country', faults)}>
${chosen === undefined ? html`<option value="" selected></option>` : ''}
${countries.map(
  ({ code, name }) =>
    html`<option value="${code}"${code === chosen ? html` selected` : ''}>${name}${
      isSupportedCountry(code) ? ` (+${getCountryCallingCode(code)})` : ''
    }</option>
`,
)}</select></span>
${drawFault('country', faults, texts)}
</div>`;
}

function drawConsent({ consent }: SiteConfig, fields: FormFields, faults: FieldFaults, texts: FormTexts): Markup | '' {
  if (consent === undefined) return '';
  return html`<div class="consent">
<input id="consent" name="consent" type="checkbox" value="yes" required${fields.consent ? html` checked` : ''}${drawFaultReference('consent', faults)}>
<label for="consent">${consent.text}</label>
${consent.url === undefined ? '' : html`<a href="${consent.url}" target="_blank" rel="noopener noreferrer">${texts.more}</a>`}
${drawFault('consent', faults, texts)}
</div>`;
}

function drawFaultReference(field: keyof FieldFaults, faults: FieldFaults): Markup | '' {
  return faults[field] === undefined ? '' : html` aria-invalid="true" aria-describedby="${field}-wrong"`;
}

function drawFault(field: keyof FieldFaults, faults: FieldFaults, texts: FormTexts): Markup | '' {
  const key = faults[field];
  return key === undefined ? '' : html`<p class="wrong" id="${field}-wrong">${texts[key]}</p>`;
}
