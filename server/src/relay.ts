/** Puts the rooms together. A platform gives it what it stands on; what comes back answers requests and works through calls. */

import type { CallsContext } from './calls/calls.ts';
import { drainCalls } from './calls/drain-calls.ts';
import { earlyNews } from './calls/early-news.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/config.ts';
import { relayApp } from './http/app.ts';
import { eventSecretOf } from './http/event-routes.ts';
import type { Caller, WidgetFiles } from './http/relay-env.ts';
import type { Log } from './log.ts';
import type { Provider } from './providers/provider.ts';
import type { Store } from './store/store.ts';
import { vault } from './store/vault.ts';

export interface RelayOptions {
  config: Pick<Config, 'sites' | 'limits' | 'demo' | 'ownPage'>;
  store: Store;
  providers: ReadonlyMap<string, Provider>;
  /** Pepper and encryption key, at least 32 bytes. */
  secret: Uint8Array;
  clock: Clock;
  log: Log;
  version: string;
  widget?: WidgetFiles | undefined;
  /** In [0, 1). */
  random?: (() => number) | undefined;
  /** Called whenever something may be due: a platform arms its timer or alarm. */
  onDue?: (() => void) | undefined;
}

export interface Relay {
  fetch(request: Request, caller: Caller): Response | Promise<Response>;
  /** Where a provider account delivers its events. The path is a secret. */
  eventPath(provider: string): string;
  /** Takes what is due and returns as soon as it is under way. */
  begin(): Promise<void>;
  /** Takes what is due and waits until it is done. */
  drain(): Promise<void>;
  /** Waits for what is under way, then closes the store. */
  close(): Promise<void>;
}

export function relay(options: RelayOptions): Relay {
  const { config, store, providers, clock, log, onDue = () => {} } = options;
  const calls: CallsContext = {
    store,
    vault: vault(options.secret),
    clock,
    log,
    sites: config.sites,
    providers,
    life: { cooldownMs: config.limits.numberCooldownMs, random: options.random ?? Math.random },
    early: earlyNews(clock),
  };
  const drain = drainCalls(calls, onDue);
  const app = relayApp({
    ...calls,
    limits: config.limits,
    version: options.version,
    problemOf: (fault) => firstKnown(providers, fault),
    widget: options.widget,
    allowOwnOrigin: config.demo || config.ownPage,
    wake: onDue,
  });

  return {
    fetch: (request, caller) => app.fetch(request, caller),
    eventPath: (provider) => `/events/${encodeURIComponent(provider)}/${eventSecretOf(provider, calls.vault)}`,
    begin: drain.begin,
    drain: drain.run,
    async close() {
      await drain.settled();
      await store.close();
    },
  };
}

function firstKnown(providers: ReadonlyMap<string, Provider>, fault: string) {
  for (const provider of providers.values()) {
    const problem = provider.problemOf(fault);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
