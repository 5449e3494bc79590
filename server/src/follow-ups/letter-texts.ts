/** Everything that people at the company read, in each language. Told is what is known, and what to do about it. */
import { isNumberAtFault, isRungInVain } from '../calls/who-missed.ts';
import type { CallState } from '../store/call.ts';
import type { Lead } from './channel.ts';

export const LANGUAGES = ['en', 'ru'] as const;
export type Language = (typeof LANGUAGES)[number];

export interface LetterTexts {
  subjectOfLead: (site: string) => string;
  /** Of a task in a CRM. `reference` tells this request from others. */
  taskOfLead: (reference: string) => string;
  subjectOfNotice: (site: string | undefined) => string;
  opening: Readonly<Record<Standing, string>>;
  advice: Readonly<Record<Standing, string>>;
  why: (lead: Lead) => string;
  numberSealed: string;
  labels: Readonly<Record<Label, string>>;
  visitor: string;
}

/** Whether somebody may have spoken with the visitor already. */
export type Standing = 'not_reached' | 'unknown';
export type Label =
  | 'number'
  | 'name'
  | 'department'
  | 'site'
  | 'requestedAt'
  | 'scheduledFor'
  | 'page'
  | 'referrer'
  | 'campaign'
  | 'consent'
  | 'why'
  | 'request';

const STANDING: Readonly<Record<CallState, Standing>> = {
  scheduled: 'not_reached',
  accepted: 'not_reached',
  dialing: 'unknown',
  uncertain: 'unknown',
  placed: 'unknown',
  connected: 'unknown',
  missed: 'not_reached',
  ended_unknown: 'unknown',
  refused: 'not_reached',
  expired: 'not_reached',
  cancelled: 'not_reached',
  abandoned: 'unknown',
};

export function standingOf({ state }: Pick<Lead, 'state'>): Standing {
  return STANDING[state];
}

const EN: LetterTexts = {
  subjectOfLead: (site) => `Please call back: a request on ${site}`,
  taskOfLead: (reference) => `Call back: request from the website (${reference})`,
  subjectOfNotice: (site) => (site === undefined ? 'Ringback needs attention' : `Ringback needs attention: ${site}`),
  opening: {
    not_reached: 'A visitor of the website asked to be called back, and was not reached.',
    unknown: 'A visitor of the website asked to be called back. Whether you have spoken is not known.',
  },
  advice: {
    not_reached: 'Please call the visitor.',
    unknown: 'Please look whether the call took place, and call the visitor if it did not.',
  },
  why(lead) {
    switch (lead.state) {
      case 'missed':
        if (isNumberAtFault(lead.reason)) return 'The telephone system could not reach the number: it does not exist, or is incomplete.';
        if (!isRungInVain(lead.reason)) return 'The call did not come about.';
        if (lead.missedBy === 'agent') return 'Nobody at the company answered.';
        return lead.missedBy === 'visitor' ? 'The company answered; the visitor did not.' : 'One of the two telephones was not answered.';
      case 'expired':
        return 'The call could not be started in time.';
      case 'refused':
        return 'The telephone system refused the call.';
      case 'placed':
      case 'ended_unknown':
        return 'The call was started; nobody reported how it ended.';
      case 'uncertain':
      case 'abandoned':
        return 'The telephone system gave no clear answer, so nobody knows whether a telephone rang.';
      default:
        return 'The call did not come about.';
    }
  },
  numberSealed: 'cannot be read: it was kept with another secret of the relay',
  labels: {
    number: 'Number',
    name: 'Name',
    department: 'Department',
    site: 'Site',
    requestedAt: 'Asked at',
    scheduledFor: 'Wanted at',
    page: 'Page',
    referrer: 'Came from',
    campaign: 'Campaign',
    consent: 'Consent',
    why: 'Why',
    request: 'Request',
  },
  visitor: 'Visitor of the website',
};

const RU: LetterTexts = {
  subjectOfLead: (site) => `Перезвоните: заявка на ${site}`,
  taskOfLead: (reference) => `Перезвонить: заявка с сайта (${reference})`,
  subjectOfNotice: (site) => (site === undefined ? 'Ringback требует внимания' : `Ringback требует внимания: ${site}`),
  opening: {
    not_reached: 'Посетитель сайта заказал обратный звонок, дозвониться не удалось.',
    unknown: 'Посетитель сайта заказал обратный звонок. Состоялся ли разговор, неизвестно.',
  },
  advice: {
    not_reached: 'Пожалуйста, перезвоните посетителю.',
    unknown: 'Пожалуйста, проверьте, состоялся ли звонок, и перезвоните, если нет.',
  },
  why(lead) {
    switch (lead.state) {
      case 'missed':
        if (isNumberAtFault(lead.reason)) return 'Телефония не смогла набрать номер: его нет, или он неполный.';
        if (!isRungInVain(lead.reason)) return 'Звонок не состоялся.';
        if (lead.missedBy === 'agent') return 'В компании никто не ответил.';
        return lead.missedBy === 'visitor' ? 'Компания ответила, посетитель — нет.' : 'Одна из сторон не ответила.';
      case 'expired':
        return 'Звонок не удалось начать вовремя.';
      case 'refused':
        return 'Телефония отклонила звонок.';
      case 'placed':
      case 'ended_unknown':
        return 'Звонок был начат; чем он закончился, никто не сообщил.';
      case 'uncertain':
      case 'abandoned':
        return 'Телефония не дала ясного ответа: неизвестно, звонил ли телефон.';
      default:
        return 'Звонок не состоялся.';
    }
  },
  numberSealed: 'нельзя прочитать: сохранён с другим секретом',
  labels: {
    number: 'Номер',
    name: 'Имя',
    department: 'Отдел',
    site: 'Сайт',
    requestedAt: 'Заявка',
    scheduledFor: 'Желаемое время',
    page: 'Страница',
    referrer: 'Откуда',
    campaign: 'Кампания',
    consent: 'Согласие',
    why: 'Причина',
    request: 'Номер заявки',
  },
  visitor: 'Посетитель сайта',
};

export const LETTER_TEXTS: Readonly<Record<Language, LetterTexts>> = { en: EN, ru: RU };
