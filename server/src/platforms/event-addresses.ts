/** Where each provider account delivers its events, by the settings and the secret of the relay. */
import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { eventPathOf } from '../http/event-routes.ts';
import { vault } from '../store/vault.ts';
import { readSecrets } from './node-secret.ts';

export interface EventAddress {
  provider: string;
  /** Behind the relay's own address. Whoever knows it needs only the account's event token to tell the relay how calls ended. */
  path: string;
  /** Without an event token nothing that arrives there is believed. */
  takesEvents: boolean;
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
  return [...config.providers].map(([provider, { eventToken }]) => ({
    provider,
    path: eventPathOf(provider, safe),
    takesEvents: eventToken !== undefined,
  }));
}
