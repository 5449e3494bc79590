/** The relay as a Node process: settings from the environment, SQLite on disk, one HTTP server, one timer. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type HttpBindings, type ServerType, serve } from '@hono/node-server';
import { drainTimer } from '../calls/drain-timer.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';
import type { Provider } from '../providers/provider.ts';
import { makeProviders } from '../providers/registry.ts';
import { type Relay, relay } from '../relay.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import { clientAddress } from './client-ip.ts';
import { systemClock } from './node-clock.ts';
import { type Demo, nodeDemo } from './node-demo.ts';
import { freshFetch } from './node-fetch.ts';
import { readOrMakeSecret } from './node-secret.ts';
import { readWidget } from './node-widget.ts';

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
const DRAIN_ON_STOP_MS = 20_000;

export interface RunningRelay {
  /** `http://host:port` as it can be opened on this machine. */
  url: string;
  providers: ReadonlyMap<string, Provider>;
  demo: Demo | undefined;
  relay: Relay;
  /** Takes no more requests, gives dials under way 20 s, closes the store. What is still open then becomes `uncertain` at the next start. */
  stop(): Promise<void>;
}

/** Throws where the store, the secret or the widget cannot be had; the message says what to do. */
export async function startNode(config: Config, log: Log, onFatal: (error: Error) => void): Promise<RunningRelay> {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string };
  const widget = readWidget(WIDGET_FOLDER, version);
  const store = await sqliteStore({ path: config.store.path, clock: systemClock, onFatal });
  const demo = config.demo ? nodeDemo(config, systemClock) : undefined;
  const providers = demo?.providers ?? makeProviders(config.providers, { fetch: freshFetch, clock: systemClock });

  const running = relay({
    config,
    store,
    providers,
    secret: readOrMakeSecret(config.secret, config.store.path),
    clock: systemClock,
    log: demo === undefined ? log : demo.alsoTell(log),
    version,
    widget,
    onDue: () => timer.wake(),
  });
  const timer = drainTimer({ begin: running.begin, store, clock: systemClock, log });
  demo?.connect(running);

  const handle = (request: Request, { incoming }: HttpBindings) => {
    const page = demo?.fetch(request);
    if (page !== undefined) return page;
    const forwarded = incoming.headers['x-forwarded-for'];
    const joined = Array.isArray(forwarded) ? forwarded.join(',') : forwarded;
    return running.fetch(request, {
      address: clientAddress(incoming.socket.remoteAddress, joined, config.trustProxy),
      enforcesLength: true,
    });
  };
  const server = await listen(config, handle);
  timer.wake();

  return {
    url: urlOf(config, server),
    providers,
    demo,
    relay: running,
    async stop() {
      timer.stop();
      demo?.close();
      await closeServer(server);
      await Promise.race([running.close(), new Promise<void>((done) => setTimeout(done, DRAIN_ON_STOP_MS).unref())]);
    },
  };
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
