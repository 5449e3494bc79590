/** How days and spans of time are written; same manners as site-values.ts. */
import type { Hours, Span } from './config.ts';

const WEEKDAYS: readonly string[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const SPAN = /^((?:[01]\d|2[0-3]):[0-5]\d)-((?:[01]\d|2[0-3]):[0-5]\d|24:00)$/;
/** A leap year, so that the 29th of February is a day of every year. */
const ANY_YEAR = '2024-';

/** `09:00-12:30`. */
export function findSpanFault(text: string): string | undefined {
  const span = readSpan(text);
  if (span === undefined) return 'Must be a span of time such as 09:00-12:30; a day ends at 24:00.';
  if (span.from < span.until) return undefined;
  return 'Must end after it begins. Over midnight write two spans: until 24:00, and from 00:00 on the next day.';
}

/** `mon`, `mon-fri`, `sun-thu`. */
export function findWeekdaysFault(text: string): string | undefined {
  return readWeekdays(text) === undefined ? 'Must be a day of the week, or several in a row: mon, mon-fri, sat-sun.' : undefined;
}

/** `2026-12-24`, or `12-25` for every year. */
export function findDateFault(text: string): string | undefined {
  const date = /^\d{2}-\d{2}$/.test(text) ? `${ANY_YEAR}${text}` : text;
  const isDate = /^2\d{3}-\d{2}-\d{2}$/.test(date) && !Number.isNaN(Date.parse(date)) && new Date(date).toISOString().startsWith(date);
  return isDate ? undefined : 'Must be a date such as 2026-12-24, or 12-25 for every year.';
}

/** A span, or `off`. */
export function findCalleeHoursFault(text: string): string | undefined {
  return text === 'off' ? undefined : findSpanFault(text);
}

export function readSpan(text: string): Span | undefined {
  const [, from, until] = SPAN.exec(text) ?? [];
  return from === undefined || until === undefined ? undefined : { from, until };
}

/** In the order in which they were written, so that several faults can be told apart. */
export interface WrittenHours {
  week: ReadonlyMap<string, readonly string[]>;
  days?: ReadonlyMap<string, readonly string[]> | undefined;
}

/** What is wrong with hours of which every part is right. */
export function findHoursFault({ week, days = new Map() }: WrittenHours): string | undefined {
  const named = [...week.keys()].flatMap((key) => readWeekdays(key) ?? []);
  if (new Set(named).size < named.length) return 'A day of the week is named twice.';
  const lists = [...week.values(), ...days.values()].map(readSpans);
  if (lists.some(isOverlapping)) return 'Two spans of one day overlap.';
  return lists.every((spans) => spans.length === 0) ? 'Name at least one span of time, or nobody could ever be called.' : undefined;
}

/** Spans in order, a list for each day of the week. */
export function toHours({ week, days = new Map() }: WrittenHours): Pick<Hours, 'week' | 'days'> {
  const lists: Span[][] = WEEKDAYS.map(() => []);
  for (const [key, spans] of week) for (const day of readWeekdays(key) ?? []) lists[day] = readSpans(spans);
  return { week: lists, days: new Map([...days].map(([date, spans]) => [date, readSpans(spans)])) };
}

function readWeekdays(text: string): number[] | undefined {
  const [first, last = first, ...rest] = text.split('-').map((name) => WEEKDAYS.indexOf(name));
  if (first === undefined || last === undefined || first < 0 || last < 0 || rest.length > 0) return undefined;
  const count = ((last - first + WEEKDAYS.length) % WEEKDAYS.length) + 1;
  return Array.from({ length: count }, (_, step) => (first + step) % WEEKDAYS.length);
}

function readSpans(texts: readonly string[]): Span[] {
  return texts.flatMap((text) => readSpan(text) ?? []).sort((one, other) => one.from.localeCompare(other.from));
}

function isOverlapping(spans: readonly Span[]): boolean {
  return spans.some(({ from }, index) => from < (spans[index - 1]?.until ?? ''));
}
