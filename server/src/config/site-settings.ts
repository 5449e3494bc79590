/** Everything that can be set for one site. */
import * as z from 'zod';
import { DEFAULT_CALL_BUDGET } from './budget.ts';
import type { Environment } from './environment.ts';
import { findCalleeHoursFault } from './hours-values.ts';
import { mapOf } from './map-of.ts';
import { findLineFault } from './provider-values.ts';
import { findCurrencyFault, findPageHostFault, findSiteKeyFault, findTimeZoneFault, findVerifierSecretFault } from './relay-values.ts';
import { bridgeSettings, fallbackList, telphinOptions } from './route-settings.ts';
import { secretOf } from './secret-setting.ts';
import { checkedText, settings, wholeNumber } from './setting.ts';
import {
  findAnnouncementFault,
  findCountryFault,
  findKeyFault,
  findLabelFault,
  findLinkFault,
  findOriginFault,
  findPhoneFault,
  findPrefixFault,
  findProviderIdFault,
  MAX_CONSENT_LENGTH,
  MAX_NAME_LENGTH,
} from './site-values.ts';
import { departmentSettings, hoursSetting, slotSetting } from './time-settings.ts';

const DEFAULT_ANNOUNCEMENT = 'You have a callback request from the website. Connecting you now.';
const NO_COUNTRY = 'Name at least one country, or leave this out.';
const PAYABLE_TYPES = ['MOBILE', 'FIXED_LINE', 'FIXED_LINE_OR_MOBILE', 'VOIP'] as const;
const NO_TYPE = 'Must be one of: MOBILE, FIXED_LINE, FIXED_LINE_OR_MOBILE, VOIP.';
const MAX_AMOUNT = 1_000_000_000;

const country = checkedText(findCountryFault);
const providerId = checkedText(findProviderIdFault);

/** One site. `env` is where references to secrets lead. */
export function siteSettings(env: Environment) {
  return z.strictObject({
    provider: checkedText(findKeyFault).register(settings, { sentence: 'Name of the provider account that rings.', example: 'main' }),
    line: checkedText(findLineFault).register(settings, {
      sentence: 'Id of the line on which your team is rung first; at Telphin, of the extension.',
      example: 'reg1332',
      env: { name: 'BITRIX24_LINE', form: 'text' },
    }),
    voice: providerId.optional().register(settings, {
      sentence: 'Id of the voice that speaks the announcement.',
      example: 'ukenglishfemale',
      env: { name: 'BITRIX24_VOICE', form: 'text' },
      defaultText: "the portal's own",
    }),
    fallbacks: fallbackList.default([]).register(settings, {
      sentence:
        'Further ways to ring, in order. The next is taken only where it is certain that the one before has not sent anything: nobody is rung twice.',
      example: [{ provider: 'spare', line: '105' }],
      defaultText: 'none',
    }),
    telphin: telphinOptions.optional().register(settings, {
      sentence: 'What is set for the calls of `provider`, where that is an account at Telphin; see below.',
      example: { announceSoundId: 1234 },
      defaultText: 'nothing',
    }),
    bridge: bridgeSettings.optional().register(settings, {
      sentence: "Takes the requests of a portal's own callback form as well; see below.",
      example: { portal: 'crm', userId: 7 },
      defaultText: 'none are taken',
    }),
    announcement: checkedText(findAnnouncementFault)
      .default(DEFAULT_ANNOUNCEMENT)
      .register(settings, {
        sentence:
          'What your team hears before it is connected; the visitor does not hear it. At most 300 characters, without `<`, `>`, `{` and `}`, except `{name}` (see `speakName`).',
        example: 'Callback from the shop. Connecting you now.',
        env: { name: 'RINGBACK_ANNOUNCEMENT', form: 'text' },
      }),
    origins: z.array(checkedText(findOriginFault)).register(settings, {
      sentence:
        'The pages that may ask for calls, each exactly as browsers write it: `https://host` or `https://host:port`. No path, no wildcard; `http` for this machine alone.',
      example: ['https://www.example.com'],
      env: { name: 'RINGBACK_ORIGINS', form: 'list' },
      withoutVariable: "the relay's own page at `/`, to try it out",
    }),
    country: country.clone().register(settings, {
      sentence: 'Country that the number field starts with (ISO 3166-1 alpha-2).',
      example: 'DE',
      env: { name: 'RINGBACK_COUNTRY', form: 'text' },
      withoutVariable: 'the country whose domain the portal has (`example.bitrix24.de`: DE), else US',
    }),
    countries: z
      .array(country)
      .min(1, NO_COUNTRY)
      .optional()
      .register(settings, {
        sentence: 'Countries whose numbers may be called.',
        example: ['DE', 'AT'],
        env: { name: 'RINGBACK_COUNTRIES', form: 'list' },
        defaultText: 'that country alone',
      }),
    name: checkedText(findLabelFault(MAX_NAME_LENGTH))
      .optional()
      .register(settings, {
        sentence: 'What the company calls itself in the form. At most 80 characters.',
        example: 'Oak & Ash',
        env: { name: 'RINGBACK_NAME', form: 'text' },
      }),
    phone: checkedText(findPhoneFault)
      .optional()
      .register(settings, {
        sentence: "The company's own number, shown to visitors as a link and never called. International form.",
        example: '+4930123456',
        env: { name: 'RINGBACK_PHONE', form: 'text' },
      }),
    promiseSeconds: wholeNumber(1, 600)
      .optional()
      .register(settings, {
        sentence:
          'Within how many seconds the form says that the phone rings, 1 to 600. Nothing is dialled later than 120 seconds after the request.',
        example: 30,
        env: { name: 'RINGBACK_PROMISE_SECONDS', form: 'number' },
        defaultText: 'no promise',
      }),
    consent: z
      .strictObject({
        textId: providerId,
        text: checkedText(findLabelFault(MAX_CONSENT_LENGTH)),
        url: checkedText(findLinkFault).optional(),
      })
      .optional()
      .register(settings, {
        sentence:
          'A text that visitors must agree to: `text`, its version `textId`, which is kept with the call, and a page with more (`url`, optional).',
        example: { textId: 'privacy-3', text: 'I agree to be called back.', url: 'https://www.example.com/privacy' },
        defaultText: 'none is asked for',
      }),
    types: z
      .array(z.enum(PAYABLE_TYPES, NO_TYPE))
      .min(1, 'Name at least one type of number, or leave this out.')
      .default(['MOBILE', 'FIXED_LINE', 'FIXED_LINE_OR_MOBILE'])
      .register(settings, {
        sentence: 'Types of numbers that may be called: `MOBILE`, `FIXED_LINE`, `FIXED_LINE_OR_MOBILE`, and, where you add it, `VOIP`.',
        example: ['MOBILE', 'FIXED_LINE', 'FIXED_LINE_OR_MOBILE', 'VOIP'],
      }),
    blocked: z
      .array(checkedText(findPrefixFault))
      .default([])
      .register(settings, {
        sentence: 'Numbers, and beginnings of numbers, that this site does not call. International form.',
        example: ['+4930123', '+491511234567'],
        env: { name: 'RINGBACK_BLOCKED', form: 'list' },
        defaultText: 'none',
      }),
    ownNumbers: z
      .array(checkedText(findPhoneFault))
      .default([])
      .register(settings, {
        sentence: "The company's further numbers, called for no site: that would be a loop. International form.",
        example: ['+4930123457'],
        env: { name: 'RINGBACK_OWN_NUMBERS', form: 'list' },
        defaultText: 'none',
      }),
    timeZone: checkedText(findTimeZoneFault).optional().register(settings, {
      sentence: "Time zone of this site's hours, in which the days of its budget begin too.",
      example: 'Europe/Berlin',
      defaultText: "the relay's own",
    }),
    hours: hoursSetting.optional().register(settings, {
      sentence:
        'When somebody answers: `week`, and `days` with hours of their own; or all of it in one line, such as `mon-fri 09:00-12:30 13:30-18:00, sat 10:00-14:00, 12-25 off`. See [opening hours](hours.md).',
      example: { week: { 'mon-fri': ['09:00-12:30', '13:30-18:00'], sat: ['10:00-14:00'] }, days: { '2026-12-24': [], '12-25': [] } },
      env: { name: 'RINGBACK_HOURS', form: 'text' },
      defaultText: 'always',
    }),
    slots: slotSetting.optional().register(settings, {
      sentence:
        'Lets visitors choose a time inside the hours: `everyMinutes`, `capacity`, `daysAhead`; `{}` for the usual, or only how many minutes lie between two slots.',
      example: { everyMinutes: 30, capacity: 2, daysAhead: 7 },
      env: { name: 'RINGBACK_SLOTS', form: 'number' },
      defaultText: 'none are offered',
    }),
    departments: mapOf(departmentSettings)
      .default(new Map())
      .register(settings, {
        sentence: 'Departments that visitors may choose from, in this order.',
        example: { repairs: { name: 'Repairs', line: 'reg1340' } },
        defaultText: 'none',
      }),
    calleeHours: checkedText(findCalleeHoursFault)
      .default('08:00-21:00')
      .register(settings, {
        sentence:
          'Calls to another country than that of the site are made between these times of day there, or at any time with `off`. See [opening hours](hours.md).',
        example: '09:00-20:00',
        env: { name: 'RINGBACK_CALLEE_HOURS', form: 'text' },
      }),
    paused: z.boolean().default(false).register(settings, {
      sentence: 'With `true`, nothing is accepted and nothing is dialled for this site.',
      example: true,
    }),
    concurrency: wholeNumber(1, 100).default(2).register(settings, {
      sentence: 'Calls of this site that may ring at once, 1 to 100: the number of people who answer. More wait until their deadline.',
      example: 2,
    }),
    budgetPerCall: wholeNumber(1, MAX_AMOUNT)
      .default(DEFAULT_CALL_BUDGET)
      .register(settings, {
        sentence: 'What one call may cost at most, as a whole number of any unit that you choose, such as cents; 1 counts calls.',
        example: 50,
        env: { name: 'RINGBACK_BUDGET_PER_CALL', form: 'number' },
      }),
    budgetPerDay: wholeNumber(1, MAX_AMOUNT)
      .optional()
      .register(settings, {
        sentence: 'What all calls of a day may cost at most, in the same unit. Nothing is accepted beyond it.',
        example: 2_000,
        env: { name: 'RINGBACK_BUDGET_PER_DAY', form: 'number' },
        defaultText: '100 times `budgetPerCall`',
      }),
    currency: checkedText(findCurrencyFault)
      .optional()
      .register(settings, {
        sentence:
          'Currency of the budgets (ISO 4217), which then count in its smallest unit; what the provider reports to have charged in it replaces `budgetPerCall`.',
        example: 'EUR',
        env: { name: 'RINGBACK_CURRENCY', form: 'text' },
        defaultText: 'none: prices are not heeded',
      }),
    proof: z
      .enum(['off', 'adaptive', 'always'], 'Must be one of: off, adaptive, always.')
      .default('adaptive')
      .register(settings, {
        sentence:
          'When a request has to bring a proof of effort: `off`, `adaptive` (past the soft limits) or `always`. Visitors see no puzzle.',
        example: 'always',
        env: { name: 'RINGBACK_PROOF', form: 'text' },
      }),
    siteverify: z
      .strictObject({
        vendor: z.enum(['turnstile', 'hcaptcha', 'smartcaptcha'], 'Must be one of: turnstile, hcaptcha, smartcaptcha.'),
        siteKey: checkedText(findSiteKeyFault),
        secret: secretOf(env, findVerifierSecretFault),
        hostname: checkedText(findPageHostFault).optional(),
      })
      .optional()
      .register(settings, {
        sentence:
          "Lets a captcha service check the proof: `vendor` (`turnstile`, `hcaptcha` or `smartcaptcha`), its `siteKey`, its `secret`, and, so that no other page's tokens count, the `hostname` of the relay as browsers see it. That is also the host to name in the service's own settings: its script runs on a page of the relay.",
        example: { vendor: 'turnstile', siteKey: '0x4AAAAAAA', secret: { $env: 'SHOP_TURNSTILE_SECRET' }, hostname: 'relay.example.com' },
        defaultText: "the relay's own proof of work",
      }),
    speakName: z
      .boolean()
      .default(false)
      .register(settings, {
        sentence: 'With `true`, the announcement speaks the name that the visitor gave where it says `{name}`.',
        example: true,
        env: { name: 'RINGBACK_SPEAK_NAME', form: 'boolean' },
      }),
    channels: z
      .array(checkedText(findKeyFault))
      .optional()
      .register(settings, {
        sentence: "Channels that are told of this site's calls that did not connect. `[]` tells nobody.",
        example: ['mail', 'crm'],
        defaultText: 'all channels where there is one site; with several it has to be said',
      }),
    retentionDays: wholeNumber(0, 3_650)
      .default(30)
      .register(settings, {
        sentence:
          'Days for which number and details are kept after the end of a call, and until the company has been told of it (docs/follow-ups.md). 0 forgets them then.',
        example: 7,
        env: { name: 'RINGBACK_RETENTION_DAYS', form: 'number' },
      }),
  });
}
