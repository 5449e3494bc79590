/** When a site may be asked for calls, as its visitors are told: open or not, since when, and which slots are free. */
import type { Switches } from '../calls/call-rules.ts';
import type { Clock } from '../clock.ts';
import type { DepartmentConfig, Hours, SiteConfig, SlotConfig } from '../config/config.ts';
import type { Log } from '../log.ts';
import type { Reservation } from '../store/acceptance.ts';
import type { Store } from '../store/store.ts';
import { hoursOf } from './call-time.ts';
import { isOpen, nextChange, nextOpening } from './hours.ts';
import type { Reserve } from './purses.ts';
import { slotsOf } from './slots.ts';

export interface SiteTimes {
  open: boolean;
  /** Where it is closed: when it opens. Undefined where nobody can say. */
  opensAt: number | undefined;
  /** Free ones on days that are not spent, the nearest first. */
  slots: readonly number[];
  /** IANA zone of the hours. */
  timeZone: string;
  /** Until then this may be told again. */
  validUntil: number;
}

export type TimesOf = (site: SiteConfig, department: DepartmentConfig | undefined) => Promise<SiteTimes>;

/** More than anybody looks through, and few enough for the view to stay small. */
const MAX_SLOTS = 50;
/** A slot that was taken is offered for this long; the transaction that accepts a call counts anew. */
const KEPT_MS = 15_000;
const DAY_MS = 86_400_000;

interface TimesContext {
  store: Store;
  clock: Clock;
  log: Log;
  switches: () => Switches;
  reserve: Reserve;
}

/** Made once per site and department and kept for a moment: strangers may ask as often as they like. */
export function siteTimes(context: TimesContext): TimesOf {
  const kept = new Map<string, { madeAt: number; validUntil: number; times: Promise<SiteTimes> }>();
  return (site, department) => {
    const now = context.clock.now();
    const key = department === undefined ? site.key : `${site.key}/${department.key}`;
    const known = kept.get(key);
    if (known !== undefined && known.madeAt <= now && now < known.validUntil) return known.times;

    const validUntil = nextChange(hoursOf(site, department), now, now + KEPT_MS);
    const times = readTimes(site, department, { now, validUntil }, context);
    kept.set(key, { madeAt: now, validUntil, times });
    // What could not be read is not kept.
    void times.then((read) => read.validUntil <= now && kept.delete(key));
    return times;
  };
}

interface Moment {
  now: number;
  validUntil: number;
}

async function readTimes(
  site: SiteConfig,
  department: DepartmentConfig | undefined,
  { now, validUntil }: Moment,
  { store, log, switches, reserve }: TimesContext,
): Promise<SiteTimes> {
  const hours = hoursOf(site, department);
  const { timeZone } = hours;
  const { paused, pausedSites } = switches();
  if (paused || pausedSites.has(site.key)) return { open: false, opensAt: undefined, slots: [], timeZone, validUntil };

  const open = isOpen(hours, now);
  const times = { open, opensAt: open ? undefined : nextOpening(hours, now), timeZone };
  if (site.slots === undefined) return { ...times, slots: [], validUntil };
  try {
    const until = now + site.slots.daysAhead * DAY_MS;
    const days = [...budgetDays(site, now, until, reserve)];
    const [taken, rooms] = await Promise.all([
      store.countScheduled(site.key, department?.key, now, until),
      store.haveRoom(days.map(({ reservations }) => reservations)),
    ]);
    const isPaid = (at: number) => rooms[days.findIndex(({ endsAt }) => at < endsAt)] ?? false;
    return { ...times, slots: findFreeSlots(hours, site.slots, now, { taken, isPaid }), validUntil };
  } catch {
    // Whether it is open is known without the store, and a form can be drawn from that.
    log({ level: 'warn', event: 'site.slots_unknown', site: site.key, message: 'The store could not be read: no slots are offered.' });
    return { ...times, slots: [], validUntil: now };
  }
}

/** The days of both budgets, which may begin at different moments: what a call in each of them would have to set aside. */
function* budgetDays(site: SiteConfig, now: number, until: number, reserve: Reserve): Generator<BudgetDay> {
  for (let at = now; at < until; ) {
    const reservations = reserve(site, now, at);
    at = Math.min(...reservations.map(({ resetsAt }) => resetsAt));
    yield { endsAt: at, reservations };
  }
}

interface BudgetDay {
  endsAt: number;
  reservations: readonly Reservation[];
}

interface SlotsLeft {
  taken: ReadonlyMap<number, number>;
  /** Whether the budget of its day has room for one more call. */
  isPaid: (at: number) => boolean;
}

function findFreeSlots(hours: Hours, slots: SlotConfig, now: number, { taken, isPaid }: SlotsLeft): number[] {
  const free: number[] = [];
  for (const at of slotsOf(hours, slots, now)) {
    if ((taken.get(at) ?? 0) < slots.capacity && isPaid(at)) free.push(at);
    if (free.length === MAX_SLOTS) break;
  }
  return free;
}
