/** Opening hours, departments and slots, as the file describes them; hours also as one line, for the environment. */
import * as z from 'zod';
import { findDateFault, findHoursFault, findSpanFault, findWeekdaysFault, toHours } from './hours-values.ts';
import { mapOf } from './map-of.ts';
import { findLineFault } from './provider-values.ts';
import { findTimeZoneFault } from './relay-values.ts';
import { telphinOptions } from './route-settings.ts';
import { checkedText, settings, wholeNumber } from './setting.ts';
import { findAnnouncementFault, findKeyFault, findLabelFault, MAX_NAME_LENGTH } from './site-values.ts';

const spans = z.array(checkedText(findSpanFault));

export const hoursGroup = z.strictObject({
  timeZone: checkedText(findTimeZoneFault).optional(),
  week: mapOf(spans, findWeekdaysFault),
  days: mapOf(spans, findDateFault).optional(),
});

/** Comes out as `Hours`, in which the time zone may still be missing. */
export const hoursSetting = z.preprocess(
  readNotation,
  hoursGroup
    .superRefine((written, context) => {
      const message = findHoursFault(written);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .transform((written) => ({ timeZone: written.timeZone, ...toHours(written) })),
);

/** Times per day in order, `everyMinutes` after the full hour; such as fit whole into an hour. */
const STEPS = [5, 10, 15, 20, 30, 60] as const;
const NO_STEP = `Must be one of: ${STEPS.join(', ')}.`;

export const slotSettings = z.strictObject({
  everyMinutes: z
    .number(NO_STEP)
    .refine((minutes) => STEPS.some((step) => step === minutes), NO_STEP)
    .default(30)
    .register(settings, { sentence: 'A slot begins at every so many minutes after the full hour: 5, 10, 15, 20, 30 or 60.', example: 15 }),
  capacity: wholeNumber(1, 100).default(2).register(settings, { sentence: 'Calls in one slot, per department, 1 to 100.', example: 4 }),
  daysAhead: wholeNumber(1, 31).default(7).register(settings, { sentence: 'How many days ahead slots are offered, 1 to 31.', example: 14 }),
});

/** A number alone says how often slots begin. */
export const slotSetting = z.preprocess((given, context) => {
  if (typeof given === 'string') context.addIssue({ code: 'custom', message: NO_STEP, input: given });
  return typeof given === 'number' ? { everyMinutes: given } : given;
}, slotSettings);

export const departmentSettings = z.strictObject({
  name: checkedText(findLabelFault(MAX_NAME_LENGTH)).register(settings, {
    sentence: 'What the form calls it. At most 80 characters.',
    example: 'Repairs',
  }),
  provider: checkedText(findKeyFault).optional().register(settings, {
    sentence: 'Name of the account that rings for this department; it needs a `line` of its own then.',
    example: 'spare',
    defaultText: "the site's",
  }),
  line: checkedText(findLineFault).optional().register(settings, {
    sentence: 'Id of the line on which this department is rung.',
    example: 'reg1340',
    defaultText: "the site's",
  }),
  telphin: telphinOptions.optional().register(settings, {
    sentence:
      "What is set for its calls by Telphin, over the site's setting by setting; an account of its own takes nothing of the site's, a line of its own no `srcNum`.",
    example: { srcNum: ['102'] },
    defaultText: "the site's",
  }),
  announcement: checkedText(findAnnouncementFault).optional().register(settings, {
    sentence: 'What its people hear before they are connected; written like that of the site.',
    example: 'A callback for repairs.',
    defaultText: "the site's",
  }),
  hours: hoursSetting.optional().register(settings, {
    sentence: 'When somebody answers there; written like those of the site.',
    example: { week: { 'mon-thu': ['08:00-16:00'] } },
    defaultText: "the site's",
  }),
});

/** `mon-fri 09:00-12:30 13:30-18:00, sat 10:00-14:00, 12-25 off` as the file would hold it. */
function readNotation(given: unknown, context: z.RefinementCtx): unknown {
  if (typeof given !== 'string') return given;
  const week: Record<string, string[]> = {};
  const days: Record<string, string[]> = {};
  for (const [index, part] of given.split(',').entries()) {
    const [day = '', ...times] = part.trim().split(/\s+/);
    const group = /^\d/.test(day) ? days : week;
    const message = findPartFault(day, times) ?? (Object.hasOwn(group, day) ? 'This day is named twice.' : undefined);
    if (message !== undefined) context.addIssue({ code: 'custom', message: `Part ${index + 1}: ${message}`, input: given });
    group[day] = times.filter((time) => time !== OFF);
  }
  return { week, days };
}

const OFF = 'off';

function findPartFault(day: string, times: readonly string[]): string | undefined {
  const dayFault = /^\d/.test(day) ? findDateFault(day) : findWeekdaysFault(day);
  if (dayFault !== undefined) return dayFault;
  if (times.length === 0) return `Name the times after the day, such as 09:00-18:00, or ${OFF}.`;
  return times.length === 1 && times[0] === OFF ? undefined : times.map(findSpanFault).find((fault) => fault !== undefined);
}
