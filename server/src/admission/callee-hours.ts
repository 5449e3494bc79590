/**
 * When somebody abroad may be rung. A number tells its country and not where in it the telephone is, so a call has to fit every
 * zone of the country's mainland. Islands that lie in another zone are named after their ocean in the zone database; where there
 * is a mainland they do not count, or nobody in Portugal could be called before the Azores are awake.
 */
import { IANAZone } from 'luxon';
import type { Hours, SiteConfig } from '../config/config.ts';

const OCEANS = /^(?:Antarctica|Arctic|Atlantic|Indian|Pacific)\//;

/** Countries of which the runtime knows no zone. */
const UNLISTED: Readonly<Record<string, readonly string[]>> = {
  AC: ['Atlantic/St_Helena'],
  TA: ['Atlantic/St_Helena'],
  XK: ['Europe/Belgrade'],
};

/** All of these have to be open. None for a call inside the site's own country: its own hours are its callers' too. */
export function calleeHours(country: string, { country: home, calleeHours: span }: SiteConfig, now: number): readonly Hours[] {
  if (span === undefined || country === home) return [];
  const week = Array.from({ length: 7 }, () => [span]);
  return mainlandZones(country, new Date(now).getUTCFullYear()).map((timeZone) => ({ timeZone, week, days: new Map() }));
}

/** By country and year: looked up once. */
const known = new Map<string, readonly string[]>();

/** Of zones whose clocks show the same all the year, one. */
export function mainlandZones(country: string, year: number): readonly string[] {
  const key = `${country} ${year}`;
  const zones = known.get(key) ?? findMainlandZones(country, year);
  known.set(key, zones);
  return zones;
}

function findMainlandZones(country: string, year: number): readonly string[] {
  const all = UNLISTED[country] ?? readZones(country);
  const mainland = all.filter((zone) => !OCEANS.test(zone));
  const firsts = Array.from({ length: 12 }, (_, month) => Date.UTC(year, month));
  const showing = (zone: string) => firsts.map((first) => IANAZone.create(zone).offset(first)).join();
  return [...new Map((mainland.length > 0 ? mainland : all).map((zone) => [showing(zone), zone])).values()];
}

/** ECMA-402 "Intl Locale Info": a getter in older engines, a method since. */
type LocaleWithZones = Intl.Locale & { getTimeZones?: () => string[] | undefined; timeZones?: string[] | undefined };

function readZones(country: string): readonly string[] {
  const locale = new Intl.Locale(`und-${country}`) as LocaleWithZones;
  return locale.getTimeZones?.() ?? locale.timeZones ?? [];
}
