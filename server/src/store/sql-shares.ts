/** How large a part of the latest calls one member has. */

import type { Share } from './acceptance.ts';
import { query, type SqlUnit } from './sql-driver.ts';

export interface ShareStanding {
  readonly isPast: boolean;
  /** How it stands once a call of this member is accepted as well, where that brings it past its share. */
  readonly passing: { readonly calls: number; readonly of: number } | undefined;
}

/** `members`: every name that the same member had. */
export function* judgeShare(
  { last, perMs, calls, percent }: Share,
  keys: readonly string[],
  members: readonly (string | undefined)[],
  now: number,
): SqlUnit<ShareStanding> {
  const places = keys.map(() => '?').join(', ');
  const latest = yield* query<[string | null]>(
    `SELECT member FROM counts WHERE counted_key ${keys.length === 1 ? '= ?' : `IN (${places})`} AND counted_at > ?
     ORDER BY counted_at DESC, nth DESC LIMIT ?`,
    [...keys, now - perMs, last],
  );
  const isOwn = latest.map(([member]) => member !== null && members.includes(member));
  const isPast = (own: number, of: number) => own > calls && own * 100 > percent * of;
  const own = isOwn.filter(Boolean).length;
  const then = { calls: isOwn.slice(0, last - 1).filter(Boolean).length + 1, of: Math.min(last, latest.length + 1) };
  const wasPast = isPast(own, latest.length);
  return { isPast: wasPast, passing: !wasPast && isPast(then.calls, then.of) ? then : undefined };
}
