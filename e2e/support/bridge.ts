/**
 * A portal whose own form asks for calls, a Telphin host that makes them, and a relay between the two, each on sockets of its own. The
 * portal's cards are the truth about what was written down there.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shopPage } from '../pages/shop-page.ts';
import { loadSimulator, RELAY_COMMAND } from './built.ts';
import { servePages } from './page-server.ts';
import { clock } from './portal.ts';
import { type Relay, startRelay } from './relay.ts';
import { EXTENSION, type TelphinHost } from './telphin.ts';
import { test as base } from './test.ts';

export interface CallCard {
  readonly number: string;
  readonly type: string;
  readonly entry: { type: string; id: number } | undefined;
  readonly shownTo: readonly string[];
  readonly endings: readonly { statusCode: string; seconds: number; reason: string }[];
}

export interface BridgedPortal {
  readonly url: string;
  readonly portal: { readonly external: { readonly cards: readonly CallCard[] } };
  readonly application: { install(handler: string): Promise<Response> };
  readonly oauth: { expireAll(): void; readonly exchanges: readonly unknown[] };
  askByForm(request: { number: string; line?: string; crm?: { type: string; id: number } }): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface Bridge {
  /** The page of the same site, with its own form. */
  readonly url: string;
  readonly relay: Relay;
  readonly portal: BridgedPortal;
  readonly host: TelphinHost;
  /** Whoever talks has talked for so long already. */
  letTalk(ms: number): void;
  /** Anybody may post to it who has copied a delivery. */
  readonly eventsUrl: string;
}

export const EXTERNAL_LINE = '4930123456';
export const PORTAL_USER = 7;

const APPLICATION = {
  clientId: 'local.0123456789abcd.01234567',
  clientSecret: 's3cret0fth3app',
  memberId: 'a223c6b9410f85df78e9377d6c4f7213',
};
const TELPHIN = { appId: 'a0123456789', appSecret: 's3cret0fth3sh0p' };
const ANNOUNCEMENT_MS = 300;

export const test = base.extend<{ openBridge: () => Promise<Bridge> }>({
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads fixtures off the pattern
  openBridge: async ({}, use) => {
    const opened: (() => unknown)[] = [];
    await use(async () => {
      const [site, portal, telphin] = await Promise.all([servePages(), startPortal(), startTelphin()]);
      const folder = mkdtempSync(join(tmpdir(), 'ringback-bridge-'));
      opened.push(site.close, portal.close, telphin.close, () => rmSync(folder, { recursive: true, force: true }));
      const file = join(folder, 'ringback.json');
      writeFileSync(file, JSON.stringify(configFile({ origin: site.origin, portalUrl: portal.url, telphinUrl: telphin.url })));
      const settings = {
        RINGBACK_CONFIG: file,
        RINGBACK_SECRET: 'c2VjcmV0IG9mIHRoZSBzaG9wIGZvciBicm93c2VyIHNwZWNz',
        APP_SECRET: APPLICATION.clientSecret,
        TELPHIN_SHOP_SECRET: TELPHIN.appSecret,
      };
      const relay = await startRelay({ settings });
      opened.push(relay.dispose);
      const addresses = askForAddresses(relay.url, settings);
      const addressOf = (account: string) => addresses.find(({ provider }) => provider === account);
      await portal.application.install(addressOf('crm')?.installUrl ?? '');
      telphin.host.subscribe(EXTENSION, addressOf('pbx')?.url ?? '');
      site.put('/', shopPage({ relayUrl: relay.url }));
      return {
        url: `${site.origin}/`,
        relay,
        portal,
        host: telphin.host,
        letTalk: telphin.letTalk,
        eventsUrl: addressOf('crm')?.url ?? '',
      };
    });
    await Promise.all(opened.map((close) => close()));
  },
});

function configFile({ origin, portalUrl, telphinUrl }: { origin: string; portalUrl: string; telphinUrl: string }): object {
  return {
    providers: {
      crm: {
        type: 'bitrix24_app',
        clientId: APPLICATION.clientId,
        clientSecret: { $env: 'APP_SECRET' },
        memberId: APPLICATION.memberId,
        authServer: portalUrl,
      },
      pbx: { type: 'telphin', host: telphinUrl, appId: TELPHIN.appId, appSecret: { $env: 'TELPHIN_SHOP_SECRET' } },
    },
    sites: {
      default: {
        provider: 'pbx',
        line: EXTENSION,
        origins: [origin],
        country: 'DE',
        bridge: { portal: 'crm', externalLine: EXTERNAL_LINE, userId: PORTAL_USER },
      },
    },
  };
}

interface ApplicationExports {
  serveApplication(options: object): Promise<BridgedPortal>;
}

interface TelphinExports {
  telphinHost(options: object): TelphinHost;
}

interface ServeTelphinExports {
  serveTelphin(host: TelphinHost): Promise<{ url: string; close(): Promise<void> }>;
}

async function startPortal(): Promise<BridgedPortal> {
  const { serveApplication } = await loadSimulator<ApplicationExports>('serve-application');
  return serveApplication({ clock, ...APPLICATION, portal: { userIds: ['1', String(PORTAL_USER)] } });
}

async function startTelphin(): Promise<Pick<Bridge, 'host' | 'letTalk'> & { url: string; close(): Promise<void> }> {
  const { telphinHost } = await loadSimulator<TelphinExports>('telphin');
  const { serveTelphin } = await loadSimulator<ServeTelphinExports>('serve-telphin');
  let talkedMs = 0;
  const ahead = { ...clock, now: () => clock.now() + talkedMs };
  const host = telphinHost({ clock: ahead, ...TELPHIN, extensions: { [EXTENSION]: '12037*341' }, announcementMs: ANNOUNCEMENT_MS });
  const letTalk = (ms: number) => {
    talkedMs += ms;
  };
  return { host, letTalk, ...(await serveTelphin(host)) };
}

interface Address {
  readonly provider: string;
  readonly url: string;
  readonly installUrl?: string;
}

/** The secret addresses, as the operator asks the command for them. */
function askForAddresses(relayUrl: string, settings: Readonly<Record<string, string>>): Address[] {
  const env = { PATH: process.env.PATH ?? '', ...settings };
  const args = [RELAY_COMMAND, 'events-url', '--base', relayUrl, '--json'];
  return JSON.parse(execFileSync(process.execPath, args, { env, encoding: 'utf8' })) as Address[];
}
