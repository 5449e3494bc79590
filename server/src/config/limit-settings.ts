/**
 * How many calls may be accepted. Whoever pays for the calls may tighten every limit freely; loosening one beyond its default
 * costs money when the form is abused, and must be said on purpose.
 */
import * as z from 'zod';
import type { Limits } from './config.ts';
import { settings, settingsOf, wholeNumber } from './setting.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
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
  acceptHigherCost: z.boolean().default(false).register(settings, {
    sentence: 'With `true`, limits looser than their defaults are accepted: you pay for the calls that they let through.',
    example: true,
  }),
});

export function toLimits(read: z.output<typeof limitSettings>): Limits {
  return {
    number: [
      { max: read.numberPer15Minutes, perMs: 15 * MINUTE_MS },
      { max: read.numberPer6Hours, perMs: 6 * HOUR_MS },
      { max: read.numberPer24Hours, perMs: 24 * HOUR_MS },
    ],
    numberCooldownMs: read.numberCooldownSeconds * 1000,
    source: [
      { max: read.sourcePerHour, perMs: HOUR_MS },
      { max: read.sourcePer24Hours, perMs: 24 * HOUR_MS },
    ],
  };
}

/** The limits, as they stand in the file, that are looser than their defaults without the operator's word. */
export function findLooseLimits(given: Readonly<Record<string, unknown>>): { key: string; message: string }[] {
  if (given.acceptHigherCost === true) return [];
  return settingsOf(limitSettings).flatMap(({ key, defaultValue }) => {
    const value = given[key];
    if (typeof value !== 'number' || typeof defaultValue !== 'number') return [];
    // A pause is the one limit that gets looser by getting smaller.
    const isLoose = key === 'numberCooldownSeconds' ? value < defaultValue : value > defaultValue;
    const bound = key === 'numberCooldownSeconds' ? 'at least' : 'at most';
    if (!isLoose) return [];
    return [{ key, message: `Set it to ${bound} ${defaultValue}, or add "acceptHigherCost": true to the limits if you accept the cost.` }];
  });
}
