/** A simulated host of Telphin on a loopback socket, and a shop whose relay dials by it. Its telephones are the truth about who was rung. */
import { execFileSync } from 'node:child_process';
import { shopPage } from '../pages/shop-page.ts';
import { loadSimulator, RELAY_COMMAND } from './built.ts';
import { servePages } from './page-server.ts';
import { clock } from './portal.ts';
import { type Relay, startRelay } from './relay.ts';
import { test as base, COMPANY_PHONE } from './test.ts';

/** One dial that was carried out. */
export interface TelphinDial {
  readonly callId: string;
  readonly line: string;
  readonly number: string;
}

export interface TelphinHost {
  readonly telephones: {
    /** As they are now, oldest first. */
    readonly dials: readonly TelphinDial[];
    answer(leg: 'agent' | 'visitor', callId: string): boolean;
    hangUp(leg: 'agent' | 'visitor', callId: string): boolean;
  };
  readonly orders: readonly { fields: Readonly<Record<string, unknown>> }[];
  readonly requests: readonly { resource: string; body: string }[];
  readonly tokens: { takeBack(): void };
  subscribe(extensionId: string, url: string): void;
  misbehave(resource: string, behaviour: { kind: 'drop'; executes: boolean }): void;
}

export interface TelphinShop {
  readonly url: string;
  readonly relay: Relay;
  readonly host: TelphinHost;
}

export const EXTENSION = '34535';
/** The number by which colleagues ring it. */
export const AGENT = '341';

const APP = { appId: 'a0123456789', appSecret: 's3cret0fth3sh0p' };
const ANNOUNCEMENT_MS = 300;

export interface TelphinShopOptions {
  settings?: Readonly<Record<string, string>>;
  /** As the operator does by hand: the host tells the relay what happens. */
  withEvents?: boolean;
}

export const test = base.extend<{ openTelphinShop: (options?: TelphinShopOptions) => Promise<TelphinShop> }>({
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads fixtures off the pattern
  openTelphinShop: async ({}, use) => {
    const opened: (() => Promise<void>)[] = [];
    await use(async ({ settings, withEvents = true } = {}) => {
      const [site, served] = await Promise.all([servePages(), startHost()]);
      opened.push(site.close, served.close);
      const all = {
        TELPHIN_HOST: served.url,
        TELPHIN_APP_ID: APP.appId,
        TELPHIN_APP_SECRET: APP.appSecret,
        TELPHIN_EXTENSION: EXTENSION,
        RINGBACK_SECRET: 'c2VjcmV0IG9mIHRoZSBzaG9wIGZvciBicm93c2VyIHNwZWNz',
        RINGBACK_ORIGINS: site.origin,
        RINGBACK_COUNTRY: 'DE',
        RINGBACK_PHONE: COMPANY_PHONE,
        ...settings,
      };
      const relay = await startRelay({ settings: all });
      opened.push(relay.dispose);
      if (withEvents) served.host.subscribe(EXTENSION, eventsUrl(relay.url, all));
      site.put('/', shopPage({ relayUrl: relay.url }));
      return { url: `${site.origin}/`, relay, host: served.host };
    });
    await Promise.all(opened.map((close) => close()));
  },
});

interface HostExports {
  telphinHost(options: object): TelphinHost;
}

interface ServeExports {
  serveTelphin(host: TelphinHost): Promise<{ url: string; close(): Promise<void> }>;
}

async function startHost(): Promise<{ host: TelphinHost; url: string; close(): Promise<void> }> {
  const { telphinHost } = await loadSimulator<HostExports>('telphin');
  const { serveTelphin } = await loadSimulator<ServeExports>('serve-telphin');
  const host = telphinHost({ clock, ...APP, extensions: { [EXTENSION]: `12037*${AGENT}` }, announcementMs: ANNOUNCEMENT_MS });
  return { host, ...(await serveTelphin(host)) };
}

/** The secret address, as the operator asks the command for it. */
function eventsUrl(relayUrl: string, settings: Readonly<Record<string, string>>): string {
  const env = { PATH: process.env.PATH ?? '', ...settings };
  return execFileSync(process.execPath, [RELAY_COMMAND, 'events-url', 'telphin', '--base', relayUrl], { env, encoding: 'utf8' }).trim();
}
