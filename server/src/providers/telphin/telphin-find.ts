/**
 * What became of a call: from the account's history, which has it once it is over, and from the calls that the extension has just
 * now. Reads alone; the platform answers one reading of an account's history at a time, so ours wait for each other.
 */
import { type Clock, timeLimit } from '../../clock.ts';
import { before, isRecord } from '../exchange.ts';
import type { Answer, FindQuery, Found } from '../provider.ts';
import type { Reply, TelphinClient } from './telphin-client.ts';
import { concerns, type HistoryRecord, isNumber, isOver, readEnd, readTime } from './telphin-end.ts';
import { LINE_UNKNOWN, UNREADABLE } from './telphin-faults.ts';
import { extensionSegment, readCallId } from './telphin-order.ts';

export interface TelphinFinder {
  find(query: FindQuery): Promise<Answer<Found>>;
}

export function telphinFinder(client: TelphinClient, clock: Clock): TelphinFinder {
  const inTurn = queue(clock);
  return {
    async find(query) {
      const work = () => client.within((signal) => findCall(client, query, signal));
      return (await inTurn(work)) ?? { ok: false, fault: WAITED_TOO_LONG };
    },
  };
}

const WAITED_TOO_LONG = {
  code: 'history_busy',
  message: 'Other readings of the history took too long. If this repeats, check the host.',
  problem: 'unavailable',
  configuration: false,
} as const;

/** A reading is given up by who asked for it after a minute; this leaves it time to be made. */
const LONGEST_WAIT_MS = 30_000;

/** One after the other. `undefined`: it did not come to its turn in time, and will not be done any more. */
function queue(clock: Clock) {
  let last: Promise<unknown> = Promise.resolve();
  return async function inTurn<T>(work: () => Promise<T>): Promise<T | undefined> {
    const previous = last;
    const limit = timeLimit(clock, LONGEST_WAIT_MS);
    const mine = before(limit.signal, previous).then(
      () => {
        limit.cancel();
        return work();
      },
      () => undefined,
    );
    // Whoever gave up waiting does not let the next one overtake.
    last = Promise.allSettled([previous, mine]);
    return mine;
  };
}

async function findCall(client: TelphinClient, query: FindQuery, signal: AbortSignal): Promise<Answer<Found>> {
  const records = query.ref === undefined ? await readByNumber(client, query, signal) : await readByRef(client, query.ref, signal);
  if (!records.ok) return records;
  const told = chooseRecord(records.value);
  if (told !== undefined) return { ok: true, value: { kind: 'ended', ref: query.ref ?? refOf(told), news: readEnd(told, query.number) } };
  return findRunning(client, query, signal);
}

/** Of several, one in which people talked is the whole truth. */
function chooseRecord(records: readonly HistoryRecord[]): HistoryRecord | undefined {
  const over = records.filter(isOver);
  return over.find(({ result }) => result === 'bridged') ?? over.at(-1);
}

function refOf(record: HistoryRecord): string | undefined {
  return readCallId(record.call_uuid);
}

async function readByRef(client: TelphinClient, ref: string, signal: AbortSignal): Promise<Answer<HistoryRecord[]>> {
  const reply = await client.get(`/client/@me/call_history/${encodeURIComponent(ref)}`, signal);
  // What is not over is not in the history yet.
  if (reply.kind !== 'success') return isNotThere(reply) ? { ok: true, value: [] } : { ok: false, fault: reply.fault };
  if (!isRecord(reply.body) || refOf(reply.body) === undefined) return { ok: false, fault: UNREADABLE.fault };
  return { ok: true, value: refOf(reply.body)?.toLowerCase() === ref.toLowerCase() ? [reply.body] : [] };
}

function isNotThere(reply: Exclude<Reply, { kind: 'success' }>): boolean {
  return reply.fault === LINE_UNKNOWN.fault;
}

/** A window is minutes wide, and one page of it is 64 KiB at most: with parts a busy account would fill more, so few are asked for. */
const PAGE_RECORDS = 20;
const MAX_PAGES = 3;

async function readByNumber(client: TelphinClient, query: FindQuery, signal: AbortSignal): Promise<Answer<HistoryRecord[]>> {
  const fitting: HistoryRecord[] = [];
  for (let page = 1; page <= MAX_PAGES; page++) {
    const fields = new URLSearchParams({
      start_datetime: utcSeconds(query.from),
      end_datetime: utcSeconds(query.until + SECOND_MS),
      order: 'asc',
      page: String(page),
      per_page: String(PAGE_RECORDS),
    });
    const reply = await client.get(`/client/@me/call_history/?${fields}`, signal);
    if (reply.kind !== 'success') return { ok: false, fault: reply.fault };
    const records = recordsOf(reply.body);
    if (records === undefined) return { ok: false, fault: UNREADABLE.fault };
    fitting.push(...records.filter((record) => fits(record, query) && !query.except?.includes(refOf(record) ?? '')));
    if (records.length < PAGE_RECORDS) break;
  }
  return { ok: true, value: fitting };
}

/** The list comes under `call_history`; `total` and the page stand beside it. */
function recordsOf(body: unknown): HistoryRecord[] | undefined {
  const list = isRecord(body) ? body.call_history : undefined;
  return Array.isArray(list) && list.every((record) => isRecord(record) && refOf(record) !== undefined) ? list : undefined;
}

/** Whoever rang the company up has the same number in another field, and a colleague's own call another extension or no callback. */
function fits(record: HistoryRecord, { number, line, from, until }: FindQuery): boolean {
  const beganAt = readTime(record.init_time_gmt);
  const isInTime = beganAt !== undefined && beganAt >= from - SECOND_MS && beganAt <= until;
  return isInTime && isOf(record, line) && record.flow !== 'in' && concerns(record, number) && isCallback(record);
}

function isOf({ extension_id: id }: HistoryRecord, line: string): boolean {
  // A variable of the account stands for an extension that only the platform knows.
  return id === undefined || id === null || line.startsWith('@') || String(id) === line;
}

/** Said by the parts. A record without them may be one. */
function isCallback({ cdr }: HistoryRecord): boolean {
  if (!Array.isArray(cdr) || cdr.length === 0) return true;
  return cdr.some((part) => isRecord(part) && (part.application === undefined || part.application === 'callback'));
}

const SECOND_MS = 1_000;

function utcSeconds(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

async function findRunning(
  client: TelphinClient,
  { ref, number, line, from, until }: FindQuery,
  signal: AbortSignal,
): Promise<Answer<Found>> {
  const extension = extensionSegment(line);
  if (extension === undefined) return { ok: true, value: { kind: 'nothing' } };
  const reply = await client.get(`/extension/${extension}/current_calls/`, signal);
  if (reply.kind !== 'success') return { ok: false, fault: reply.fault };
  const calls = currentCallsOf(reply.body);
  if (calls === undefined) return { ok: false, fault: UNREADABLE.fault };
  const running = calls.find((call) => {
    if (ref !== undefined) return [call.callback_id, call.call_id, call.call_uuid].includes(ref);
    const beganAt = readTime(call.init_time_gmt);
    const isInTime = beganAt === undefined || (beganAt >= from - SECOND_MS && beganAt <= until);
    // Only what began by the interface has this id: a colleague who rings the visitor is somebody else's call.
    return isInTime && isNumber(call.called_number, number) && readCallId(call.callback_id) !== undefined;
  });
  return {
    ok: true,
    value: running === undefined ? { kind: 'nothing' } : { kind: 'running', ref: ref ?? readCallId(running.callback_id) },
  };
}

/** A bare list, or a list under `call`. */
export function currentCallsOf(body: unknown): HistoryRecord[] | undefined {
  const list = isRecord(body) ? (body.calls ?? body.call) : body;
  return Array.isArray(list) && list.every(isRecord) ? list : undefined;
}
