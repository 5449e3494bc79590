/** When a call that is asked for may be made: now, at the slot that was chosen, or not at all. */
import { SLOT_DIAL_WITHIN_MS } from '../calls/accept-call.ts';
import { DIAL_WITHIN_MS } from '../calls/life-of-a-call.ts';
import type { DepartmentConfig, Hours, SiteConfig } from '../config/config.ts';
import { calleeHours } from './callee-hours.ts';
import { isOpen, nextChange, nextCommonOpening, staysOpen } from './hours.ts';
import { isSlot } from './slots.ts';

export type CallTime =
  /** `dialBefore`: not from then on, epoch ms, where that comes before the time that a call may usually wait for its turn. */
  | { kind: 'now'; dialBefore: number | undefined }
  | { kind: 'slot'; at: number; capacity: number }
  /**
   * `opensAt`: when a call like this may be asked for; undefined where nobody can say. Worked out when it is asked, since it costs
   * more than all else that a refused number does. `isNightThere`: only the callee's time is in the way.
   */
  | { kind: 'closed'; opensAt: () => number | undefined; isNightThere: boolean }
  | { kind: 'slot_unavailable' };

export interface TimeAsked {
  site: SiteConfig;
  department: DepartmentConfig | undefined;
  /** RFC 3339; undefined for now. */
  at: string | undefined;
  /** Of the number. */
  country: string;
}

export function judgeTime({ site, department, at, country }: TimeAsked, now: number): CallTime {
  const hours = hoursOf(site, department);
  const callee = calleeHours(country, site, now);
  if (at === undefined) {
    const isThere = isOpen(hours, now);
    if (isThere && callee.every((each) => isOpen(each, now))) return { kind: 'now', dialBefore: lastMoment(hours, callee, now) };
    return { kind: 'closed', opensAt: () => nextCommonOpening([hours, ...callee], now), isNightThere: isThere };
  }
  const time = Date.parse(at);
  if (site.slots === undefined || !isSlot(hours, site.slots, time, now)) return { kind: 'slot_unavailable' };
  const fits = callee.every((each) => staysOpen(each, time, SLOT_DIAL_WITHIN_MS));
  return fits ? { kind: 'slot', at: time, capacity: site.slots.capacity } : { kind: 'slot_unavailable' };
}

/** Who was still there when the call was asked for has not left a minute later. Whoever is asleep is not rung. */
const CLOSING_GRACE_MS = 60_000;

function lastMoment(hours: Hours, callee: readonly Hours[], now: number): number | undefined {
  const until = now + DIAL_WITHIN_MS;
  const last = Math.min(nextChange(hours, now, until) + CLOSING_GRACE_MS, ...callee.map((each) => nextChange(each, now, until)));
  return last < until ? last : undefined;
}

/** Whether nobody is there now; a department that is no longer configured has the hours of its site. */
export function isShut(site: SiteConfig, department: string | undefined, now: number): boolean {
  return !isOpen(hoursOf(site, department === undefined ? undefined : site.departments.get(department)), now);
}

/** What a department leaves open is the site's; where neither says anything somebody is always there. */
export function hoursOf(site: SiteConfig, department: DepartmentConfig | undefined): Hours {
  return department?.hours ?? site.hours ?? { timeZone: site.timeZone, week: ALWAYS, days: NO_DAYS };
}

const ALWAYS = Array.from({ length: 7 }, () => [{ from: '00:00', until: '24:00' }]);
const NO_DAYS: Hours['days'] = new Map();
