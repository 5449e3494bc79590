/**
 * Windows over acceptances, exactly: each acceptance is a row of its own under every key that it counts against. A key names
 * the thing that is counted whatever the scope, so `source` and `source_numbers` of one key look at the same rows.
 *
 * A number is another matter: what its windows bound is how often its telephone rings, and a call may ring long after it was
 * accepted. It counts at its deadline, and as soon as it will not be dialled any more, from then (`countFromNow`). A new call
 * is judged at the first moment at which it may ring. That holds in both directions, because a number is held while a call to it
 * may still be dialled: when the next is judged, all before it have rung, or never will.
 */

import type { Limit, ProofLevel, Room, Window } from './acceptance.ts';
import type { Call } from './call.ts';
import { query, type SqlUnit, type SqlValue } from './sql-driver.ts';
import { judgeShare, type ShareStanding } from './sql-shares.ts';

const selectFirst = perCount(
  (keys) => `SELECT counted_at FROM counts WHERE counted_key ${oneOf(keys)} AND counted_at > ? ORDER BY counted_at, nth LIMIT 1 OFFSET ?`,
);
const selectMembers = perCount(
  (keys) => `SELECT counted_at, member FROM counts WHERE counted_key ${oneOf(keys)} AND counted_at > ? ORDER BY counted_at DESC, nth DESC`,
);

const selectDials = perCount(
  (keys) => `SELECT counted_at, nth FROM counts WHERE counted_key ${oneOf(keys)} AND counted_at > ? ORDER BY counted_at DESC, nth DESC`,
);

/** The newest acceptance under a key, and the number of the first one inside each of so many windows. */
const selectNewest = perCount((windows) => {
  const first = `, (SELECT inside.nth FROM counts AS inside WHERE inside.counted_key = counts.counted_key AND inside.counted_at > ?
    ORDER BY inside.counted_at, inside.nth LIMIT 1)`;
  return `SELECT nth, counted_at${first.repeat(windows)} FROM counts WHERE counted_key = ? ORDER BY counted_at DESC, nth DESC LIMIT 1`;
});
const insertCounts = perCount((rows) => {
  const places = Array.from({ length: rows }, () => '(?, ?, ?, ?, ?)').join(', ');
  return `INSERT INTO counts (counted_key, counted_at, nth, member, expires_at) VALUES ${places}`;
});

const MOVE = `UPDATE counts SET counted_at = ?,
    nth = (SELECT MAX(every.nth) + 1 FROM counts AS every WHERE every.counted_key = counts.counted_key)
  WHERE counted_key = (SELECT number_key FROM calls WHERE id = ?) AND counted_at = ?
    AND nth = (SELECT MAX(same.nth) FROM counts AS same WHERE same.counted_key = counts.counted_key AND same.counted_at = counts.counted_at)`;

/** Behind which the next acceptance under a key stands. */
interface Newest {
  readonly nth: number;
  readonly at: number;
}

/** When a call is judged, and when its telephone may ring: from `startsAt` until before `dialBefore`. */
export interface Ringing {
  readonly now: number;
  readonly startsAt: number;
  readonly dialBefore: number;
}

/** A window of the caller's own, and how many acceptances stand in it. */
interface Counted {
  readonly scope: Room['scope'];
  readonly keys: readonly string[];
  readonly window: Window;
  readonly count: number;
  /** When the first of these counts, where that was read already. */
  readonly firstAt: number | undefined;
}

/** How one limit stands: until when it refuses, and how many stand in each window, hard ones before soft. */
interface Standing {
  /** Undefined: not at all. */
  readonly fullUntil: number | undefined;
  readonly counts: readonly number[];
  readonly firsts?: readonly number[];
}

/** What was read of each key, so that counting need not read it again. */
type NewestOf = Map<string, Newest | undefined>;

/** By limit: the former name under which its member still counts. */
type NamesOf = Map<Limit, string>;

export type Verdict =
  | { kind: 'full'; scope: Limit['scope']; retryAt: number }
  /** `wanted`: the level of proof that is asked for, by the floor or a soft window. `closest`: per scope the window with the least left. */
  | {
      kind: 'room';
      wanted: ProofLevel;
      closest: readonly Counted[];
      newest: NewestOf;
      names: NamesOf;
      /** Of the share that this call would be the one to pass. */
      passing: ShareStanding['passing'];
    };

/** Reads only. The first limit, in their order, without room refuses: until all of its windows would have some. */
export function* judgeLimits(limits: readonly Limit[], floor: ProofLevel, ringing: Ringing): SqlUnit<Verdict> {
  const { now } = ringing;
  const newest: NewestOf = new Map();
  const names: NamesOf = new Map();
  const closest = new Map<Room['scope'], Counted>();
  let wanted = floor;
  let passing: ShareStanding['passing'];

  function judgeLimit(limit: Limit): SqlUnit<Standing> {
    if (limit.scope === 'number') return countDials(limit, newest, ringing);
    return limit.scope === 'source_numbers' ? countMembers(limit, newest, names, now) : countCalls(limit, newest, now);
  }

  for (const limit of limits) {
    const { fullUntil, counts, firsts } = yield* judgeLimit(limit);
    if (fullUntil !== undefined) return { kind: 'full', scope: limit.scope, retryAt: fullUntil };
    if (limit.share !== undefined) {
      const share = yield* judgeShare(limit.share, keysOf(limit), [limit.member, ...(limit.alsoMembers ?? [])], now);
      if (share.isPast && limit.share.level > wanted) wanted = limit.share.level;
      passing ??= share.passing;
    }
    for (const [index, { max, level }] of (limit.soft ?? []).entries()) {
      if ((counts[limit.windows.length + index] ?? 0) >= max && level > wanted) wanted = level;
    }
    if (limit.scope !== 'number' && limit.scope !== 'source') continue;
    for (const [index, window] of limit.windows.entries()) {
      const known = closest.get(limit.scope);
      const count = counts[index] ?? 0;
      if (known !== undefined && known.window.max - known.count <= window.max - count) continue;
      closest.set(limit.scope, { scope: limit.scope, keys: keysOf(limit), window, count, firstAt: firsts?.[index] });
    }
  }
  return { kind: 'room', wanted, closest: [...closest.values()], newest, names, passing };
}

/** Counts one call, at `now`, against every key; the rest is what judging it has read. */
export function* countCall(
  limits: readonly Limit[],
  { newest, names }: Pick<Extract<Verdict, { kind: 'room' }>, 'newest' | 'names'>,
  now: number,
): SqlUnit<void> {
  const rows = new Map<string, { member: string | null; longestMs: number }>();
  for (const limit of limits) {
    const { key, windows, soft, share } = limit;
    const member = names.get(limit) ?? limit.member;
    const before = rows.get(key);
    let longestMs = Math.max(before?.longestMs ?? 0, share?.perMs ?? 0);
    for (const { perMs } of windows) longestMs = Math.max(longestMs, perMs);
    for (const { perMs } of soft ?? []) longestMs = Math.max(longestMs, perMs);
    if (longestMs > 0) rows.set(key, { member: member ?? before?.member ?? null, longestMs });
  }
  if (rows.size === 0) return;
  const params: SqlValue[] = [];
  for (const [key, { member, longestMs }] of rows) {
    const last = newest.get(key);
    // Under one key time never runs backwards, so the order of the numbers is the order of the times.
    const at = last === undefined ? now : Math.max(now, last.at);
    params.push(key, at, (last?.nth ?? 0) + 1, member, at + longestMs);
  }
  yield* query(insertCounts(rows.size), params);
}

/** What is left after the call that is being accepted; to be asked before it is counted. */
export function* roomsOf(closest: readonly Counted[], now: number): SqlUnit<Room[]> {
  const rooms: Room[] = [];
  for (const { scope, keys, window, count, firstAt } of closest) {
    const oldestAt = firstAt ?? (count === 0 ? now : yield* firstTime(keys, now - window.perMs, 0));
    rooms.push({
      scope,
      window: { max: window.max, perMs: window.perMs },
      remaining: window.max - count - 1,
      resetAt: oldestAt + window.perMs,
    });
  }
  return rooms;
}

/** See the head of this file. Rows of a number are few, and need not stand in the order in which they were written. */
export function* countFromNow({ id, dialBefore }: Call, now: number): SqlUnit<void> {
  if (dialBefore > now) yield* query(MOVE, [now, id, dialBefore]);
}

function* countDials(limit: Limit, newest: NewestOf, { now, startsAt, dialBefore }: Ringing): SqlUnit<Standing> {
  const { key, windows } = limit;
  const keys = keysOf(limit);
  const longestMs = Math.max(0, ...windows.map(({ perMs }) => perMs));
  const rows = yield* query<[number, number]>(selectDials(keys.length), [...keys, now - longestMs]);
  newest.set(key, { nth: Math.max(0, ...rows.map(([, nth]) => nth)), at: dialBefore });
  const inside = windows.map(({ perMs }) => rows.filter(([at]) => at > startsAt - perMs));
  // It has room again when the max-th newest has left it.
  const fulls = windows.flatMap(({ max, perMs }, index) => {
    const mustLeave = max > 0 ? inside[index]?.[max - 1]?.[0] : startsAt;
    return mustLeave === undefined ? [] : [mustLeave + perMs];
  });
  return {
    fullUntil: fulls.length > 0 ? Math.max(...fulls) : undefined,
    counts: inside.map(({ length }) => length),
    firsts: inside.map((dials) => dials.at(-1)?.[0] ?? dialBefore),
  };
}

function* countCalls(limit: Limit, newest: NewestOf, now: number): SqlUnit<Standing> {
  const { windows, soft = [] } = limit;
  const keys = keysOf(limit);
  const all: readonly Window[] = soft.length > 0 ? [...windows, ...soft] : windows;
  const counts = all.map(() => 0);
  for (const key of keys) {
    const [row] = yield* query<(number | null)[]>(selectNewest(all.length), [...all.map(({ perMs }) => now - perMs), key]);
    const [nth, at, ...firsts] = row ?? [];
    newest.set(key, nth == null || at == null ? undefined : { nth, at });
    for (const [index, before] of counts.entries()) {
      const first = firsts[index];
      if (nth != null && first != null) counts[index] = before + nth - first + 1;
    }
  }
  let fullUntil = now;
  for (const [index, { max, perMs }] of windows.entries()) {
    const over = (counts[index] ?? 0) - max;
    if (over < 0) continue;
    // It has room again when the max-th newest has left it.
    const until = max <= 0 ? now + perMs : (yield* firstTime(keys, now - perMs, over)) + perMs;
    fullUntil = Math.max(fullUntil, until);
  }
  return { fullUntil: fullUntil > now ? fullUntil : undefined, counts };
}

/** Different members of each window; none where the asked one stands in it already, because it adds none. */
function* countMembers(limit: Limit, newest: NewestOf, names: NamesOf, now: number): SqlUnit<Standing> {
  const { key, alsoKeys = [], windows, soft = [], member, alsoMembers = [] } = limit;
  if (!newest.has(key)) {
    const [row] = yield* query<[number, number]>(selectNewest(0), [key]);
    newest.set(key, row && { nth: row[0], at: row[1] });
  }
  const all: readonly Window[] = [...windows, ...soft];
  const longestMs = Math.max(0, ...all.map(({ perMs }) => perMs));
  const isEmpty = newest.get(key) === undefined && alsoKeys.length === 0;
  const lastAt = isEmpty ? [] : yield* lastTimes(keysOf(limit), now - longestMs);
  const [known, memberAt] = lastAt.find(([found]) => found === member || alsoMembers.includes(found)) ?? [];
  if (known !== undefined && known !== member) names.set(limit, known);
  const isInside = (at: number | undefined, { perMs }: Window) => at !== undefined && at > now - perMs;
  const inside = all.map((window) => (isInside(memberAt, window) ? [] : lastAt.filter(([, at]) => isInside(at, window))));
  let fullUntil = now;
  for (const [index, window] of windows.entries()) {
    if (isInside(memberAt, window)) continue;
    const mustLeave = window.max > 0 ? inside[index]?.[window.max - 1]?.[1] : now;
    if (mustLeave !== undefined) fullUntil = Math.max(fullUntil, mustLeave + window.perMs);
  }
  return { fullUntil: fullUntil > now ? fullUntil : undefined, counts: inside.map(({ length }) => length) };
}

/** Each member with the time of its last acceptance, newest first. */
function* lastTimes(keys: readonly string[], since: number): SqlUnit<[string, number][]> {
  const lastAt = new Map<string, number>();
  for (const [at, member] of yield* query<[number, string | null]>(selectMembers(keys.length), [...keys, since])) {
    if (member !== null && !lastAt.has(member)) lastAt.set(member, at);
  }
  return [...lastAt];
}

function* firstTime(keys: readonly string[], since: number, skip: number): SqlUnit<number> {
  const [row] = yield* query<[number]>(selectFirst(keys.length), [...keys, since, skip]);
  return row?.[0] ?? since;
}

/** The newest first: a call is counted under that one alone. */
function keysOf({ key, alsoKeys = [] }: Limit): readonly string[] {
  return [key, ...alsoKeys];
}

/** One key is compared, so that rows come in the order of their index without being sorted. */
function oneOf(keys: number): string {
  return keys === 1 ? '= ?' : `IN (${Array.from({ length: keys }, () => '?').join(', ')})`;
}

/** Texts that differ in a number of places only; few numbers occur. */
function perCount(textFor: (count: number) => string): (count: number) => string {
  const texts: string[] = [];
  return (count) => {
    texts[count] ??= textFor(count);
    return texts[count];
  };
}
