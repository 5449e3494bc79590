/** Slots: how many calls stand in each. A cancelled call gives its place back; one that expired or was missed has used it. */
import { query, type SqlUnit } from './sql-driver.ts';

const COUNT = `SELECT COUNT(*) FROM calls
  WHERE site = ? AND scheduled_for = ? AND department IS NOT DISTINCT FROM ? AND state <> 'cancelled'`;
const COUNT_EACH = `SELECT scheduled_for, COUNT(*) FROM calls
  WHERE site = ? AND scheduled_for >= ? AND scheduled_for < ? AND department IS NOT DISTINCT FROM ? AND state <> 'cancelled'
  GROUP BY scheduled_for`;

export interface Slot {
  site: string;
  /** Undefined: the site's slots that belong to no department. */
  department?: string | undefined;
  scheduledFor?: number | undefined;
}

/** Whether one more call finds a place; a call that takes no slot always does. */
export function* hasRoom({ site, department, scheduledFor }: Slot, capacity: number): SqlUnit<boolean> {
  if (scheduledFor === undefined) return true;
  const [row] = yield* query<[number]>(COUNT, [site, scheduledFor, department ?? null]);
  return (row?.[0] ?? 0) < capacity;
}

/** By the slot's time, from `from` until before `until`. */
export function* countScheduled(
  site: string,
  department: string | undefined,
  from: number,
  until: number,
): SqlUnit<ReadonlyMap<number, number>> {
  return new Map(yield* query<[number, number]>(COUNT_EACH, [site, from, until, department ?? null]));
}
