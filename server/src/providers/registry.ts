/** Every kind of provider account there is, and how one is made from its configuration. */
import type { Clock } from '../clock.ts';
import type { ProviderConfig } from '../config/config.ts';
import type { Secret } from '../config/secret.ts';
import type { Log } from '../log.ts';
import { bitrix24 } from './bitrix24/bitrix24.ts';
import { bitrix24App } from './bitrix24/bitrix24-app.ts';
import { appInstaller } from './bitrix24/bitrix24-app-install.ts';
import type { AppSeat } from './bitrix24/bitrix24-app-seat.ts';
import { type Bitrix24Client, bitrix24Client } from './bitrix24/bitrix24-client.ts';
import { parseWebhookUrl } from './bitrix24/webhook-url.ts';
import type { Credentials } from './credentials.ts';
import type { Answer, Installer, Provider, Voice } from './provider.ts';
import { telphin } from './telphin/telphin.ts';

/** All that one account of the configuration is good for. */
export interface Account {
  provider: Provider;
  /** Asks the portal of a Bitrix24 account whatever is not a call: its CRM, its external lines. Undefined: there is no portal. */
  bitrix24?: Bitrix24Client | undefined;
  /** Where the installations of an application are taken. Undefined: the account is configured, not installed. */
  seat?: AppSeat | undefined;
  /** Recordings that the account can play. Undefined: it plays none. */
  sounds?: (() => Promise<Answer<Voice[]>>) | undefined;
}

export interface ProviderSurroundings {
  /** Must open a fresh connection for every request, and never send one twice. */
  fetch: typeof fetch;
  /** For whatever is no dial: the same, waiting for its turn. */
  pacedFetch: typeof fetch;
  clock: Clock;
  log: Log;
  credentials: Credentials;
  /** Where the relay takes an account's events (`/events/…`). */
  eventPathOf: (account: string) => string;
}

export function makeAccounts(configs: ReadonlyMap<string, ProviderConfig>, around: ProviderSurroundings): Map<string, Account> {
  return new Map([...configs].map(([name, config]) => [name, makeAccount(name, config, around)]));
}

export function providersOf(accounts: ReadonlyMap<string, Account>): Map<string, Provider> {
  return new Map([...accounts].map(([name, { provider }]) => [name, provider]));
}

/** An application has one address for installations, so each of its accounts takes those of all. */
export function installersOf(accounts: ReadonlyMap<string, Account>): Map<string, Installer> {
  const seats = [...accounts.values()].flatMap(({ seat }) => (seat === undefined ? [] : [seat]));
  return new Map(seats.map((seat) => [seat.name, appInstaller(seat, seats.filter(isOfApplication(seat)))]));
}

function isOfApplication({ clientId }: AppSeat): (seat: AppSeat) => boolean {
  return (seat) => seat.clientId === clientId;
}

/** Whether an account stays as it was, so that what has been learnt of its state can be kept. */
export function isSameAccount(before: ProviderConfig, after: ProviderConfig): boolean {
  if (before.type === 'bitrix24' && after.type === 'bitrix24') {
    return isSame(before.webhookUrl, after.webhookUrl) && isSame(before.eventToken, after.eventToken);
  }
  if (before.type === 'bitrix24_app' && after.type === 'bitrix24_app') {
    const isSameApp =
      before.clientId === after.clientId &&
      before.memberId === after.memberId &&
      before.portal === after.portal &&
      before.authServer === after.authServer;
    return isSameApp && isSame(before.clientSecret, after.clientSecret);
  }
  if (before.type === 'telphin' && after.type === 'telphin') {
    return before.host === after.host && before.appId === after.appId && isSame(before.appSecret, after.appSecret);
  }
  return false;
}

function isSame(before: Secret | undefined, after: Secret | undefined): boolean {
  return before?.reveal() === after?.reveal();
}

function makeAccount(name: string, config: ProviderConfig, around: ProviderSurroundings): Account {
  const { fetch, clock, credentials } = around;
  switch (config.type) {
    case 'bitrix24': {
      const { webhookUrl, eventToken } = config;
      return { provider: bitrix24({ name, webhookUrl, eventToken, fetch, clock }), bitrix24: webhookClient(webhookUrl, around) };
    }
    case 'bitrix24_app': {
      const { provider, client, seat } = bitrix24App({ name, ...config, ...around, eventPath: around.eventPathOf(name) });
      return { provider, bitrix24: client, seat };
    }
    case 'telphin': {
      const provider = telphin({ name, ...config, fetch, clock, credentials });
      return { provider, sounds: provider.sounds };
    }
  }
}

function webhookClient(webhookUrl: Secret, { pacedFetch, clock }: ProviderSurroundings): Bitrix24Client {
  const parsed = parseWebhookUrl(webhookUrl.reveal());
  if (!parsed.ok) throw new Error(parsed.fault);
  return bitrix24Client({ webhook: parsed.webhook, fetch: pacedFetch, clock });
}
