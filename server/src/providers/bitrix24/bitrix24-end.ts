/**
 * How a call ended, from the fields that the event at its end and its row in the statistics have in common: all of them strings.
 * https://apidocs.bitrix24.com/api-reference/telephony/voximplant/voximplant-statistic-get.html
 */
import type { EndNews } from '../provider.ts';
import { readCost } from './bitrix24-cost.ts';

/** Whatever is not a string counts as absent. */
export interface EndFields {
  failedCode: unknown;
  /** Whole seconds of conversation. */
  duration: unknown;
  cost: unknown;
  currency: unknown;
}

export function readEnd(fields: EndFields): EndNews {
  const end = judge(textOf(fields.failedCode).trim().toUpperCase(), secondsOf(textOf(fields.duration)));
  const cost = readCost(textOf(fields.cost), textOf(fields.currency));
  // A conversation for nothing went over the company's own trunk, and somebody else sends the bill: that is no price.
  return cost === undefined || (cost.amount === 0 && end.end === 'connected') ? end : { ...end, cost };
}

/** When a call began; undefined without a zone, because nobody could say whose time it is. */
export function readStart(date: unknown): number | undefined {
  const text = textOf(date).trim();
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** E.164 of a number that the portal keeps with or without its plus; undefined for what cannot be one. */
export function readNumber(value: unknown): string | undefined {
  const digits = textOf(value).replace(/^\+/, '');
  return /^[1-9]\d{6,14}$/.test(digits) ? `+${digits}` : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function secondsOf(duration: string): number {
  return /^\d{1,6}$/.test(duration.trim()) ? Number(duration) : 0;
}

function judge(code: string, seconds: number): EndNews {
  if (code !== '200') return { kind: 'end', end: 'missed', ...(FAILED_CODES.get(code) ?? OTHERWISE) };
  return seconds > 0
    ? { kind: 'end', end: 'connected', talkedMs: seconds * 1_000 }
    : { kind: 'end', end: 'missed', fault: 'no_conversation' };
}

type Ending = Pick<EndNews, 'fault' | 'advice'>;

const OTHERWISE: Ending = { fault: 'ended_otherwise' };
const NO_DIRECTION: Ending = {
  fault: 'direction_unavailable',
  advice: 'The line cannot call where the visitor is. Allow the destination for the line, or take its country out of the site.',
};

/** Every code that is documented besides 200; `OTHER` means undefined there too. */
const FAILED_CODES: ReadonlyMap<string, Ending> = new Map([
  ['304', { fault: 'not_answered' }],
  ['402', { fault: 'funds_missing', advice: "The balance of the portal's telephony does not suffice for calls. Top it up." }],
  [
    '403',
    {
      fault: 'call_forbidden',
      advice: 'The telephony forbade the call. Look at the permissions of the line and the state of its account.',
    },
  ],
  ['404', { fault: 'number_not_found' }],
  ['423', { fault: 'number_blocked' }],
  ['480', { fault: 'temporarily_unavailable' }],
  ['484', { ...NO_DIRECTION, fault: 'number_incomplete' }],
  ['486', { fault: 'busy' }],
  ['503', NO_DIRECTION],
  ['603', { fault: 'declined' }],
  ['603-S', { fault: 'cancelled' }],
  ['OTHER', OTHERWISE],
]);
