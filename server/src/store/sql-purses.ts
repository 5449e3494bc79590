/**
 * Purses: what may be spent in a day, in the smallest unit of the currency. Reservations never pass the ceiling (I7). What a
 * call really cost takes the place of its reservation once; only a cost above the reservation can bring a purse past its ceiling.
 */

import type { BudgetAlert, Reservation } from './acceptance.ts';
import { query, type SqlUnit, type SqlValue } from './sql-driver.ts';

const SELECT = 'SELECT spent, alerted FROM purses WHERE purse_key = ?';
const UPSERT = `INSERT INTO purses (purse_key, spent, alerted, expires_at, scope, ceiling) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (purse_key) DO UPDATE SET spent = excluded.spent, alerted = excluded.alerted, expires_at = excluded.expires_at,
    scope = excluded.scope, ceiling = excluded.ceiling`;
const SELECT_RESERVED = 'SELECT reserved FROM calls WHERE id = ? AND reserved IS NOT NULL';
const SETTLE_RESERVED = 'UPDATE calls SET reserved = ? WHERE id = ?';
const SETTLE = 'UPDATE purses SET spent = spent + ? WHERE purse_key = ? RETURNING spent, alerted, scope, ceiling';
const NOTE_ALERTED = 'UPDATE purses SET alerted = ? WHERE purse_key = ?';

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
    const reached = sharesReached({ spent: after, alerted }, amount, ceiling);
    for (const percent of reached) alerts.push({ kind: 'budget', scope, key, percent });
    yield* query(UPSERT, [key, after, reached.at(-1) ?? alerted, resetsAt + KEPT_AFTER_RESET_MS, scope, ceiling]);
  }
  return alerts;
}

/** A purse without room for one more such call is empty, whatever is left in it. */
function sharesReached({ spent, alerted }: Purse, amount: number, ceiling: number): BudgetAlert['percent'][] {
  const isEmpty = spent + amount > ceiling;
  return ALERTS.filter((percent) => percent > alerted && amount > 0 && (spent * 100 >= percent * ceiling || (percent === 100 && isEmpty)));
}

/** What is kept with a call so that its cost can take the place of what it reserved; null where it reserved nothing. */
export function noteReserved(reservations: readonly Reservation[]): string | null {
  return reservations.length === 0 ? null : JSON.stringify(reservations.map(({ key, amount }) => [key, amount]));
}

/** The first cost that is known of a call settles it; later ones change nothing. Tells which shares it was the first to reach. */
export function* settleCost(callId: string, cost: number): SqlUnit<BudgetAlert[]> {
  const reserved = yield* selectReserved(callId);
  const alerts: BudgetAlert[] = [];
  for (const [key, amount, isSettled] of reserved) if (!isSettled) alerts.push(...(yield* charge(key, amount, cost - amount)));
  if (reserved.length > 0) yield* query(SETTLE_RESERVED, [JSON.stringify(reserved.map(([key, amount]) => [key, amount, true])), callId]);
  return alerts;
}

/** On top of a cost that was settled. */
export function* addCost(callId: string, cost: number): SqlUnit<BudgetAlert[]> {
  const alerts: BudgetAlert[] = [];
  for (const [key, amount, isSettled] of yield* selectReserved(callId)) if (isSettled) alerts.push(...(yield* charge(key, amount, cost)));
  return alerts;
}

/** By purse, what was set aside in it, and whether a cost has taken its place. */
function* selectReserved(callId: string): SqlUnit<Reserved[]> {
  const [row] = yield* query<[SqlValue]>(SELECT_RESERVED, [callId]);
  return row === undefined ? [] : readReserved(String(row[0]));
}

/** `amount`: what such a call sets aside. */
function* charge(key: string, amount: number, cost: number): SqlUnit<BudgetAlert[]> {
  const [purse] = yield* query<[number, number, Reservation['scope'] | null, number | null]>(SETTLE, [cost, key]);
  const [spent = 0, alerted = 0, scope = null, ceiling = null] = purse ?? [];
  if (cost <= 0 || scope === null || ceiling === null) return [];
  const reached = sharesReached({ spent, alerted }, amount, ceiling);
  if (reached.length > 0) yield* query(NOTE_ALERTED, [reached.at(-1) ?? alerted, key]);
  return reached.map((percent) => ({ kind: 'budget', scope, key, percent }));
}

type Reserved = readonly [key: string, amount: number, isSettled?: true];

/** Of a damaged row nobody knows what it has taken from where: that stays spent. */
function readReserved(text: string): Reserved[] {
  try {
    const read: unknown = JSON.parse(text);
    return Array.isArray(read) ? read.filter((each) => typeof each?.[0] === 'string' && typeof each[1] === 'number') : [];
  } catch {
    return [];
  }
}
