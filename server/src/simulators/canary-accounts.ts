/** Every account and every channel that a relay can have, each on a loopback port of Node and with a marked secret of its own. */
import { systemClock } from '../platforms/node-clock.ts';
import { type Bitrix24Portal, bitrix24Portal } from './bitrix24/portal.ts';
import { type ServedApplication, serveApplication } from './bitrix24/serve-application.ts';
import { servePortal } from './bitrix24/serve-portal.ts';
import { MARKS } from './canary-marks.ts';
import { type MailServer, mailServer } from './mail-server.ts';
import { serveTelphin } from './telphin/serve-telphin.ts';
import { type TelphinHost, telphinHost } from './telphin/telphin-host.ts';
import { type WebhookReceiver, webhookReceiver } from './webhook-receiver.ts';

export interface CanaryAccounts {
  telphin: TelphinHost;
  crm: ServedApplication;
  spare: Bitrix24Portal;
  mail: MailServer;
  hook: WebhookReceiver;
  /** The secrets, for `{ "$env": … }` in the file. */
  env: Record<string, string>;
  /** `providers` and `channels` of the file. */
  providers: Record<string, object>;
  channels: Record<string, object>;
  close(): Promise<void>;
}

export const LINE = 'reg1332';
export const EXTENSION = '77';
export const SOUND = 9;
const APP_ID = 'app0app0app0';
const SIGNING_SECRET = `whsec_${Buffer.from(MARKS.signingKey).toString('base64')}`;

export async function canaryAccounts(): Promise<CanaryAccounts> {
  const clock = systemClock;
  const quick = { clock, announcementMs: 0 };
  const telphin = telphinHost({
    ...{ ...quick, appId: APP_ID, appSecret: MARKS.telphinSecret },
    ...{ extensions: { [EXTENSION]: '12037*105' }, sounds: { [SOUND]: 'Greeting' } },
  });
  const spare = bitrix24Portal({ ...quick, userId: '1', webhookSecret: MARKS.webhookSecret, lines: { [LINE]: 'Sales' } });
  const [servedTelphin, servedSpare, mail, hook, crm] = await Promise.all([
    serveTelphin(telphin),
    servePortal(spare),
    mailServer(MARKS.mailPassword),
    webhookReceiver(SIGNING_SECRET),
    serveApplication({
      ...{ clock, clientId: 'local.0123456789abcd.01234567', clientSecret: MARKS.clientSecret, memberId: MARKS.applicationTokens.slice(1) },
      portal: { announcementMs: 0, lines: { [LINE]: 'Sales' }, scopes: ['telephony', 'call', 'crm', 'im'], burst: 1_000 },
    }),
  ]);
  return {
    ...{ telphin, crm, spare, mail, hook },
    env: {
      SPARE_URL: servedSpare.webhookUrl,
      EVENT_TOKEN: MARKS.eventToken,
      TELPHIN_SECRET: MARKS.telphinSecret,
      CLIENT_SECRET: MARKS.clientSecret,
      HOOK_URL: hook.url.replace('/leads', `/${MARKS.hookPath}`),
      HOOK_SECRET: SIGNING_SECRET,
      MAIL_SERVER: mail.url,
    },
    providers: {
      phone: { type: 'telphin', host: servedTelphin.url, appId: APP_ID, appSecret: { $env: 'TELPHIN_SECRET' } },
      crm: {
        type: 'bitrix24_app',
        clientId: 'local.0123456789abcd.01234567',
        clientSecret: { $env: 'CLIENT_SECRET' },
        authServer: crm.url,
      },
      spare: { type: 'bitrix24', webhookUrl: { $env: 'SPARE_URL' }, eventToken: { $env: 'EVENT_TOKEN' } },
    },
    channels: {
      hook: { type: 'webhook', url: { $env: 'HOOK_URL' }, secret: { $env: 'HOOK_SECRET' } },
      mail: { type: 'email', server: { $env: 'MAIL_SERVER' }, from: 'relay@shop.example', to: ['sales@shop.example', 'boss@shop.example'] },
      leads: { type: 'bitrix24_crm', provider: 'crm' },
    },
    async close() {
      await Promise.all([servedTelphin, servedSpare, mail, hook, crm].map((each) => each.close()));
    },
  };
}
