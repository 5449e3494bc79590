/** The ways by which the company is told, a group of settings for each. */
import * as z from 'zod';
import { findMailAddressFault, findMailServerFault, findReceiverFault, findSigningSecretFault } from './channel-values.ts';
import type { Environment } from './environment.ts';
import { secretOf } from './secret-setting.ts';
import { checkedText, settings, wholeNumber } from './setting.ts';
import { findKeyFault } from './site-values.ts';

const NO_TYPE = 'Must be one of: webhook, email, bitrix24_crm.';

/** One channel. `env` is where references to secrets lead. */
export function channelSettings(env: Environment) {
  return z.discriminatedUnion('type', [webhookSettings(env), emailSettings(env), crmSettings], NO_TYPE);
}

export function webhookSettings(env: Environment) {
  return z.strictObject({
    type: z
      .literal('webhook', NO_TYPE)
      .register(settings, { sentence: 'Kind of the channel: signed JSON to an address of yours.', example: 'webhook' }),
    url: secretOf(env, findReceiverFault).register(settings, {
      sentence: 'Where the signed messages go. `https`; plain `http` for this machine alone. Redirects are not followed.',
      example: { $env: 'SHOP_LEADS_URL' },
      env: { name: 'RINGBACK_WEBHOOK_URL', form: 'secret' },
    }),
    secret: secretOf(env, findSigningSecretFault).register(settings, {
      sentence:
        'Signs them: `whsec_` and 24 to 64 random bytes in base64 (`echo whsec_$(openssl rand -base64 32)`). The receiver has the same.',
      example: { $env: 'SHOP_LEADS_SECRET' },
      env: { name: 'RINGBACK_WEBHOOK_SECRET', form: 'secret' },
    }),
  });
}

export function emailSettings(env: Environment) {
  return z.strictObject({
    type: z.literal('email', NO_TYPE).register(settings, { sentence: 'Kind of the channel: mail.', example: 'email' }),
    server: secretOf(env, findMailServerFault).register(settings, {
      sentence:
        'Mail server: `smtps://user:password@host` (port 465) or `smtp://user:password@host:587`, with `%` codes for special characters. TLS is used always, except to this machine.',
      example: { $env: 'SHOP_MAIL_SERVER' },
      env: { name: 'RINGBACK_MAIL_SERVER', form: 'secret' },
    }),
    from: checkedText(findMailAddressFault).register(settings, {
      sentence: 'Sender: an address that the user of the mail server may send as.',
      example: 'callback@example.com',
      env: { name: 'RINGBACK_MAIL_FROM', form: 'text' },
    }),
    to: z
      .array(checkedText(findMailAddressFault))
      .min(1, 'Name at least one address.')
      .max(20, 'Name at most 20 addresses.')
      .register(settings, {
        sentence: 'Who is told, 1 to 20 addresses.',
        example: ['sales@example.com'],
        env: { name: 'RINGBACK_MAIL_TO', form: 'list' },
      }),
  });
}

export const crmSettings = z.strictObject({
  type: z.literal('bitrix24_crm', NO_TYPE).register(settings, {
    sentence: "Kind of the channel: tasks and leads in a portal's CRM. Its webhook needs the scope `crm`, and `im` for notices.",
    example: 'bitrix24_crm',
  }),
  provider: checkedText(findKeyFault).register(settings, {
    sentence: 'Name of the provider account whose portal it is.',
    example: 'main',
  }),
  responsibleId: wholeNumber(1, 2_147_483_647)
    .optional()
    .register(settings, {
      sentence: 'Id of the user of the portal who gets tasks and leads.',
      example: 7,
      env: { name: 'RINGBACK_CRM_RESPONSIBLE', form: 'number' },
      defaultText: 'whoever is responsible for the customer, else the owner of the webhook',
    }),
});

/** Stands in the environment alone: in a file, the channel is there or not. */
export const crmSwitch = z.strictObject({
  crm: z
    .boolean()
    .default(true)
    .register(settings, {
      sentence: "With `true`, calls that do not connect are entered in the portal's CRM.",
      example: false,
      env: { name: 'RINGBACK_CRM', form: 'boolean' },
    }),
});

/** Every setting of any channel, for what is said about a place whose type is not known. */
export const anyChannelSettings = z.strictObject({ ...crmSettings.shape, ...emailSettings({}).shape, ...webhookSettings({}).shape });
