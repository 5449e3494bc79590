/** Where each provider account delivers its events, by the settings and the secret of the relay. */
import { existsSync } from 'node:fs';
import type { Config, ProviderConfig } from '../config/config.ts';
import { eventPathOf } from '../http/event-routes.ts';
import { installPathOf } from '../http/install-routes.ts';
import { vault } from '../store/vault.ts';
import { readSecrets } from './node-secret.ts';

export interface EventAddress {
  provider: string;
  /** Behind the relay's own address. Whoever knows it needs only the account's event token to tell the relay how calls ended. */
  path: string;
  /** Without an event token nothing that arrives there is believed. */
  takesEvents: boolean;
  /** Where the portal installs the application; undefined for accounts that are none. A secret as well. */
  installPath: string | undefined;
}

/** Throws where these settings do not say which secret the relay has: an address of another would be of no use. */
export function listEventAddresses(config: Config): EventAddress[] {
  const { path } = config.store;
  if (config.secret === undefined && (path === ':memory:' || !existsSync(`${path}.secret`))) {
    throw new Error(
      `There is no secret yet, and the address hangs on it. Set RINGBACK_SECRET, or give the command in the folder and with the settings of a relay that has been started (RINGBACK_STORE).`,
    );
  }
  const safe = vault(readSecrets(config).secret);
  return [...config.providers].map(([provider, account]) => ({
    provider,
    path: eventPathOf(provider, safe),
    takesEvents: takesEvents(account),
    installPath: account.type === 'bitrix24_app' ? installPathOf(provider, safe) : undefined,
  }));
}

/** An application is given its token when it is installed; what Telphin sends is proved by the address alone. */
function takesEvents(account: ProviderConfig): boolean {
  return account.type !== 'bitrix24' || account.eventToken !== undefined;
}
