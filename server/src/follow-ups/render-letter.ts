/** A letter as plain text for a person. */
import type { Lead, Letter, NamedSite } from './channel.ts';
import { type Label, type Language, LETTER_TEXTS, standingOf } from './letter-texts.ts';

export interface RenderedLetter {
  /** One line. The number stands in the text alone: subjects are logged and shown on locked screens. */
  subject: string;
  /** Lines, without control characters. */
  text: string;
}

export function renderLetter(letter: Letter, language: Language): RenderedLetter {
  const texts = LETTER_TEXTS[language];
  if (letter.kind === 'notice') return { subject: texts.subjectOfNotice(letter.site?.name), text: `${plain(letter.text)}\n` };
  return { subject: texts.subjectOfLead(plain(letter.site.name)), text: `${renderLead(letter, language)}\n` };
}

export function renderLead(lead: Lead, language: Language): string {
  const texts = LETTER_TEXTS[language];
  const standing = standingOf(lead);
  const lines: readonly (readonly [Label, string | undefined])[] = [
    ['number', lead.number ?? texts.numberSealed],
    ['name', lead.name],
    ['department', lead.department],
    ['site', lead.site.name],
    ['requestedAt', tell(lead.requestedAt, lead.site, language)],
    ['scheduledFor', lead.scheduledFor === undefined ? undefined : tell(lead.scheduledFor, lead.site, language)],
    ['page', joined([lead.page?.title, lead.page?.url])],
    ['referrer', lead.page?.referrer],
    ['campaign', joined(Object.values(lead.page?.utm ?? {}))],
    ['consent', lead.consent && joined([lead.consent.textId, tell(Date.parse(lead.consent.givenAt), lead.site, language)])],
    ['why', withCode(texts.why(lead), lead.reason)],
    ['request', lead.callId],
  ];
  const facts = lines.flatMap(([label, value]) => (value === undefined || value === '' ? [] : [`${texts.labels[label]}: ${plain(value)}`]));
  return [texts.opening[standing], texts.advice[standing], '', ...facts].join('\n');
}

function tell(at: number, { timeZone }: NamedSite, language: Language): string {
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, {
    timeZone,
    dateStyle: 'medium',
    timeStyle: 'long',
  }).format(at);
}

function withCode(sentence: string, code: string | undefined): string {
  return code === undefined ? sentence : `${sentence} [${code}]`;
}

function joined(parts: readonly (string | undefined)[]): string | undefined {
  const given = parts.filter((part) => part !== undefined && part !== '');
  return given.length === 0 ? undefined : given.join(' · ');
}

/** One line, whatever a visitor's page put into its title. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]+/gu, ' ').trim();
}
