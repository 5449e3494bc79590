/**
 * The whole configuration as one document. It has the shape of the JSON file; the environment is a second way to write the same
 * (environment.ts), so there is one schema, one set of rules and one description of everything.
 */
import * as z from 'zod';
import { channelSettings } from './channel-settings.ts';
import type { Environment } from './environment.ts';
import { limitSettings } from './limit-settings.ts';
import { mapOf } from './map-of.ts';
import { providerSettings } from './provider-settings.ts';
import { findHostFault, findRangeFault, findRelaySecretFault, findStoreFault, findTimeZoneFault } from './relay-values.ts';
import { secretOf, secretsOf } from './secret-setting.ts';
import { checkedText, settings, wholeNumber } from './setting.ts';
import { siteSettings } from './site-settings.ts';
import { findKeyFault, findPrefixFault } from './site-values.ts';

const NO_PROXY = 'Must be the number of proxies, 1 to 10, a list of their addresses and networks, or "cloudflare".';

/** `env` is where references to secrets lead. */
export function configDocument(env: Environment) {
  return relaySettings(env).extend({
    providers: mapOf(providerSettings(env)).default(new Map()),
    channels: mapOf(channelSettings(env)).default(new Map()),
    sites: mapOf(siteSettings(env)).default(new Map()),
    limits: limitSettings.prefault({}),
  });
}

export function relaySettings(env: Environment) {
  return z.strictObject({
    host: checkedText(findHostFault)
      .optional()
      .register(settings, {
        sentence: 'Address to listen on.',
        example: '0.0.0.0',
        env: { name: 'HOST', form: 'text' },
        defaultText: '`0.0.0.0` (every network of the machine); `127.0.0.1` (this machine alone) in the demo',
      }),
    port: wholeNumber(0, 65_535)
      .default(8787)
      .register(settings, {
        sentence: 'Port to listen on. 0 takes any free one.',
        example: 8787,
        env: { name: 'PORT', form: 'number' },
      }),
    store: checkedText(findStoreFault)
      .default('sqlite:./data/ringback.db')
      .register(settings, {
        sentence:
          'Where calls are kept: `sqlite:<path>`, seen from the folder in which the relay starts. `sqlite::memory:` forgets everything when it stops.',
        example: 'sqlite:/var/lib/ringback/ringback.db',
        env: { name: 'RINGBACK_STORE', form: 'text' },
      }),
    secret: secretOf(env, findRelaySecretFault)
      .optional()
      .register(settings, {
        sentence:
          'Encrypts the numbers in the store and keys every hash there: at least 32 random bytes (`openssl rand -base64 32`). Keep it: without it the stored numbers cannot be read.',
        example: { $env: 'RINGBACK_SECRET' },
        env: { name: 'RINGBACK_SECRET', form: 'secret' },
        defaultText: 'made once, in a file beside the store',
      }),
    previousSecrets: secretsOf(env, findRelaySecretFault)
      .optional()
      .register(settings, {
        sentence: 'Secrets that were in use before, newest first, separated by commas: what they encrypted is still read.',
        example: { $env: 'RINGBACK_PREVIOUS_SECRETS' },
        env: { name: 'RINGBACK_PREVIOUS_SECRETS', form: 'secret' },
        defaultText: 'the one in the file beside the store, if there is one',
      }),
    trustProxy: z
      .union([wholeNumber(1, 10), z.literal('cloudflare'), z.array(checkedText(findRangeFault)).min(1, NO_PROXY)], NO_PROXY)
      .optional()
      .register(settings, {
        sentence:
          'Proxies in front of the relay whose `X-Forwarded-For` is believed: how many (1 to 10), or their addresses and networks (CIDR). `cloudflare` believes `CF-Connecting-IP` from the networks of Cloudflare alone.',
        example: 1,
        env: { name: 'RINGBACK_TRUST_PROXY', form: 'number_or_list' },
        defaultText: 'none: the address of the connection counts',
      }),
    timeZone: checkedText(findTimeZoneFault)
      .default('UTC')
      .register(settings, {
        sentence: 'Time zone in which the days of the budgets begin, by its name in the IANA database.',
        example: 'Europe/Berlin',
        env: { name: 'RINGBACK_TIME_ZONE', form: 'text' },
      }),
    budgetPerDay: wholeNumber(1, 1_000_000_000).optional().register(settings, {
      sentence: 'What the calls of all sites may cost in a day. They share it, so all count in one unit: one `currency`, or none.',
      example: 500,
      defaultText: "1,000 times the highest `budgetPerCall` of a site, or a site's own `budgetPerDay` where that is more",
    }),
    notify: z
      .array(checkedText(findKeyFault))
      .optional()
      .register(settings, {
        sentence:
          "Channels that are told of faults which are no site's own, and of calls of a site that was taken out of the configuration.",
        example: ['mail'],
        defaultText: 'all channels',
      }),
    language: z
      .enum(['en', 'ru'], 'Must be one of: en, ru.')
      .default('en')
      .register(settings, {
        sentence: 'Language in which the company is told of calls that did not connect: `en` or `ru`.',
        example: 'ru',
        env: { name: 'RINGBACK_LANGUAGE', form: 'text' },
      }),
    deniedPrefixes: z
      .array(checkedText(findPrefixFault))
      .default([])
      .register(settings, {
        sentence: 'Beginnings of numbers that no site calls, besides those that are never called anyway. International form.',
        example: ['+7940', '+44707'],
        defaultText: 'none',
      }),
    paused: z
      .boolean()
      .default(false)
      .register(settings, {
        sentence: 'The kill switch: with `true`, nothing is accepted and nothing is dialled.',
        example: true,
        env: { name: 'RINGBACK_PAUSED', form: 'boolean' },
      }),
  });
}
