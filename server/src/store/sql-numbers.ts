/** What is known of a number besides its calls, and how a number and its calls are forgotten. */

import type { Call } from './call.ts';
import { ERASED } from './change-call.ts';
import { query, type SqlUnit } from './sql-driver.ts';
import { KEY_LIFE_MS } from './store.ts';

// Several calls to a number may hold it; those that were forgotten left their hold behind.
const SELECT_STANDING = `SELECT MAX(held_until), MAX(CASE WHEN state = 'scheduled' THEN held_until ELSE 0 END),
    (SELECT held_until FROM numbers WHERE number_key = ?), (SELECT opted_out_until FROM numbers WHERE number_key = ?)
  FROM calls WHERE number_key = ? AND number_key <> ''`;
const OPT_OUT = `INSERT INTO numbers (number_key, opted_out_until, held_until) VALUES (?, ?, 0)
  ON CONFLICT (number_key) DO UPDATE SET opted_out_until = excluded.opted_out_until`;
const SELECT_OPTED_OUT = `SELECT 1 FROM calls JOIN numbers ON numbers.number_key = calls.number_key
  WHERE calls.id = ? AND numbers.opted_out_until > ?`;
const KEEP_HOLD = `INSERT INTO numbers (number_key, opted_out_until, held_until)
  SELECT number_key, 0, held_until FROM calls WHERE id = ? AND number_key <> '' AND held_until > ?
  ON CONFLICT (number_key) DO UPDATE SET held_until = excluded.held_until WHERE numbers.held_until < excluded.held_until`;
const ERASE = `UPDATE calls SET number_key = '', sealed_number = ?, sealed_details = NULL, country = ?, locale = NULL, department = NULL,
  provider_ref = NULL, control_ref = NULL, reserved = NULL, erase_at_end = 0, due_step = ?, due_at = ?, look_at = ? WHERE id = ?`;
const ERASE_KEY = 'UPDATE calls SET idempotency_key = NULL, fingerprint = NULL WHERE id = ?';
const MARK = 'UPDATE calls SET erase_at_end = 1 WHERE id = ?';
const SELECT_MARKED = 'SELECT 1 FROM calls WHERE id = ? AND erase_at_end = 1';

export interface Standing {
  heldUntil: number;
  /** Until when a call at a slot holds it. */
  plannedUntil: number;
  optedOutUntil: number;
}

/** Until when a number is held, and until when it is not to be called at all; 0 where never. The latest word under any of its keys. */
export function* standingOf(numberKeys: readonly string[]): SqlUnit<Standing> {
  let [heldUntil, plannedUntil, optedOutUntil] = [0, 0, 0];
  for (const key of numberKeys) {
    const [row] = yield* query<(number | null)[]>(SELECT_STANDING, [key, key, key]);
    const [held, planned, left, optedOut] = row ?? [];
    heldUntil = Math.max(heldUntil, held ?? 0, left ?? 0);
    plannedUntil = Math.max(plannedUntil, planned ?? 0);
    optedOutUntil = Math.max(optedOutUntil, optedOut ?? 0);
  }
  return { heldUntil, plannedUntil, optedOutUntil };
}

/** The newest word counts, so that a number can be let in again. */
export function* insertOptOut(numberKey: string, until: number): SqlUnit<void> {
  yield* query(OPT_OUT, [numberKey, until]);
}

export function* isOptedOut(callId: string, now: number): SqlUnit<boolean> {
  return (yield* query(SELECT_OPTED_OUT, [callId, now])).length > 0;
}

/**
 * Takes everything out of a call that tells of the visitor. Forgetting opens nothing: the hold on the number outlives it, and so does
 * the key, or the same request would be a new one and be dialled again (I1). A key that still lives is left to be forgotten later.
 */
export function* eraseCall(call: Call, now: number): SqlUnit<Call> {
  const keyEndsAt = call.acceptedAt + KEY_LIFE_MS;
  const due = now < keyEndsAt ? ({ dueStep: 'forget', dueAt: keyEndsAt } as const) : { dueStep: undefined, dueAt: undefined };
  const { dueStep = null, dueAt = null } = due;
  yield* query(KEEP_HOLD, [call.id, now]);
  yield* query(ERASE, [ERASED.sealedNumber, ERASED.country, dueStep, dueAt, dueAt, call.id]);
  if (dueAt === null) yield* query(ERASE_KEY, [call.id]);
  return { ...call, ...ERASED, ...due };
}

export function* eraseAtEnd({ id }: Call): SqlUnit<void> {
  yield* query(MARK, [id]);
}

export function* isToBeErased(id: string): SqlUnit<boolean> {
  return (yield* query(SELECT_MARKED, [id])).length > 0;
}
