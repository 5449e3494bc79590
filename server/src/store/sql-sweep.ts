/**
 * Clears away what has run out. A sweep walks a few rows along each table's own order and goes on there next time: that needs
 * no index by expiry, and rows that leave together stand on one page. Nothing that still counts is ever taken.
 */
import { query, type SqlRow, type SqlUnit, type SqlValue } from './sql-driver.ts';

/** Every so many accepted calls one accept sweeps. */
export const SWEEP_EVERY = 16;
/** An acceptance adds six rows to `counts` at most; the sweep walks faster than that, so the table stays within twice what counts. */
const ROWS_PER_SWEEP = 16 * SWEEP_EVERY;
/** A proof may be taken for valid by a clock that runs this much behind. */
const NONCE_SLACK_MS = 60_000;
/** The operator may ask for this long what was told. */
const MESSAGES_KEPT_MS = 30 * 86_400_000;

// A lead stays until its call is forgotten, whatever became of it: it keeps the company from being told twice, or not at all.
const TOLD = `created_at <= ? AND NOT EXISTS
  (SELECT 1 FROM calls WHERE calls.id = messages.call_id AND calls.sealed_number <> '')`;

interface Tour {
  readonly start: SqlRow;
  readonly selectEnd: string;
  readonly deletePart: string;
  readonly deleteRest: string;
  readonly params: (now: number) => SqlValue[];
}

const tourOf = (table: string, keys: readonly string[], start: SqlRow, expired: string, params: Tour['params']): Tour => {
  const [names, places] = [keys.join(', '), keys.map(() => '?').join(', ')];
  return {
    start,
    params,
    selectEnd: `SELECT ${names} FROM ${table} WHERE (${names}) > (${places}) ORDER BY ${names} LIMIT 1 OFFSET ?`,
    deletePart: `DELETE FROM ${table} WHERE (${names}) > (${places}) AND (${names}) <= (${places}) AND ${expired}`,
    deleteRest: `DELETE FROM ${table} WHERE (${names}) > (${places}) AND ${expired}`,
  };
};

const TOURS: readonly Tour[] = [
  tourOf('counts', ['counted_key', 'counted_at', 'nth'], ['', 0, 0], 'expires_at <= ?', (now) => [now]),
  tourOf('nonces', ['nonce_key'], [''], 'expires_at <= ?', (now) => [now - NONCE_SLACK_MS]),
  tourOf('numbers', ['number_key'], [''], 'opted_out_until <= ? AND held_until <= ?', (now) => [now, now]),
  tourOf('purses', ['purse_key'], [''], 'expires_at <= ?', (now) => [now]),
  tourOf('messages', ['id'], [''], TOLD, (now) => [now - MESSAGES_KEPT_MS]),
];

/** One walker for a process: it remembers where it was. */
export function sweeper(): (now: number) => SqlUnit<void> {
  const reached = new Map<Tour, SqlRow>();
  return function* sweep(now) {
    for (const tour of TOURS) {
      const from = reached.get(tour) ?? tour.start;
      const [end] = yield* query(tour.selectEnd, [...from, ROWS_PER_SWEEP - 1]);
      if (end === undefined) yield* query(tour.deleteRest, [...from, ...tour.params(now)]);
      else yield* query(tour.deletePart, [...from, ...end, ...tour.params(now)]);
      reached.set(tour, end ?? tour.start);
    }
  };
}
