/**
 * How many calls may be accepted. Whoever pays for the calls may tighten every limit freely; loosening one beyond its default
 * costs money when the form is abused, and must be said on purpose.
 */
import * as z from 'zod';
import type { Limits } from './config.ts';
import { settings, settingsOf, wholeNumber } from './setting.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MAX_COUNT = 10_000;
const MAX_COOLDOWN_SECONDS = 86_400;

const count = (preset: number, sentence: string) =>
  wholeNumber(1, MAX_COUNT).default(preset).register(settings, { sentence, example: preset });

export const limitSettings = z.strictObject({
  numberPer15Minutes: count(2, 'Accepted calls to one telephone number in 15 minutes, over all sites.'),
  numberPer6Hours: count(3, 'The same in 6 hours.'),
  numberPer24Hours: count(5, 'The same in 24 hours.'),
  numberCooldownSeconds: wholeNumber(0, MAX_COOLDOWN_SECONDS).default(60).register(settings, {
    sentence: 'Pause after the end of a call before the same number is called again.',
    example: 60,
  }),
  sourcePerHour: count(10, 'Accepted calls from one network address (an IPv4 address, an IPv6 /64) in an hour.'),
  sourcePer24Hours: count(20, 'The same in 24 hours.'),
  sourceSoftPerHour: count(3, 'Accepted calls from one network address in an hour, after which the next has to bring a harder proof.'),
  sourceNumbersPer24Hours: count(10, 'Different numbers asked for from one network address in 24 hours.'),
  sourceNumbersSoftPerHour: count(
    3,
    'Different numbers from one network address in an hour, after which the next needs the hardest proof.',
  ),
  sourceNumbersSoftPer24Hours: count(4, 'The same in 24 hours.'),
  sitePerMinute: count(6, 'Accepted calls of one site in a minute.'),
  sitePerHour: count(60, 'The same in an hour.'),
  sitePer24Hours: count(300, 'The same in 24 hours.'),
  deploymentPerMinute: count(30, 'Accepted calls of all sites together in a minute.'),
  deploymentPerHour: count(300, 'The same in an hour.'),
  deploymentPer24Hours: count(1_000, 'The same in 24 hours.'),
  destinationPercent: z
    .union([wholeNumber(1, 99), z.literal('off')], 'Must be a whole number from 1 to 99, or "off".')
    .default(40)
    .register(settings, {
      sentence:
        'Share, in percent, of the last 50 accepted calls (of a week at most) that may go to numbers which begin with the same six digits; past it the next to such a number needs the hardest proof, and the operator is told. `off` looks at no share.',
      example: 40,
    }),
  destinationCalls: count(10, 'So many of those calls may go there whatever their share.'),
  shieldPerMinute: count(30, 'Requests from one network address in a minute, whatever becomes of them.'),
  shieldPerHour: count(300, 'The same in an hour.'),
  acceptHigherCost: z.boolean().default(false).register(settings, {
    sentence: 'With `true`, limits and budgets looser than their defaults are accepted: you pay for the calls that they let through.',
    example: true,
  }),
});

export function toLimits(read: z.output<typeof limitSettings>): Limits {
  return {
    number: [
      { max: read.numberPer15Minutes, perMs: 15 * MINUTE_MS },
      { max: read.numberPer6Hours, perMs: 6 * HOUR_MS },
      { max: read.numberPer24Hours, perMs: DAY_MS },
    ],
    numberCooldownMs: read.numberCooldownSeconds * 1000,
    source: [
      { max: read.sourcePerHour, perMs: HOUR_MS },
      { max: read.sourcePer24Hours, perMs: DAY_MS },
    ],
    sourceSoft: [{ max: read.sourceSoftPerHour, perMs: HOUR_MS, level: 2 }],
    sourceNumbers: [{ max: read.sourceNumbersPer24Hours, perMs: DAY_MS }],
    sourceNumbersSoft: [
      { max: read.sourceNumbersSoftPerHour, perMs: HOUR_MS, level: 3 },
      { max: read.sourceNumbersSoftPer24Hours, perMs: DAY_MS, level: 3 },
    ],
    site: [
      { max: read.sitePerMinute, perMs: MINUTE_MS },
      { max: read.sitePerHour, perMs: HOUR_MS },
      { max: read.sitePer24Hours, perMs: DAY_MS },
    ],
    deployment: [
      { max: read.deploymentPerMinute, perMs: MINUTE_MS },
      { max: read.deploymentPerHour, perMs: HOUR_MS },
      { max: read.deploymentPer24Hours, perMs: DAY_MS },
    ],
    destinations: read.destinationPercent === 'off' ? undefined : { calls: read.destinationCalls, percent: read.destinationPercent },
    shield: [
      { max: read.shieldPerMinute, perMs: MINUTE_MS },
      { max: read.shieldPerHour, perMs: HOUR_MS },
    ],
  };
}

/** The limits, as they stand in the file, that are looser than their defaults without the operator's word. */
export function findLooseLimits(given: Readonly<Record<string, unknown>>): { key: string; message: string }[] {
  if (given.acceptHigherCost === true) return [];
  return settingsOf(limitSettings).flatMap(({ key, defaultValue }) => {
    const value = given[key];
    if ((typeof value !== 'number' && value !== 'off') || typeof defaultValue !== 'number') return [];
    // A pause is the one limit that gets looser by getting smaller.
    const isLoose = value === 'off' || (key === 'numberCooldownSeconds' ? value < defaultValue : value > defaultValue);
    const bound = key === 'numberCooldownSeconds' ? 'at least' : 'at most';
    if (!isLoose) return [];
    return [{ key, message: `Set it to ${bound} ${defaultValue}, or add "acceptHigherCost": true to the limits if you accept the cost.` }];
  });
}
