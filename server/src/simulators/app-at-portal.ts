/** An application account in its surroundings (bitrix24/application-world.ts), over a real database that several of its like can share. */
import { Secret } from '../config/secret.ts';
import type { Log, LogEntry } from '../log.ts';
import { type Bitrix24App, bitrix24App } from '../providers/bitrix24/bitrix24-app.ts';
import type { Credentials } from '../providers/credentials.ts';
import { sealedCredentials } from '../store/sealed-credentials.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { vault } from '../store/vault.ts';
import {
  type ApplicationWorld,
  type ApplicationWorldOptions,
  applicationWorld,
  CLIENT_ID,
  CLIENT_SECRET,
  MEMBER_ID,
  RELAY_ORIGIN,
} from './bitrix24/application-world.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';

export interface AppAtPortalOptions {
  memberId?: string;
  portal?: ApplicationWorldOptions['portal'];
  /** Stands between the account and what is kept. */
  wrap?: (credentials: Credentials) => Credentials;
}

export interface AppAtPortal {
  clock: FakeClock;
  world: ApplicationWorld;
  app: Bitrix24App;
  store: Store;
  credentials: Credentials;
  log: readonly LogEntry[];
  /** The same account as another relay process has it: only the database is shared. `eventPath`: where that one takes events. */
  another(wrap?: (credentials: Credentials) => Credentials, eventPath?: string): Bitrix24App;
  close(): Promise<void>;
}

export const INSTALL_ADDRESS = `${RELAY_ORIGIN}/install/main/s3cret`;
export const EVENT_ADDRESS = `${RELAY_ORIGIN}/events/main/s3cret`;
/** Under which the installation is kept. */
export const RECORD_KEY = `bitrix24_app:${CLIENT_ID}:${MEMBER_ID}`;
const SECRET = new Uint8Array(32).fill(7);

export function appAtPortal({ memberId, portal, wrap = (same) => same }: AppAtPortalOptions = {}): AppAtPortal {
  const clock = fakeClock();
  const entries: LogEntry[] = [];
  const log: Log = (entry) => entries.push(entry);
  const store = sqliteStore({ path: ':memory:', clock });
  const sealed = sealedCredentials(store, vault(SECRET));

  function open(credentials: Credentials, eventPath?: string): Bitrix24App {
    const clientSecret = new Secret(CLIENT_SECRET);
    const around = { credentials, fetch: world.fetch, clock, log };
    return bitrix24App({ name: 'main', clientId: CLIENT_ID, clientSecret, memberId, eventPath, ...around });
  }

  /** What the routes of a relay do with a delivery, without the relay. */
  async function take(request: Request): Promise<Response> {
    const [contentType, body] = [request.headers.get('content-type') ?? '', await request.text()];
    if (request.url.startsWith(EVENT_ADDRESS)) return Response.json(await app.provider.readEvent(contentType, body));
    return Response.json(await app.installer.receive({ contentType, body, eventAddress: EVENT_ADDRESS }));
  }

  const world = applicationWorld({ clock, relay: take, ...(portal && { portal }) });
  const app = open(wrap(sealed));
  return {
    clock,
    world,
    app,
    store,
    credentials: sealed,
    log: entries,
    another: (through = (same) => same, path) => open(through(sealed), path),
    close: () => store.close(),
  };
}
