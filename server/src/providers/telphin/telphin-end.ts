/**
 * How a call ended, by its record in the call history. `bridged` alone means that both sides were put through; the parts in `cdr`
 * tell whether the visitor's telephone was reached at all, and so who let it ring.
 */

import { isRecord } from '../exchange.ts';
import type { EndNews } from '../provider.ts';

export type HistoryRecord = Readonly<Record<string, unknown>>;

/** `number`: E.164 of the visitor. */
export function readEnd(record: HistoryRecord, number: string): EndNews {
  const seconds = secondsOf(record.bridged_duration);
  if (wordOf(record.result) === 'bridged' || seconds !== undefined) {
    return { kind: 'end', end: 'connected', ...(seconds !== undefined && { talkedMs: Math.round(seconds * 1_000) }) };
  }
  return { kind: 'end', end: 'missed', fault: faultOf(record, isReached(record, number)) };
}

/** Whether it is over: what goes on has no end yet. */
export function isOver(record: HistoryRecord): boolean {
  return readTime(record.hangup_time_gmt) !== undefined || wordOf(record.result) !== '';
}

/** Epoch ms of `YYYY-MM-DD HH:MM:SS`, in UTC and sometimes with fractions. */
export function readTime(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const [, date, time] = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d{1,6})?)Z?$/.exec(value.trim()) ?? [];
  if (date === undefined || time === undefined) return undefined;
  const at = Date.parse(`${date}T${time}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/** Whether `value` is that number, written with or without its plus. */
export function isNumber(value: unknown, number: string): boolean {
  return (typeof value === 'string' || typeof value === 'number') && String(value).trim().replace(/^\+/, '') === number.slice(1);
}

/** Whether a record, or a part of it, is about the visitor's telephone. */
export function concerns(record: HistoryRecord, number: string): boolean {
  return NUMBER_FIELDS.some((field) => isNumber(record[field], number)) || partsOf(record).some((part) => concerns(part, number));
}

const NUMBER_FIELDS = ['to_username', 'bridged_username', 'dest_number', 'called_number'];

function partsOf({ cdr }: HistoryRecord): HistoryRecord[] {
  return Array.isArray(cdr) ? cdr.filter(isRecord) : [];
}

/** The agent answered if the visitor's leg came about. Undefined where the record has no parts to tell it by. */
function isReached(record: HistoryRecord, number: string): boolean | undefined {
  const parts = partsOf(record);
  return parts.length === 0 ? undefined : parts.some((part) => NUMBER_FIELDS.some((field) => isNumber(part[field], number)));
}

function faultOf(record: HistoryRecord, visitorWasRung: boolean | undefined): string {
  const disposition = wordOf(record.hangup_disposition);
  if (disposition === 'callee_refuse') return 'declined';
  switch (wordOf(record.result)) {
    case 'busy':
      return 'busy';
    case 'rejected':
      return 'declined';
    case 'not answered':
      if (disposition === 'caller_cancel') return 'cancelled';
      return visitorWasRung === false ? 'agent_not_answered' : 'not_answered';
    // Somebody answered, and the two were never put through: the visitor did not answer, or a machine did.
    case 'answered':
    case 'answered elsewhere':
    case 'voicemail':
      return 'no_conversation';
    case 'failed':
      return 'temporarily_unavailable';
    default:
      return 'ended_otherwise';
  }
}

function wordOf(value: unknown): string {
  return typeof value === 'string' ? value.trim().toLowerCase() : '';
}

function secondsOf(value: unknown): number | undefined {
  const seconds = typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : Number.NaN;
  return seconds >= 0 && seconds < 1_000_000 ? seconds : undefined;
}
