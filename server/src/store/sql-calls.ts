/** How a call stands in its table, and the statements that read and write one. */
import { query, type SqlRow, type SqlUnit, type SqlValue } from './sql-driver.ts';
import type { Call } from './store.ts';

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
  placedAt: 'placed_at',
  endedAt: 'ended_at',
} as const satisfies Record<keyof Call, string>;

const KEYS = Object.keys(COLUMN_OF) as (keyof Call)[];
const COLUMNS = Object.values(COLUMN_OF);

/** Every column of a call, for a statement that names the table `calls`. */
export const CALL_COLUMNS = COLUMNS.map((column) => `calls.${column}`).join(', ');

const INSERT = `INSERT INTO calls (${COLUMNS.join(', ')}, number_key, look_at) VALUES (${COLUMNS.map(() => '?').join(', ')}, ?, ?)`;
const SELECT_BY_ID = `SELECT ${CALL_COLUMNS} FROM calls WHERE id = ?`;
const SELECT_BY_REF = `SELECT ${CALL_COLUMNS} FROM calls WHERE provider = ? AND provider_ref = ? ORDER BY accepted_at DESC LIMIT 1`;
const SELECT_DUE = `SELECT ${CALL_COLUMNS} FROM calls WHERE look_at <= ? ORDER BY look_at, id LIMIT ?`;
const SELECT_NEXT_LOOK = 'SELECT MIN(look_at) AS look_at FROM calls WHERE look_at IS NOT NULL';
const UPDATE = `UPDATE calls SET state = ?, step = ?, fault = ?, attempts = ?, fence = ?, due_step = ?, due_at = ?, look_at = ?,
  held_until = ?, provider = ?, provider_ref = ?, placed_at = ?, ended_at = ? WHERE id = ?`;
// The number's acceptance is what its held calls are found by. It stays, or comes back, for as long as the call holds.
const HOLD = `INSERT INTO acceptances (counted_key, accepted_at, call_id, expires_at)
  SELECT number_key, accepted_at, id, held_until FROM calls WHERE id = ?
  ON CONFLICT (counted_key, accepted_at, call_id) DO UPDATE SET expires_at = excluded.expires_at
  WHERE acceptances.expires_at < excluded.expires_at`;
const SET_ASIDE = 'UPDATE calls SET look_at = ? WHERE id = ?';

export function* insertCall(call: Call, numberKey: string): SqlUnit<void> {
  yield* query(INSERT, [...KEYS.map((key) => call[key] ?? null), numberKey, call.dueAt ?? null]);
}

export function* selectCall(id: string): SqlUnit<Call | undefined> {
  return firstCall(yield* query(SELECT_BY_ID, [id]));
}

export function* selectByRef(provider: string, providerRef: string): SqlUnit<Call | undefined> {
  return firstCall(yield* query(SELECT_BY_REF, [provider, providerRef]));
}

export function* selectDue(now: number, limit: number): SqlUnit<Call[]> {
  return (yield* query(SELECT_DUE, [now, limit])).map(toCall);
}

export function* selectNextLook(): SqlUnit<number | undefined> {
  const [row] = yield* query<{ look_at: number | null }>(SELECT_NEXT_LOOK, []);
  return row?.look_at ?? undefined;
}

/** Writes what `before` has become. A call that was set aside is looked at again when it is due. */
export function* updateCall(before: Call, call: Call): SqlUnit<void> {
  const changed: readonly (SqlValue | undefined)[] = [
    call.state,
    call.step,
    call.fault,
    call.attempts,
    call.fence,
    call.dueStep,
    call.dueAt,
    call.dueAt,
    call.heldUntil,
    call.provider,
    call.providerRef,
    call.placedAt,
    call.endedAt,
  ];
  yield* query(UPDATE, [...changed.map((value) => value ?? null), call.id]);
  if (call.heldUntil > before.heldUntil) yield* query(HOLD, [call.id]);
}

export function* setAside(id: string, until: number): SqlUnit<void> {
  yield* query(SET_ASIDE, [until, id]);
}

/** Reads the columns of `CALL_COLUMNS`; others in the row are passed over. */
export function toCall(row: SqlRow): Call {
  const call: Partial<Record<keyof Call, SqlValue | undefined>> = {};
  for (const key of KEYS) call[key] = row[COLUMN_OF[key]] ?? undefined;
  return call as unknown as Call;
}

function firstCall(rows: SqlRow[]): Call | undefined {
  return rows[0] && toCall(rows[0]);
}
