/** `voximplant.statistic.get`: a row for every call that is over, all values strings, fifty a page. */
import { isParams, type Params, type ParamValue, readParam } from './portal-params.ts';
import { failedCodeOf, talkedSecondsOf } from './switchboard.ts';
import type { SimulatedCall } from './telephones.ts';

const PAGE = 50;
/** What a second of conversation costs in the portal's currency. */
const COST_PER_SECOND = 0.0005;

export type StatisticRow = Readonly<Record<string, string>>;

export interface StatisticsPage {
  result: readonly StatisticRow[];
  total: number;
  next?: number;
}

export function readStatistics(dials: readonly SimulatedCall[], params: Params): StatisticsPage {
  const filter = isParams(params.FILTER) ? Object.entries(params.FILTER) : [];
  const rows = dials
    .filter(({ endedAt }) => endedAt !== undefined)
    .map(statisticRow)
    .filter((row) => filter.every(([key, wanted]) => fits(row, key, wanted)));
  const start = Math.max(0, Math.trunc(Number(readParam(params, 'start'))) || 0);
  const next = start + PAGE;
  return { result: rows.slice(start, next), total: rows.length, ...(next < rows.length && { next }) };
}

/** The part of a row that the event at the end of a call carries as well. */
export function describeEnd(call: SimulatedCall): StatisticRow {
  const code = failedCodeOf(call);
  const seconds = talkedSecondsOf(call);
  return {
    CALL_ID: call.callId,
    CALL_TYPE: '4',
    PHONE_NUMBER: call.number,
    PORTAL_NUMBER: call.line,
    PORTAL_USER_ID: '1',
    CALL_DURATION: String(seconds),
    CALL_START_DATE: `${new Date(call.dialledAt).toISOString().slice(0, 19)}+00:00`,
    COST: (seconds * COST_PER_SECOND).toFixed(4),
    COST_CURRENCY: 'EUR',
    CALL_FAILED_CODE: code,
    CALL_FAILED_REASON: REASONS[code],
    CRM_ACTIVITY_ID: '0',
  };
}

const REASONS = { '200': 'Success call', '304': 'Skipped call', '486': 'Busy', '603': 'Decline', '603-S': 'Decline self' } as const;

function statisticRow(call: SimulatedCall, index: number): StatisticRow {
  return { ID: String(index + 1), ...describeEnd(call) };
}

/** Operators stand before the name of the field. Dates are compared as times, everything else as text. */
function fits(row: StatisticRow, key: string, wanted: ParamValue): boolean {
  const [, operator = '', field = ''] = /^(>=|<=|>|<|=|!)?(.+)$/.exec(key) ?? [];
  const value = row[field];
  if (value === undefined) return false;
  const choices = (Array.isArray(wanted) ? wanted : [wanted]).map(String);
  const [a, b] = field === 'CALL_START_DATE' ? [Date.parse(value), Date.parse(choices[0] ?? '')] : [Number(value), Number(choices[0])];
  switch (operator) {
    case '>=':
      return a >= b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '<':
      return a < b;
    case '!':
      return !choices.includes(value);
    default:
      return choices.includes(value);
  }
}
