/** The times that a visitor may choose: at every so many minutes of the wall's clock, inside the hours, and far enough ahead. */
import { SLOT_DIAL_WITHIN_MS } from '../calls/accept-call.ts';
import type { Hours, SlotConfig } from '../config/config.ts';
import { type Piece, pieces, staysOpen } from './hours.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** What is offered begins at least this far ahead. */
export const OFFER_LEAD_MS = 5 * MINUTE_MS;
/** What was offered may be taken until shortly before it begins: the visitor was filling in the form meanwhile. */
export const TAKE_LEAD_MS = MINUTE_MS;

/** Every time that is to be offered at `now`, in order, whether it is taken or not. */
export function* slotsOf(hours: Hours, slots: SlotConfig, now: number): Generator<number> {
  for (const piece of pieces(hours, now + OFFER_LEAD_MS, now + slots.daysAhead * DAY_MS)) {
    for (let at = firstSlotIn(piece, slots); at < piece.until; at += slots.everyMinutes * MINUTE_MS) {
      if (isWhollyOpen(hours, at, piece)) yield at;
    }
  }
}

/** Whether `at` is one of the times that have been offered. */
export function isSlot(hours: Hours, slots: SlotConfig, at: number, now: number): boolean {
  if (!(at >= now + TAKE_LEAD_MS && at < now + slots.daysAhead * DAY_MS)) return false;
  for (const piece of pieces(hours, at, at + 1)) return firstSlotIn(piece, slots) === at && isWhollyOpen(hours, at, piece);
  return false;
}

/** Minutes are counted by the clock on the wall, which in some zones is not whole hours ahead of UTC. */
function firstSlotIn({ from, offsetMs }: Piece, { everyMinutes }: SlotConfig): number {
  const everyMs = everyMinutes * MINUTE_MS;
  return Math.ceil((from + offsetMs) / everyMs) * everyMs - offsetMs;
}

/** The call may be started this long after its slot begins, and somebody has to be there until then. */
function isWhollyOpen(hours: Hours, at: number, { until }: Piece): boolean {
  return at + SLOT_DIAL_WITHIN_MS <= until || staysOpen(hours, at, SLOT_DIAL_WITHIN_MS);
}
