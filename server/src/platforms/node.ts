/** The relay as a Node process: settings from the environment, SQLite on disk, one HTTP server, one timer. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type HttpBindings, type ServerType, serve } from '@hono/node-server';
import type { Switches } from '../calls/call-rules.ts';
import { drainTimer } from '../calls/drain-timer.ts';
import { providerGate } from '../calls/provider-gate.ts';
import type { Config } from '../config/config.ts';
import type { ConfigFault } from '../config/config-fault.ts';
import { findFixedChanges } from '../config/fixed-settings.ts';
import type { Channel } from '../follow-ups/channel.ts';
import { makeCards } from '../follow-ups/make-cards.ts';
import { makeChannels } from '../follow-ups/make-channels.ts';
import { eventPathOf } from '../http/event-routes.ts';
import type { Log } from '../log.ts';
import type { Provider } from '../providers/provider.ts';
import { type Account, installersOf, isSameAccount, makeAccounts, type ProviderSurroundings, providersOf } from '../providers/registry.ts';
import type { Relay } from '../relay.ts';
import { sealedCredentials } from '../store/sealed-credentials.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import { vault } from '../store/vault.ts';
import { clientAddress } from './client-ip.ts';
import { type ControlWatch, watchControl } from './control-watch.ts';
import { eventSightings } from './event-sightings.ts';
import { hostCheck, refuseHost } from './host-check.ts';
import { liveRelay } from './live-relay.ts';
import { systemClock } from './node-clock.ts';
import { controlFolder } from './node-control.ts';
import { type Demo, nodeDemo } from './node-demo.ts';
import { freshFetch } from './node-fetch.ts';
import { nodeMail } from './node-mail.ts';
import { readSecrets } from './node-secret.ts';
import { readWidget } from './node-widget.ts';
import type { RelayDesk, RelayReport } from './relay-desk.ts';

const PACKAGE = fileURLToPath(new URL('../../package.json', import.meta.url));
const WIDGET_FOLDER = fileURLToPath(new URL('../../../widget/dist', import.meta.url));

/** Slow senders lose their connection instead of holding it. Node's own defaults are 60 s and 300 s, looked at every 30 s. */
const SERVER_OPTIONS = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 8_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 5_000,
} as const;
const MAX_CONNECTIONS = 10_000;
/** In all, from the signal on. A dial is answered within 15 s or is unclear, so there is time to write that down. */
const STOP_WITHIN_MS = 20_000;

export interface RunningRelay {
  /** `http://host:port` as it can be opened on this machine. */
  url: string;
  providers: ReadonlyMap<string, Provider>;
  channels: ReadonlyMap<string, Channel>;
  demo: Demo | undefined;
  relay: Relay;
  /** Takes on a new configuration without a pause, or says why it cannot and keeps the old one. */
  reload(next: Config): readonly ConfigFault[];
  /** Takes no more requests, gives dials under way their 15 s, closes the store; within 20 s in all. What is still open then becomes `uncertain` at the next start. */
  stop(): Promise<void>;
}

/** Throws where the store, the secret or the widget cannot be had; the message says what to do. */
export async function startNode(config: Config, log: Log, onFatal: (error: Error) => void): Promise<RunningRelay> {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
  const widget = readWidget(WIDGET_FOLDER, version);
  const store = await sqliteStore({ path: config.store.path, clock: systemClock, onFatal });
  const demo = config.demo ? nodeDemo(config, systemClock) : undefined;
  const allLog = demo === undefined ? log : demo.alsoTell(log);
  const { secret, previous } = readSecrets(config);
  let desk: RelayDesk | undefined;
  const control = startControl();
  const joined = joinedSwitches();
  const switchesNow = () => joined(settings, control?.switches());
  const gate = providerGate(systemClock);
  const pacedFetch = gate.paceFetch(freshFetch);
  const safe = vault(secret, previous);
  let settings = config;
  const around = {
    fetch: freshFetch,
    pacedFetch,
    clock: systemClock,
    log: allLog,
    credentials: sealedCredentials(store, safe),
    eventPathOf: (account: string) => eventPathOf(account, safe),
  };
  let accounts: ReadonlyMap<string, Account> = demo?.accounts ?? makeAccounts(config.providers, around);
  let channels = channelsOf(config, accounts, pacedFetch);

  const running = liveRelay({
    config,
    store,
    providers: providersOf(accounts),
    installers: installersOf(accounts),
    channels,
    cards: makeCards(config.sites, accounts, systemClock),
    secret,
    previousSecrets: previous,
    clock: systemClock,
    log: allLog,
    switches: switchesNow,
    gate,
    version,
    widget,
    onDue: () => timer.wake(),
  });
  const timer = drainTimer({ begin: running.begin, store, clock: systemClock, log });
  demo?.connect(running);

  /** A store in memory has no place beside it; whoever pauses such a relay stops it. */
  function startControl(): ControlWatch | undefined {
    if (config.store.path === ':memory:') return undefined;
    const folder = controlFolder(config.store.path);
    const onChange = () => timer.wake();
    return watchControl({ folder, store, vault: vault(secret, previous), clock: systemClock, log: allLog, onChange, desk: () => desk });
  }

  const sightings = eventSightings(systemClock);
  const isHost = hostCheck();
  const handle = (request: Request, { incoming }: HttpBindings) => {
    if (!isHost(incoming.headers.host)) return refuseHost();
    const page = demo?.fetch(request);
    if (page !== undefined) return page;
    const response = running.fetch(request, {
      address: clientAddress(incoming.socket.remoteAddress, request.headers, settings.trustProxy),
      enforcesLength: true,
    });
    return sightings.watch(request, response);
  };
  const server = await listen(config, handle);
  const startedAt = systemClock.now();
  const report = (): RelayReport => {
    const { paused, pausedSites } = switchesNow();
    return { startedAt, url: urlOf(config, server), sightings: sightings.list(), paused, pausedSites: [...pausedSites].toSorted() };
  };
  desk = { relay: running, store, accounts: () => accounts, report, now: () => systemClock.now() };
  timer.wake();

  return {
    url: urlOf(config, server),
    get providers() {
      return new Map([...accounts].map(([name, { provider }]) => [name, gate.pace(provider)]));
    },
    get channels() {
      return channels;
    },
    demo,
    relay: running,
    reload(next) {
      const faults = findFixedChanges(settings, next);
      if (faults.length > 0) return faults;
      const renewed = demo?.accounts ?? renewAccounts(settings, accounts, next, around);
      const rewired = channelsOf(next, renewed, pacedFetch);
      running.replace({
        config: next,
        providers: providersOf(renewed),
        installers: installersOf(renewed),
        channels: rewired,
        cards: makeCards(next.sites, renewed, systemClock),
      });
      accounts = renewed;
      channels = rewired;
      settings = next;
      log({ level: 'info', event: 'config.reloaded', sites: next.sites.size });
      timer.wake();
      return [];
    },
    async stop() {
      timer.stop();
      demo?.close();
      const gone = async () => {
        await closeServer(server);
        await control?.stop();
        await running.close();
      };
      await Promise.race([gone(), new Promise<void>((done) => setTimeout(done, STOP_WITHIN_MS).unref())]);
    },
  };
}

/**
 * Paused is what either the configuration or a command has paused; a command cannot resume what the configuration pauses.
 * Asked with every request, so the answer is kept until one of the two has changed.
 */
function joinedSwitches(): (settings: Config, commanded: Switches | undefined) => Switches {
  let from: readonly unknown[] = [];
  let joined: Switches = { paused: false, pausedSites: new Set() };
  return (settings, commanded) => {
    if (from[0] === settings && from[1] === commanded) return joined;
    const configured = [...settings.sites.values()].filter(({ paused }) => paused).map(({ key }) => key);
    const pausedSites = new Set([...configured, ...(commanded?.pausedSites ?? [])]);
    joined = { paused: settings.paused || commanded?.paused === true, pausedSites };
    from = [settings, commanded];
    return joined;
  };
}

function channelsOf(config: Config, portals: ReadonlyMap<string, Account>, fetch: typeof globalThis.fetch): ReadonlyMap<string, Channel> {
  return makeChannels(config, { fetch, clock: systemClock, portals, makeMailTransport: nodeMail });
}

/** An account that stays as it was keeps its provider, with all that it has learnt of the account's state. */
function renewAccounts(
  before: Config,
  accounts: ReadonlyMap<string, Account>,
  after: Config,
  around: ProviderSurroundings,
): ReadonlyMap<string, Account> {
  const made = makeAccounts(after.providers, around);
  for (const [name, config] of after.providers) {
    const [old, was] = [accounts.get(name), before.providers.get(name)];
    if (old !== undefined && was !== undefined && isSameAccount(was, config)) made.set(name, old);
  }
  return made;
}

function listen(config: Config, handle: (request: Request, env: HttpBindings) => Response | Promise<Response>): Promise<ServerType> {
  return new Promise((resolve, reject) => {
    const fetch = handle as (request: Request, env: unknown) => Response | Promise<Response>;
    const server = serve({ fetch, hostname: config.host, port: config.port, serverOptions: SERVER_OPTIONS }, () => resolve(server));
    if ('maxConnections' in server) server.maxConnections = MAX_CONNECTIONS;
    server.once('error', reject);
  });
}

function closeServer(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ('closeIdleConnections' in server) server.closeIdleConnections();
    // Event streams and keep-alive connections never end by themselves.
    setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), 2_000).unref();
  });
}

function urlOf(config: Config, server: ServerType): string {
  const { port } = server.address() as AddressInfo;
  const host = ['0.0.0.0', '::'].includes(config.host) ? 'localhost' : config.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
