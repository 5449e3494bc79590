/** The transaction that turns a request into a call, or refuses it without leaving a trace (I2, I10). */
import { CALL_COLUMNS, insertCall, toCall } from './sql-calls.ts';
import { query, type SqlRow, type SqlUnit } from './sql-driver.ts';
import { type AcceptResult, type Call, type CallDraft, KEY_LIFE_MS, type Limit, type Window } from './store.ts';

const SELECT_BY_KEY = `SELECT idempotency_keys.fingerprint, ${CALL_COLUMNS} FROM idempotency_keys
  JOIN calls ON calls.id = idempotency_keys.call_id
  WHERE idempotency_keys.site = ? AND idempotency_keys.idempotency_key = ? AND idempotency_keys.expires_at > ?`;
const SELECT_HOLD = `SELECT MAX(calls.held_until) AS held_until FROM acceptances
  JOIN calls ON calls.id = acceptances.call_id WHERE acceptances.counted_key = ?`;
const SELECT_NEWEST = 'SELECT accepted_at FROM acceptances WHERE counted_key = ? ORDER BY accepted_at DESC LIMIT ?';
const INSERT_ACCEPTANCE = 'INSERT INTO acceptances (counted_key, accepted_at, call_id, expires_at) VALUES (?, ?, ?, ?)';
// An old key that has run out may still stand here; it is the same key in a new life.
const INSERT_KEY = `INSERT INTO idempotency_keys (site, idempotency_key, fingerprint, call_id, expires_at) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (site, idempotency_key) DO UPDATE
  SET fingerprint = excluded.fingerprint, call_id = excluded.call_id, expires_at = excluded.expires_at`;
const SWEEP_KEYS = `DELETE FROM idempotency_keys WHERE (site, idempotency_key) IN
  (SELECT site, idempotency_key FROM idempotency_keys WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`;
const SWEEP_ACCEPTANCES = `DELETE FROM acceptances WHERE (counted_key, accepted_at, call_id) IN
  (SELECT counted_key, accepted_at, call_id FROM acceptances WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`;

/** Every so many accepted calls one accept sweeps. */
export const SWEEP_EVERY = 16;
/** Twice what that many accepts add with two limits each: what has run out never piles up, and no accept waits for a night's worth. */
const SWEPT = { keys: 2 * SWEEP_EVERY, acceptances: 4 * SWEEP_EVERY };

export function* acceptCall(draft: CallDraft, limits: readonly Limit[], now: number): SqlUnit<AcceptResult> {
  const known = yield* selectByKey(draft.site, draft.idempotencyKey, now);
  if (known !== undefined) {
    return known.fingerprint === draft.fingerprint ? { kind: 'replayed', call: known.call } : { kind: 'key_reused' };
  }

  const [hold] = yield* query<{ held_until: number | null }>(SELECT_HOLD, [draft.numberKey]);
  if (hold?.held_until != null && hold.held_until > now) return { kind: 'limited', scope: 'number_active', retryAt: hold.held_until };
  for (const limit of limits) {
    const retryAt = yield* refusedUntil(limit, now);
    if (retryAt !== undefined) return { kind: 'limited', scope: limit.scope, retryAt };
  }

  const call = newCall(draft, now);
  yield* insertCall(call, draft.numberKey);
  yield* query(INSERT_KEY, [draft.site, draft.idempotencyKey, draft.fingerprint, call.id, now + KEY_LIFE_MS]);
  for (const [key, expiresAt] of countedUntil(call, draft.numberKey, limits)) {
    yield* query(INSERT_ACCEPTANCE, [key, now, call.id, expiresAt]);
  }
  return { kind: 'accepted', call };
}

export function* selectByKey(site: string, idempotencyKey: string, now: number): SqlUnit<{ call: Call; fingerprint: string } | undefined> {
  const [row] = yield* query<SqlRow & { fingerprint: string }>(SELECT_BY_KEY, [site, idempotencyKey, now]);
  return row && { call: toCall(row), fingerprint: row.fingerprint };
}

/** Forgets some keys and acceptances that have run out. */
export function* sweep(now: number): SqlUnit<void> {
  yield* query(SWEEP_KEYS, [now, SWEPT.keys]);
  yield* query(SWEEP_ACCEPTANCES, [now, SWEPT.acceptances]);
}

/** When the last of the limit's windows that are full has room again; undefined when all have room now. */
function* refusedUntil({ key, windows }: Limit, now: number): SqlUnit<number | undefined> {
  if (windows.length === 0) return undefined;
  const most = Math.max(...windows.map(({ max }) => max));
  const newest = yield* query<{ accepted_at: number }>(SELECT_NEWEST, [key, most]);
  const full = windows.map((window) => fullUntil(window, newest, now)).filter((until) => until > now);
  return full.length > 0 ? Math.max(...full) : undefined;
}

/** `newest`: acceptances from the newest back. A window is full for as long as the max-th of them is inside it. */
function fullUntil({ max, perMs }: Window, newest: readonly { accepted_at: number }[], now: number): number {
  if (max <= 0) return now + perMs;
  const mustLeave = newest[max - 1];
  return mustLeave === undefined ? now : mustLeave.accepted_at + perMs;
}

/** Everything that the call counts against, and until when: its longest window, and for the number the hold as well. */
function countedUntil(call: Call, numberKey: string, limits: readonly Limit[]): Map<string, number> {
  const until = new Map([[numberKey, call.heldUntil]]);
  for (const { key, windows } of limits) {
    const longestMs = Math.max(0, ...windows.map(({ perMs }) => perMs));
    until.set(key, Math.max(until.get(key) ?? 0, call.acceptedAt + longestMs));
  }
  return until;
}

function newCall(draft: CallDraft, now: number): Call {
  const startAt = draft.scheduledFor ?? now;
  const dialBefore = startAt + draft.dialWithinMs;
  return {
    id: draft.id,
    site: draft.site,
    state: draft.scheduledFor === undefined ? 'accepted' : 'scheduled',
    step: undefined,
    fault: undefined,
    sealedNumber: draft.sealedNumber,
    sealedDetails: draft.sealedDetails,
    country: draft.country,
    locale: draft.locale,
    department: draft.department,
    acceptedAt: now,
    scheduledFor: draft.scheduledFor,
    dialBefore,
    attempts: 0,
    fence: 0,
    dueStep: 'dial',
    dueAt: startAt,
    heldUntil: dialBefore + draft.holdMs,
    provider: undefined,
    providerRef: undefined,
    placedAt: undefined,
    endedAt: undefined,
  };
}
