/** Every problem of the contract in a visitor's words: under the field that is at fault, or above them all. */
import type { SiteConfig } from '../config/config.ts';
import type { ProblemCode } from '../contract/problems.ts';
import { fillNotice, type Notice, type NoticeKey } from './form-parts.ts';
import type { FieldFaults } from './form-request.ts';
import { FORM_TEXTS, type FormLanguage, formatDuration } from './form-texts.ts';
import { tellOpening } from './form-times.ts';

/** When to come back, where nobody can say how long it will last. */
export const USUAL_WAIT_S: Readonly<Partial<Record<ProblemCode, number>>> = { unavailable: 30, rate_limited: 60 };

export interface Explanation {
  faults?: FieldFaults;
  notice?: Notice;
}

export interface ExplainOptions {
  site: SiteConfig | undefined;
  language: FormLanguage;
  waitS: number | undefined;
  /** With `closed`, epoch ms. */
  opensAt?: number | undefined;
  /** The field at fault. */
  detail?: string | undefined;
}

export function explainProblem(code: ProblemCode, { site, language, waitS = 60, opensAt, detail }: ExplainOptions): Explanation {
  const texts = FORM_TEXTS[language];
  const notice = (key: NoticeKey) => ({ notice: fillNotice(texts, key, { time: formatDuration(waitS, language) }) });
  switch (code) {
    case 'number_invalid':
    case 'number_mismatch':
      return { faults: { phone: 'number_invalid' } };
    case 'number_refused':
      return { faults: { phone: 'number_refused' } };
    case 'consent_required':
      return { faults: { consent: 'consent_required' } };
    case 'proof_required': {
      const { title, text } = fillNotice(texts, 'proof_required');
      const wayOut = site?.phone === undefined ? texts.proof_required_other : texts.proof_required_phone;
      return { notice: { title, text: `${text} ${wayOut}` } };
    }
    case 'closed': {
      const { title, text } = fillNotice(texts, detail === 'phone' ? 'night_there' : 'closed');
      const timeZone = site?.hours?.timeZone ?? site?.timeZone ?? 'UTC';
      return { notice: { title, text: [text, ...tellOpening(opensAt, timeZone, language)].join(' ') } };
    }
    case 'slot_unavailable':
    case 'rate_limited':
    case 'key_reused':
    case 'unavailable':
    case 'unknown_site':
    case 'unknown_call':
      return notice(code);
    case 'invalid_request':
    case 'origin_not_allowed':
    case 'too_late':
    case 'body_too_large':
    case 'unsupported_media_type':
      return notice('not_sent');
  }
}
