/** How a call stands in its table, and the statements that read and write one. */

import type { CallDraft } from './acceptance.ts';
import { CALL_STATES, type Call, type Change, DUE_STEPS, ROW_DAMAGED } from './call.ts';
import { query, type SqlRow, type SqlUnit, type SqlValue } from './sql-driver.ts';
import { TURN_WITHIN_MS } from './store.ts';

const COLUMN_OF = {
  id: 'id',
  site: 'site',
  state: 'state',
  step: 'step',
  fault: 'fault',
  sealedNumber: 'sealed_number',
  sealedDetails: 'sealed_details',
  country: 'country',
  locale: 'locale',
  department: 'department',
  acceptedAt: 'accepted_at',
  scheduledFor: 'scheduled_for',
  dialBefore: 'dial_before',
  attempts: 'attempts',
  fence: 'fence',
  dueStep: 'due_step',
  dueAt: 'due_at',
  heldUntil: 'held_until',
  provider: 'provider',
  providerRef: 'provider_ref',
  controlRef: 'control_ref',
  placedAt: 'placed_at',
  endedAt: 'ended_at',
  unreadSince: 'unread_since',
  talkedMs: 'talked_ms',
  charged: 'charged',
  currency: 'currency',
} as const satisfies Record<keyof Call, string>;

const KEYS = Object.keys(COLUMN_OF) as (keyof Call)[];
const COLUMNS = Object.values(COLUMN_OF);

/** Every column of a call, for `toCall`. */
export const CALL_COLUMNS = COLUMNS.join(', ');

// A column that is null in every new call is left out: there is nothing to bind and nothing to write.
const INSERT = `INSERT INTO calls (id, site, state, number_key, sealed_number, sealed_details, country, locale, department, accepted_at,
  scheduled_for, dial_before, attempts, fence, due_step, due_at, look_at, held_until, idempotency_key, fingerprint, reserved)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 'dial', ?, ?, ?, ?, ?, ?)`;
const SELECT_BY_ID = `SELECT ${CALL_COLUMNS} FROM calls WHERE id = ?`;
const SELECT_BY_KEY = `SELECT fingerprint, ${CALL_COLUMNS} FROM calls
  WHERE idempotency_key = ? AND accepted_at > ? AND site = ? ORDER BY accepted_at DESC LIMIT 1`;
const SELECT_BY_REF = `SELECT ${CALL_COLUMNS} FROM calls WHERE provider = ? AND provider_ref = ? ORDER BY accepted_at DESC LIMIT 1`;
const SELECT_BY_NUMBER = `SELECT ${CALL_COLUMNS} FROM calls WHERE number_key = ? AND number_key <> ''`;
const WAITS_TO_DIAL = "due_step = 'dial' AND state IN ('accepted', 'scheduled')";
// With each dial that is due comes whether others of its site wait, so that where none does nothing more is asked. What stands in the
// queue before a call was due has been looked at before it.
const SELECT_DUE = `SELECT CASE WHEN ${WAITS_TO_DIAL} AND dial_before > ? THEN
    (SELECT 1 FROM calls AS other WHERE other.look_at >= calls.due_at AND other.look_at <= ? AND other.due_at <= ?
      AND other.site = calls.site AND other.id <> calls.id
      AND other.due_step = 'dial' AND other.state IN ('accepted', 'scheduled') LIMIT 1)
  END, ${CALL_COLUMNS} FROM calls WHERE look_at <= ? ORDER BY look_at, id LIMIT ?`;
const SELECT_LINE = `SELECT look_at, ${CALL_COLUMNS} FROM calls
  WHERE look_at >= ? AND look_at <= ? AND due_at <= ? AND site = ? AND ${WAITS_TO_DIAL}`;
const COUNT_BUSY = `SELECT COUNT(*) FROM calls
  WHERE site = ? AND state IN ('dialing', 'placed', 'uncertain') AND (state = 'dialing' OR held_until > ?) AND id <> ?`;
const UPDATE = `UPDATE calls SET state = ?, step = ?, fault = ?, attempts = ?, fence = ?, due_step = ?, due_at = ?, look_at = ?,
  held_until = ?, provider = ?, provider_ref = ?, control_ref = ?, placed_at = ?, ended_at = ?, unread_since = ?, talked_ms = ?, charged = ?, currency = ? WHERE id = ?`;
const SET_ASIDE = 'UPDATE calls SET look_at = ? WHERE id = ?';
const LOOK_AT_FORGET = "UPDATE calls SET look_at = due_at WHERE id = ? AND due_step = 'forget' AND look_at > due_at";

/** `reserved`: what the call has taken from its purses, to be written beside it. */
export function* insertCall(call: Call, draft: CallDraft, reserved: string | null): SqlUnit<void> {
  yield* query(INSERT, [
    call.id,
    call.site,
    call.state,
    draft.numberKey,
    call.sealedNumber,
    call.sealedDetails ?? null,
    call.country,
    call.locale ?? null,
    call.department ?? null,
    call.acceptedAt,
    call.scheduledFor ?? null,
    call.dialBefore,
    call.dueAt ?? null,
    call.dueAt ?? null,
    call.heldUntil,
    draft.idempotencyKey,
    draft.fingerprint,
    reserved,
  ]);
}

export function* selectCall(id: string): SqlUnit<Call | undefined> {
  return firstCall(yield* query(SELECT_BY_ID, [id]));
}

/** `since`: a key of a call that was accepted then or before is not known any more. */
export function* selectByKey(
  site: string,
  idempotencyKey: string,
  since: number,
): SqlUnit<{ call: Call; fingerprint: string } | undefined> {
  const [row] = yield* query(SELECT_BY_KEY, [idempotencyKey, since, site]);
  return row && { fingerprint: String(row[0]), call: toCall(row.slice(1)) };
}

export function* selectByRef(provider: string, providerRef: string): SqlUnit<Call | undefined> {
  return firstCall(yield* query(SELECT_BY_REF, [provider, providerRef]));
}

/** All calls to a number that have not been forgotten, under any of its keys, newest first. */
export function* selectByNumber(numberKeys: readonly string[]): SqlUnit<Call[]> {
  const calls: Call[] = [];
  for (const key of numberKeys) calls.push(...(yield* query(SELECT_BY_NUMBER, [key])).map(toCall));
  // Those of one number are few, and stand under several keys: no index would spare this.
  return calls.sort((left, right) => right.acceptedAt - left.acceptedAt);
}

/** `hasCompany`: others of its site are to be dialled as well, and may be before it. */
export function* selectDue(now: number, limit: number): SqlUnit<{ call: Call; hasCompany: boolean }[]> {
  const rows = yield* query(SELECT_DUE, [now, now + TURN_WITHIN_MS, now, now, limit]);
  return rows.map(([company, ...row]) => ({ call: toCall(row), hasCompany: company !== null }));
}

/** Everything of a site that is to be dialled and could be, in the order of its due times; `isDue`: it would be looked at now anyhow. */
export function* selectLine({ site, dueAt = 0 }: Call, now: number): SqlUnit<{ call: Call; isDue: boolean }[]> {
  const rows = yield* query(SELECT_LINE, [dueAt, now + TURN_WITHIN_MS, now, site]);
  const line = rows.map(([lookAt, ...row]) => ({ call: toCall(row), isDue: Number(lookAt) <= now }));
  // They stand in the queue by when they are looked at, and are as few as can wait for one site within its deadlines.
  return line.sort(({ call: one }, { call: other }) => (one.dueAt ?? 0) - (other.dueAt ?? 0) || (one.id < other.id ? -1 : 1));
}

/** Calls of the same site that ring, or may ring, besides this one. */
export function* countBusy({ site, id }: Call, now: number): SqlUnit<number> {
  const [row] = yield* query<[number]>(COUNT_BUSY, [site, now, id]);
  return row?.[0] ?? 0;
}

/** `lookAt`: when it is looked at again. */
export function* updateCall(call: Call, lookAt = call.dueAt): SqlUnit<void> {
  const changed: readonly (SqlValue | undefined)[] = [
    call.state,
    call.step,
    call.fault,
    call.attempts,
    call.fence,
    call.dueStep,
    call.dueAt,
    lookAt,
    call.heldUntil,
    call.provider,
    call.providerRef,
    call.controlRef,
    call.placedAt,
    call.endedAt,
    call.unreadSince,
    call.talkedMs,
    call.charged,
    call.currency,
  ];
  yield* query(UPDATE, [...changed.map((value) => value ?? null), call.id]);
}

export function* setAside(id: string, until: number): SqlUnit<void> {
  yield* query(SET_ASIDE, [until, id]);
}

/** What the forgetting of a call waited for has come about. */
export function* hastenForget(id: string): SqlUnit<void> {
  yield* query(LOOK_AT_FORGET, [id]);
}

function firstCall(rows: SqlRow[]): Call | undefined {
  return rows[0] && toCall(rows[0]);
}

/** Reads a row of `CALL_COLUMNS`. */
function toCall(row: SqlRow): Call {
  const call: Partial<Record<keyof Call, SqlValue | undefined>> = {};
  KEYS.forEach((key, index) => {
    call[key] = row[index] ?? undefined;
  });
  for (const key of NUMBERS) if (typeof call[key] !== 'number') call[key] = 0;
  const isReadable = STATES.has(call.state) && STEPS.has(call.dueStep);
  return (isReadable ? call : { ...call, ...salvage(call) }) as unknown as Call;
}

const STATES: ReadonlySet<unknown> = new Set(CALL_STATES);
const STEPS: ReadonlySet<unknown> = new Set([...DUE_STEPS, undefined]);
/** In the place of what is none: so far back that the deadline is over. */
const NUMBERS = ['acceptedAt', 'dialBefore', 'attempts', 'fence', 'heldUntil'] as const;

/** The way that every call goes of which nobody knows whether it has rung: it is looked for, told of and given up, and never dialled. */
function salvage({ acceptedAt }: Partial<Record<keyof Call, SqlValue | undefined>>): Change {
  return { state: 'uncertain', step: undefined, fault: ROW_DAMAGED, dueStep: 'reconcile', placedAt: Number(acceptedAt) };
}
