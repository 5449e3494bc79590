/**
 * The whole configuration as one document. It has the shape of the JSON file; the environment is a second way to write the same
 * (environment.ts), so there is one schema, one set of rules and one description of everything.
 */
import * as z from 'zod';
import { parseWebhookUrl } from '../providers/bitrix24/webhook-url.ts';
import { type Environment, readVariable } from './environment.ts';
import { limitSettings } from './limit-settings.ts';
import { findEventTokenFault, findHostFault, findRangeFault, findRelaySecretFault, findStoreFault } from './relay-values.ts';
import { Secret } from './secret.ts';
import { checkedText, settings, wholeNumber } from './setting.ts';
import {
  findAnnouncementFault,
  findCountryFault,
  findKeyFault,
  findLabelFault,
  findLinkFault,
  findOriginFault,
  findPhoneFault,
  findProviderIdFault,
  MAX_CONSENT_LENGTH,
  MAX_NAME_LENGTH,
} from './site-values.ts';

/** Capitals only: a token that somebody put here by mistake is not taken for a name and repeated in a fault. */
const VARIABLE_NAME = /^[A-Z][A-Z0-9_]{0,63}$/;
const DEFAULT_ANNOUNCEMENT = 'You have a callback request from the website. Connecting you now.';
const SECRET_IN_FILE = 'A secret does not stand in the file. Write { "$env": "NAME" } here and set that environment variable.';

const NO_PROXY = 'Must be the number of proxies, 1 to 10, or a list of their addresses and networks.';
const NO_COUNTRY = 'Name at least one country, or leave this out.';

const country = checkedText(findCountryFault);
const providerId = checkedText(findProviderIdFault);

export const siteSettings = z.strictObject({
  provider: checkedText(findKeyFault).register(settings, { sentence: 'Name of the provider account that rings.', example: 'main' }),
  line: providerId.clone().register(settings, {
    sentence: 'Id of the line on which your team is rung first.',
    example: 'reg1332',
    env: { name: 'BITRIX24_LINE', form: 'text' },
  }),
  voice: providerId.optional().register(settings, {
    sentence: 'Id of the voice that speaks the announcement.',
    example: 'ukenglishfemale',
    env: { name: 'BITRIX24_VOICE', form: 'text' },
    defaultText: "the portal's own",
  }),
  announcement: checkedText(findAnnouncementFault)
    .default(DEFAULT_ANNOUNCEMENT)
    .register(settings, {
      sentence: 'What your team hears before it is connected; the visitor does not hear it. At most 300 characters, without `<` and `>`.',
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
});

/** `env` is where references to secrets lead. */
export function configDocument(env: Environment) {
  return relaySettings(env).extend({
    providers: mapOf(providerSettings(env)).default(new Map()),
    sites: mapOf(siteSettings).default(new Map()),
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
    trustProxy: z
      .union([wholeNumber(1, 10), z.array(checkedText(findRangeFault)).min(1, NO_PROXY)], NO_PROXY)
      .optional()
      .register(settings, {
        sentence:
          'Proxies in front of the relay whose `X-Forwarded-For` is believed: how many (1 to 10), or their addresses and networks (CIDR).',
        example: 1,
        env: { name: 'RINGBACK_TRUST_PROXY', form: 'number_or_list' },
        defaultText: 'none: the address of the connection counts',
      }),
  });
}

/** One provider account. */
export function providerSettings(env: Environment) {
  return z.strictObject({
    type: z.literal('bitrix24', 'There is one kind of provider: "bitrix24".').register(settings, {
      sentence: 'Kind of the account.',
      example: 'bitrix24',
    }),
    webhookUrl: secretOf(env, findWebhookUrlFault).register(settings, {
      sentence:
        'Inbound webhook of the portal with the right to telephony: `https://<portal>/rest/<user>/<secret>/`. Plain `http` for this machine alone.',
      example: { $env: 'SHOP_WEBHOOK_URL' },
      env: { name: 'BITRIX24_WEBHOOK_URL', form: 'secret' },
    }),
    eventToken: secretOf(env, findEventTokenFault)
      .optional()
      .register(settings, {
        sentence: "Application token of the portal's outgoing webhook, which tells how calls went on.",
        example: { $env: 'SHOP_EVENT_TOKEN' },
        env: { name: 'BITRIX24_EVENT_TOKEN', form: 'secret' },
        defaultText: 'events are not taken',
      }),
  });
}

function findWebhookUrlFault(text: string): string | undefined {
  const parsed = parseWebhookUrl(text);
  return parsed.ok ? undefined : parsed.fault;
}

/** A reference to an environment variable that holds a secret. Nothing here ever repeats what it holds. */
function secretOf(env: Environment, findFault: (text: string) => string | undefined) {
  const name = z.string(SECRET_IN_FILE).regex(VARIABLE_NAME, 'Must name an environment variable in capitals, such as SHOP_WEBHOOK_URL.');
  return z.strictObject({ $env: name }, SECRET_IN_FILE).transform((reference, context) => {
    const text = readVariable(env, reference.$env);
    if (text === undefined) {
      context.addIssue({ code: 'custom', message: `Set the environment variable ${reference.$env}.` });
      return z.NEVER;
    }
    const fault = findFault(text);
    if (fault === undefined) return new Secret(text);
    context.addIssue({ code: 'custom', message: fault });
    return z.NEVER;
  });
}

/** A Map has no prototype that a key of the file could reach. */
function mapOf<Value extends z.ZodType>(value: Value) {
  const toMap = (given: unknown) => (isObject(given) ? new Map(Object.entries(given)) : given);
  return z.preprocess(toMap, z.map(checkedText(findKeyFault), value));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
