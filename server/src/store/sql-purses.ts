/**
 * Purses: what may be spent in a day, in the smallest unit of the currency. Reservations never pass the ceiling (I7). What a
 * call really cost takes the place of its reservation once; only a cost above the reservation can bring a purse past its ceiling.
 */

import type { BudgetAlert, Reservation } from './acceptance.ts';
import { query, type SqlUnit, type SqlValue } from './sql-driver.ts';

const SELECT = 'SELECT spent, alerted FROM purses WHERE purse_key = ?';
const UPSERT = `INSERT INTO purses (purse_key, spent, alerted, expires_at) VALUES (?, ?, ?, ?)
  ON CONFLICT (purse_key) DO UPDATE SET spent = excluded.spent, alerted = excluded.alerted, expires_at = excluded.expires_at`;
const SELECT_RESERVED = 'SELECT reserved FROM calls WHERE id = ? AND reserved IS NOT NULL';
const SETTLE_RESERVED = 'UPDATE calls SET reserved = ? WHERE id = ?';
const SETTLE = 'UPDATE purses SET spent = spent + ? WHERE purse_key = ?';

/** Yesterday's calls are settled today; a purse that nobody can settle any more is swept. */
const KEPT_AFTER_RESET_MS = 7 * 86_400_000;
const ALERTS = [50, 80, 100] as const;

interface Purse {
  readonly spent: number;
  /** The highest share in percent that has been told of. */
  readonly alerted: number;
}

export type PurseVerdict =
  | { kind: 'over'; scope: Reservation['scope']; retryAt: number }
  | { kind: 'room'; purses: readonly (Purse & { reservation: Reservation })[] };

/** Reads only. */
export function* judgeReservations(reservations: readonly Reservation[]): SqlUnit<PurseVerdict> {
  const purses: (Purse & { reservation: Reservation })[] = [];
  for (const reservation of reservations) {
    const [row] = yield* query<[number, number]>(SELECT, [reservation.key]);
    const [spent, alerted] = row ?? [0, 0];
    if (spent + reservation.amount > reservation.ceiling) return { kind: 'over', scope: reservation.scope, retryAt: reservation.resetsAt };
    purses.push({ spent, alerted, reservation });
  }
  return { kind: 'room', purses };
}

/** Takes what was judged to have room; tells which shares were reached for the first time. */
export function* reserve(purses: readonly (Purse & { reservation: Reservation })[]): SqlUnit<BudgetAlert[]> {
  const alerts: BudgetAlert[] = [];
  for (const { spent, alerted, reservation } of purses) {
    const { scope, key, amount, ceiling, resetsAt } = reservation;
    const after = spent + amount;
    const reached = ALERTS.filter((percent) => percent > alerted && amount > 0 && after * 100 >= percent * ceiling);
    for (const percent of reached) alerts.push({ scope, key, percent });
    yield* query(UPSERT, [key, after, reached.at(-1) ?? alerted, resetsAt + KEPT_AFTER_RESET_MS]);
  }
  return alerts;
}

/** What is kept with a call so that its cost can take the place of what it reserved; null where it reserved nothing. */
export function noteReserved(reservations: readonly Reservation[]): string | null {
  return reservations.length === 0 ? null : JSON.stringify(reservations.map(({ key, amount }) => [key, amount]));
}

/** The first cost that is known of a call settles it; later ones change nothing. */
export function* settleCost(callId: string, cost: number): SqlUnit<void> {
  const reserved = yield* selectReserved(callId);
  const open = reserved.flatMap(([key, amount]) => (amount === null ? [] : [[key, amount] as const]));
  if (open.length === 0) return;
  for (const [key, amount] of open) yield* query(SETTLE, [cost - amount, key]);
  yield* query(SETTLE_RESERVED, [JSON.stringify(reserved.map(([key]) => [key, null])), callId]);
}

export function* addCost(callId: string, cost: number): SqlUnit<void> {
  for (const [key, amount] of yield* selectReserved(callId)) if (amount === null) yield* query(SETTLE, [cost, key]);
}

/** By purse, what was set aside in it; null once it is settled. */
function* selectReserved(callId: string): SqlUnit<[key: string, amount: number | null][]> {
  const [row] = yield* query<[SqlValue]>(SELECT_RESERVED, [callId]);
  return row === undefined ? [] : JSON.parse(String(row[0]));
}
