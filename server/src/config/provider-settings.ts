/** The accounts by which calls are made, a group of settings for each kind. */
import * as z from 'zod';
import { parseWebhookUrl } from '../providers/bitrix24/webhook-url.ts';
import type { ProviderConfig } from './config.ts';
import type { Environment } from './environment.ts';
import {
  findApiHostFault,
  findAppIdFault,
  findAppSecretFault,
  findAuthServerFault,
  findMemberIdFault,
  findPortalFault,
} from './provider-values.ts';
import { findEventTokenFault } from './relay-values.ts';
import { secretOf } from './secret-setting.ts';
import { checkedText, settings } from './setting.ts';

export const TELPHIN_HOST = 'https://apiproxy.telphin.ru';

/** All of them, which the compiler sees to. */
const TYPES = { bitrix24: true, bitrix24_app: true, telphin: true } satisfies Record<ProviderConfig['type'], true>;
const NO_TYPE = `Must be one of: ${Object.keys(TYPES).join(', ')}.`;

/** One account. `env` is where references to secrets lead. */
export function providerSettings(env: Environment) {
  return z.discriminatedUnion('type', [portalSettings(env), applicationSettings(env), telphinSettings(env)], NO_TYPE);
}

export function portalSettings(env: Environment) {
  return z.strictObject({
    type: z.literal('bitrix24', NO_TYPE).register(settings, {
      sentence: 'Kind of the account: Bitrix24 by inbound webhook.',
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

export function applicationSettings(env: Environment) {
  return z.strictObject({
    type: z.literal('bitrix24_app', NO_TYPE).register(settings, {
      sentence: 'Kind of the account: Bitrix24 by an application that is installed in the portal.',
      example: 'bitrix24_app',
    }),
    clientId: checkedText(findAppIdFault).register(settings, {
      sentence: 'Id of the application (`client_id`).',
      example: 'local.0123456789abcd.01234567',
    }),
    clientSecret: secretOf(env, findAppSecretFault).register(settings, {
      sentence: 'Secret of the application (`client_secret`).',
      example: { $env: 'SHOP_APP_SECRET' },
    }),
    memberId: checkedText(findMemberIdFault).optional().register(settings, {
      sentence: 'The `member_id` of the one portal that may install the application.',
      example: '0123456789abcdef0123456789abcdef',
      defaultText: 'the first portal that does',
    }),
    portal: checkedText(findPortalFault).optional().register(settings, {
      sentence: 'Address of that portal when it installs the application, where `memberId` is not known yet.',
      example: 'https://shop.bitrix24.com',
      defaultText: 'any',
    }),
    authServer: checkedText(findAuthServerFault).optional().register(settings, {
      sentence: 'Address of an authorisation server other than those of Bitrix24. Plain `http` for this machine alone.',
      example: 'http://127.0.0.1:8790',
      defaultText: 'that of Bitrix24 which the portal names',
    }),
  });
}

export function telphinSettings(env: Environment) {
  return z.strictObject({
    type: z.literal('telphin', NO_TYPE).register(settings, {
      sentence: 'Kind of the account: Telphin, or another operator of the RingMe platform.',
      example: 'telphin',
    }),
    host: checkedText(findApiHostFault)
      .default(TELPHIN_HOST)
      .register(settings, {
        sentence: "Address of the operator's API. Plain `http` for this machine alone.",
        example: 'https://apiproxy.example.com',
        env: { name: 'TELPHIN_HOST', form: 'text' },
      }),
    appId: checkedText(findAppIdFault).register(settings, {
      sentence: 'App ID of an application of the type `trusted`.',
      example: '0123456789abcdef',
      env: { name: 'TELPHIN_APP_ID', form: 'text' },
    }),
    appSecret: secretOf(env, findAppSecretFault).register(settings, {
      sentence: 'App Secret of that application.',
      example: { $env: 'SHOP_TELPHIN_SECRET' },
      env: { name: 'TELPHIN_APP_SECRET', form: 'secret' },
    }),
  });
}

/** Every setting of any account, for what is said about a place whose type is not known. */
export const anyProviderSettings = z.strictObject({
  ...telphinSettings({}).shape,
  ...applicationSettings({}).shape,
  ...portalSettings({}).shape,
});

function findWebhookUrlFault(text: string): string | undefined {
  const parsed = parseWebhookUrl(text);
  return parsed.ok ? undefined : parsed.fault;
}
