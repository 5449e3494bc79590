/**
 * What became of a call, from the portal's statistics: read, and never anything else. A call has a row from its end on, so no row
 * means that it goes on, that it never began, or that the owner of the webhook may not see it.
 * https://apidocs.bitrix24.com/api-reference/telephony/voximplant/voximplant-statistic-get.html
 */

import { isRecord } from '../exchange.ts';
import type { Answer, Cost, Fault, Finding, FindQuery, Found } from '../provider.ts';
import type { Bitrix24Client } from './bitrix24-client.ts';
import { readEnd, readNumber, readStart } from './bitrix24-end.ts';
import { readCallId } from './bitrix24-events.ts';
import { UNREADABLE } from './bitrix24-faults.ts';

/** All documented fields come as strings. */
type Row = Readonly<Record<string, unknown>>;

const METHOD = 'voximplant.statistic.get';
const CALLBACK = '4';
const PAGE_ROWS = 50;
/** One number has a handful of calls within minutes. A portal that sends page after page is not to keep a reading busy. */
const MAX_REQUESTS = 3;

export async function findCall(client: Bitrix24Client, query: FindQuery): Promise<Answer<Found>> {
  const rows = query.ref === undefined ? await readByNumber(client, query) : await readByRef(client, query.ref);
  if (!rows.ok) return { ok: false, fault: describeFault(rows.fault) };
  return { ok: true, value: describe(rows.value) };
}

/** Whether calls can be looked up at all: by asking for one that there is not. */
export async function verifyStatistics(client: Bitrix24Client): Promise<Finding> {
  const answer = await readByRef(client, 'ringback.nothing');
  if (answer.ok) return { ok: true, code: 'statistics_readable', message: 'What became of a call can be looked up.' };
  const { code, message } = describeFault(answer.fault);
  return { ok: false, code, message };
}

/** The portal has one error for every right that is missing. */
function describeFault(fault: Fault): Fault {
  return fault.code === 'right_missing' ? STATISTICS_HIDDEN : fault;
}

const STATISTICS_HIDDEN: Fault = {
  code: 'statistics_hidden',
  message:
    'The owner of the webhook may not see the statistics, so what became of a call cannot be looked up. Under Telephony, Access permissions, allow the role "Call statistics: view, any".',
  problem: 'unavailable',
  configuration: true,
};

async function readByRef(client: Bitrix24Client, ref: string): Promise<Answer<Row[]>> {
  const page = await readPage(client, { CALL_ID: ref }, 0);
  // A portal that did not know the filter would send everybody's calls.
  return page.ok ? { ok: true, value: page.value.filter(({ CALL_ID }) => CALL_ID === ref) } : page;
}

/** The portal compares numbers as text and stores some with their plus and some without, so both are asked for. */
async function readByNumber(client: Bitrix24Client, { number, from, until, except = [] }: FindQuery): Promise<Answer<Row[]>> {
  let requests = 0;
  for (const spelling of [number.slice(1), number]) {
    const rows: Row[] = [];
    for (let isLast = false; !isLast && requests < MAX_REQUESTS; requests++) {
      const filter = {
        PHONE_NUMBER: spelling,
        CALL_TYPE: CALLBACK,
        '>=CALL_START_DATE': isoSeconds(from),
        '<=CALL_START_DATE': isoSeconds(until),
      };
      const page = await readPage(client, filter, rows.length);
      if (!page.ok) return page;
      rows.push(...page.value);
      isLast = page.value.length < PAGE_ROWS;
    }
    const fitting = rows.filter((row) => fits(row, number, from, until) && !except.some((ref) => ref === row.CALL_ID));
    if (fitting.length > 0) return { ok: true, value: fitting };
  }
  return { ok: true, value: [] };
}

function fits(row: Row, number: string, from: number, until: number): boolean {
  const beganAt = readStart(row.CALL_START_DATE);
  const isInTime = beganAt !== undefined && beganAt >= from - SECOND_MS && beganAt <= until;
  return isInTime && String(row.CALL_TYPE) === CALLBACK && readNumber(row.PHONE_NUMBER) === number;
}

/** The portal's times are whole seconds. */
const SECOND_MS = 1_000;

function isoSeconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}+00:00`;
}

async function readPage(client: Bitrix24Client, filter: Readonly<Record<string, string>>, start: number): Promise<Answer<Row[]>> {
  const reply = await client.call(METHOD, { FILTER: filter, SORT: 'CALL_START_DATE', ORDER: 'ASC', start });
  if (reply.kind !== 'result') return { ok: false, fault: reply.fault };
  if (!Array.isArray(reply.result) || !reply.result.every(isRecord)) return { ok: false, fault: UNREADABLE.fault };
  return { ok: true, value: reply.result };
}

/** A line may call again by itself, each time under another id: of several rows, one in which people talked is the whole truth. */
function describe(rows: readonly Row[]): Found {
  const ends = rows.map((row) => ({ ref: readCallId(row.CALL_ID), news: endOf(row) }));
  const told = ends.find(({ news }) => news.end === 'connected') ?? ends.at(-1);
  if (told === undefined) return { kind: 'nothing' };
  const { cost: _own, ...news } = told.news;
  const cost = sumOf(ends.map((end) => end.news.cost));
  return { kind: 'ended', ref: told.ref, news: cost === undefined ? news : { ...news, cost } };
}

/** Each of the calls is paid for. Undefined where one of the prices is not known. */
function sumOf([first, ...others]: readonly (Cost | undefined)[]): Cost | undefined {
  return others.reduce((sum, each) => {
    if (sum === undefined || each === undefined || each.currency !== sum.currency) return undefined;
    return { amount: sum.amount + each.amount, currency: sum.currency };
  }, first);
}

function endOf(row: Row) {
  return readEnd({ failedCode: row.CALL_FAILED_CODE, duration: row.CALL_DURATION, cost: row.COST, currency: row.COST_CURRENCY });
}
