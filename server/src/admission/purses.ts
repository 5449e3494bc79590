/** Whose money a call may cost, and until when: one purse a day, for the site and for the deployment, each in its own zone. */
import { DateTime } from 'luxon';
import type { Config, SiteConfig } from '../config/config.ts';
import type { Reservation } from '../store/acceptance.ts';

export interface Day {
  /** ISO 8601 date. */
  date: string;
  /** When the next day begins: 23, 24 or 25 hours after this one did, and not always at midnight. */
  endsAt: number;
}

/** What both purses have to set aside for one call: those of today, or of the day of the slot on which it will be dialled. */
export type Reserve = (site: SiteConfig, now: number, slotAt?: number) => readonly Reservation[];

export function purses(deployment: Config['budget']): Reserve {
  const dayIn = calendar();
  return (site, now, slotAt) => {
    const amount = site.budget.perCall;
    const dayOf = (timeZone: string) => (slotAt === undefined ? dayIn(timeZone, now) : readDay(timeZone, slotAt));
    const day = dayOf(site.timeZone);
    const everybodys = dayOf(deployment.timeZone);
    return [
      { scope: 'site_budget', key: `site:${site.key}:${day.date}`, amount, ceiling: site.budget.perDay, resetsAt: day.endsAt },
      {
        scope: 'deployment_budget',
        key: `deployment:${everybodys.date}`,
        amount,
        ceiling: deployment.perDay,
        resetsAt: everybodys.endsAt,
      },
    ];
  };
}

/** Reading a zone's calendar costs more than all other checks together, so each zone's day is kept until it is over. */
export function calendar(): (timeZone: string, now: number) => Day {
  const days = new Map<string, Day & { readAt: number }>();
  return (timeZone, now) => {
    const known = days.get(timeZone);
    if (known !== undefined && known.readAt <= now && now < known.endsAt) return known;
    const day = { ...readDay(timeZone, now), readAt: now };
    days.set(timeZone, day);
    return day;
  };
}

function readDay(timeZone: string, now: number): Day {
  const here = DateTime.fromMillis(now, { zone: timeZone });
  const date = here.toISODate();
  // A zone that is not known would otherwise have one purse for all time.
  if (date === null) throw new RangeError('The time zone is not known here.');
  // From the day's begin to the next day's begin, not from now: a midnight may come twice (the first counts) or not at all.
  return { date, endsAt: here.startOf('day').plus({ days: 1 }).startOf('day').toMillis() };
}
