/**
 * When somebody is there, by the clock on the wall: it is open whenever that clock reads a time inside a span. So an hour that a
 * change of time doubles is open twice, one that it skips is not open at all, and a day may have 23, 24 or 25 hours.
 */
import { IANAZone } from 'luxon';
import type { Hours, Span } from '../config/config.ts';

/** From the first moment that is open to the first that is not any more. Epoch ms. */
export interface Opening {
  from: number;
  until: number;
}

/** An opening, or the part of one between two changes of the zone's offset or of the date. */
export interface Piece extends Opening {
  /** What the clock on the wall is ahead of UTC in it. */
  offsetMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** No zone changes its clocks twice in so short a time. */
const STEP_MS = DAY_MS / 2;
/** Hours that name nothing but yearly days open once in a year. */
const HORIZON_MS = 370 * DAY_MS;

export function isOpen(hours: Hours, at: number): boolean {
  const wall = new Date(at + offsetMs(hours.timeZone, at)).toISOString();
  const time = wall.slice(11, 16);
  return spansOf(hours, wall.slice(0, 10)).some(({ from, until }) => from <= time && time < until);
}

/** `at` itself where it is open; undefined where it stays closed for more than a year. */
export function nextOpening(hours: Hours, at: number): number | undefined {
  if (isOpen(hours, at)) return at;
  for (const { from } of pieces(hours, at, at + HORIZON_MS)) return from;
  return undefined;
}

/** The first moment from `at` on at which all of them are open. */
export function nextCommonOpening(all: readonly Hours[], at: number): number | undefined {
  let time = at;
  // Each round goes on to an opening of somebody; hours that never meet would go on like that for ever.
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    let latest = time;
    for (const hours of all) {
      const next = nextOpening(hours, latest);
      if (next === undefined) return undefined;
      latest = next;
    }
    if (latest === time) return time;
    time = latest;
  }
  return undefined;
}

/** Enough for a week and its breaks. */
const MAX_ROUNDS = 24;

/** Open from `at` for so long, without a break. */
export function staysOpen(hours: Hours, at: number, forMs: number): boolean {
  let reached = at;
  for (const { from, until } of pieces(hours, at, at + forMs)) {
    if (from > reached) return false;
    reached = until;
  }
  return reached >= at + forMs;
}

/** When open next turns to closed, or closed to open, if that is before `until`; else `until`. */
export function nextChange(hours: Hours, at: number, until: number): number {
  let openUntil = at;
  for (const { from, until: end } of pieces(hours, at, until)) {
    if (from > openUntil) return openUntil > at ? openUntil : from;
    openUntil = end;
  }
  return openUntil > at ? openUntil : until;
}

/** What is open between two moments, in order. Pieces that touch are one opening. */
export function* pieces(hours: Hours, from: number, until: number): Generator<Piece> {
  for (const stretch of stretches(hours.timeZone, from, until)) {
    const firstDay = Math.floor((stretch.from + stretch.offsetMs) / DAY_MS);
    const lastDay = Math.floor((stretch.until - 1 + stretch.offsetMs) / DAY_MS);
    for (let day = firstDay; day <= lastDay; day += 1) {
      const midnight = day * DAY_MS - stretch.offsetMs;
      for (const span of spansOf(hours, new Date(day * DAY_MS).toISOString().slice(0, 10))) {
        const piece = {
          from: Math.max(stretch.from, midnight + minutesOf(span.from) * MINUTE_MS),
          until: Math.min(stretch.until, midnight + minutesOf(span.until) * MINUTE_MS),
          offsetMs: stretch.offsetMs,
        };
        if (piece.from < piece.until) yield piece;
      }
    }
  }
}

/** The time between two moments, cut where the zone's offset changes. */
function* stretches(timeZone: string, from: number, until: number): Generator<Piece> {
  let start = from;
  while (start < until) {
    const offset = offsetMs(timeZone, start);
    const stepEnd = Math.min(start + STEP_MS, until);
    const end = offsetMs(timeZone, stepEnd) === offset ? stepEnd : findOffsetChange(timeZone, start, stepEnd);
    yield { from: start, until: end, offsetMs: offset };
    start = end;
  }
}

/** The first moment with another offset than that at `from`; at `until` it is another one. */
function findOffsetChange(timeZone: string, from: number, until: number): number {
  const offset = offsetMs(timeZone, from);
  let before = from;
  let after = until;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetMs(timeZone, middle) === offset) before = middle;
    else after = middle;
  }
  return after;
}

/** A date of its own comes before a day of every year, and that before the day of the week. */
function spansOf({ days, week }: Hours, date: string): readonly Span[] {
  const weekday = (new Date(date).getUTCDay() + 6) % 7;
  return days.get(date) ?? days.get(date.slice(5)) ?? week[weekday] ?? [];
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function offsetMs(timeZone: string, at: number): number {
  return IANAZone.create(timeZone).offset(at) * MINUTE_MS;
}
