/** The provider accounts for a command that asks them something. None of it rings anybody, and none of it needs a relay to run. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { providerGate } from '../calls/provider-gate.ts';
import type { Config } from '../config/config.ts';
import { eventPathOf } from '../http/event-routes.ts';
import type { Bitrix24Client, Reply } from '../providers/bitrix24/bitrix24-client.ts';
import { readLines, readVoices } from '../providers/bitrix24/bitrix24-setup.ts';
import type { Credentials } from '../providers/credentials.ts';
import type { Fault, Finding, Provider } from '../providers/provider.ts';
import { type Account, makeAccounts } from '../providers/registry.ts';
import { sealedCredentials } from '../store/sealed-credentials.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { vault } from '../store/vault.ts';
import { type Delivery, GLANCE_MS, leaveForRelay, openControl, openUnlessHeld } from './deliver-order.ts';
import { systemClock } from './node-clock.ts';
import type { RelayOrder } from './node-control.ts';
import { freshFetch } from './node-fetch.ts';
import { readSecrets } from './node-secret.ts';

/** What may be asked of an account without ringing anyone. */
export interface AskableAccount extends Omit<Account, 'provider'> {
  provider: Pick<Provider, 'name' | 'lines' | 'voices' | 'verify'>;
}

export interface AccountDesk {
  accounts: ReadonlyMap<string, AskableAccount>;
  close(): Promise<void>;
}

/** A relay looks once a second, and a portal may take 15 s for each question. */
const PORTAL_WAIT_MS = 20_000;
const VERIFY_WAIT_MS = 80_000;

/**
 * A webhook is asked by what stands in the settings. The tokens of an application stand in the store: where a relay holds that, it is the
 * relay that asks. Telphin's token stands there too, but a command can be given one of its own.
 */
export function openAccountDesk(config: Config, fetch: typeof globalThis.fetch = freshFetch): AccountDesk {
  const hasApplication = [...config.providers.values()].some(({ type }) => type === 'bitrix24_app');
  const isKept = hasApplication && existsSync(config.store.path);
  const held = isKept ? openUnlessHeld(config.store.path, GLANCE_MS) : emptyStore();
  const store = held ?? emptyStore();
  const { secret, previous } = isKept ? readSecrets(config) : { secret: randomBytes(32), previous: [] };
  const safe = vault(secret, previous);
  const accounts: Map<string, AskableAccount> = makeAccounts(config.providers, {
    fetch,
    pacedFetch: providerGate(systemClock).paceFetch(fetch),
    clock: systemClock,
    log: () => {},
    credentials: hasApplication ? sealedCredentials(store, safe) : inPassing(config),
    eventPathOf: (account) => eventPathOf(account, safe),
  });
  if (held === undefined) {
    for (const [name, { type }] of config.providers) if (type === 'bitrix24_app') accounts.set(name, accountAtRelay(name, config));
  }
  return { accounts, close: () => store.close() };
}

/** Opens the store for each look and no longer, so that a relay can start meanwhile. Rejects where it cannot be opened: so it is the relay's alone. */
function inPassing(config: Config): Credentials {
  const { path } = config.store;

  async function use<T>(work: (credentials: Credentials) => Promise<T>): Promise<T> {
    // Nothing is made here that a relay is to make, or that is missed.
    const isUsable = existsSync(path) && (config.secret !== undefined || existsSync(`${path}.secret`));
    const store = isUsable ? openUnlessHeld(path, GLANCE_MS) : undefined;
    if (store === undefined) throw new Error('The store is not to be had.');
    try {
      const { secret, previous } = readSecrets(config);
      return await work(sealedCredentials(store, vault(secret, previous)));
    } finally {
      await store.close();
    }
  }

  return {
    read: (key) => use((credentials) => credentials.read(key)),
    swap: (key, version, text) => use((credentials) => credentials.swap(key, version, text)),
  };
}

function emptyStore(): Store {
  return sqliteStore({ path: ':memory:', clock: systemClock });
}

/** The same account, asked by the relay that runs. */
function accountAtRelay(name: string, config: Config): AskableAccount {
  const ask = (order: RelayOrder, waitMs: number) => leaveForRelay(order, { folder: openControl(config), config, waitMs });
  const client: Bitrix24Client = {
    async call(method, params) {
      const { delivery, answer } = await ask({ kind: 'ask_portal', account: name, method, params }, PORTAL_WAIT_MS);
      return delivery === 'done' && answer !== undefined ? (answer as Reply) : { kind: 'not_sent', fault: silenceOf(delivery) };
    },
  };
  const provider: AskableAccount['provider'] = {
    name,
    lines: () => readLines(client),
    voices: () => readVoices(client),
    async verify(line) {
      const { delivery, answer } = await ask({ kind: 'verify', account: name, line }, VERIFY_WAIT_MS);
      if (delivery === 'done' && answer !== undefined) return answer as Finding[];
      const { code, message } = silenceOf(delivery);
      return [{ ok: false, code, message }];
    },
  };
  return { provider, bitrix24: client };
}

function silenceOf(delivery: Delivery): Fault {
  return delivery === 'rejected' ? OTHER_SECRET : NO_ANSWER;
}

const NO_ANSWER: Fault = {
  code: 'relay_silent',
  message: 'A process holds the database and has not answered. Try again when the relay is well.',
  problem: 'unavailable',
  configuration: false,
};

const OTHER_SECRET: Fault = {
  code: 'relay_secret_other',
  message: 'The running relay has another secret. Give the command with the settings of the relay (RINGBACK_SECRET).',
  problem: 'unavailable',
  configuration: true,
};
