/** A portal in which the application has been installed, its authorisation server, and a shop whose relay dials by it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shopPage } from '../pages/shop-page.ts';
import { loadSimulator, RELAY_COMMAND } from './built.ts';
import { servePages } from './page-server.ts';
import { clock, type Dial, LINE } from './portal.ts';
import { type Relay, startRelay } from './relay.ts';
import { test as base, COMPANY_PHONE } from './test.ts';

export interface ApplicationPortal {
  readonly url: string;
  readonly portal: {
    readonly telephones: {
      /** As they are now, oldest first. */
      readonly dials: readonly Dial[];
      answer(leg: 'agent' | 'visitor', callId: string): boolean;
      hangUp(leg: 'agent' | 'visitor', callId: string): boolean;
    };
    readonly requests: readonly { method: string }[];
  };
  readonly application: {
    readonly bindings: readonly { event: string; handler: string }[];
    install(handler: string): Promise<Response>;
    open(handler: string): Promise<Response>;
    uninstall(clean: boolean): Promise<void>;
  };
  readonly oauth: {
    readonly exchanges: readonly { outcome: string }[];
    expireAll(): void;
    revoke(memberId: string): void;
  };
  close(): Promise<void>;
}

export interface ApplicationShop {
  readonly url: string;
  readonly relay: Relay;
  readonly portal: ApplicationPortal;
  /** What the operator gives the portal as the application's handler. */
  readonly installUrl: string;
}

export const MEMBER_ID = 'a223c6b9410f85df78e9377d6c4f7213';

const APPLICATION = { clientId: 'local.0123456789abcd.01234567', clientSecret: 's3cret0fth3app', memberId: MEMBER_ID };
const ANNOUNCEMENT_MS = 300;

/** `isInstalled`: true when absent. */
type OpenApplicationShop = (options?: { isInstalled?: boolean }) => Promise<ApplicationShop>;

export const test = base.extend<{ openApplicationShop: OpenApplicationShop }>({
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads fixtures off the pattern
  openApplicationShop: async ({}, use) => {
    const opened: (() => unknown)[] = [];
    await use(async ({ isInstalled = true } = {}) => {
      const [site, portal] = await Promise.all([servePages(), startPortal()]);
      const folder = mkdtempSync(join(tmpdir(), 'ringback-application-'));
      opened.push(site.close, portal.close, () => rmSync(folder, { recursive: true, force: true }));
      const file = join(folder, 'ringback.json');
      writeFileSync(file, JSON.stringify(configFile(site.origin, portal.url)));
      const settings = {
        RINGBACK_CONFIG: file,
        RINGBACK_SECRET: 'c2VjcmV0IG9mIHRoZSBzaG9wIGZvciBicm93c2VyIHNwZWNz',
        APP_SECRET: APPLICATION.clientSecret,
      };
      const relay = await startRelay({ settings });
      opened.push(relay.dispose);
      const installUrl = askForInstallUrl(relay.url, settings);
      if (isInstalled) await portal.application.install(installUrl);
      site.put('/', shopPage({ relayUrl: relay.url }));
      return { url: `${site.origin}/`, relay, portal, installUrl };
    });
    await Promise.all(opened.map((close) => close()));
  },
});

function configFile(origin: string, authServer: string): object {
  const { clientId, memberId } = APPLICATION;
  return {
    providers: { crm: { type: 'bitrix24_app', clientId, clientSecret: { $env: 'APP_SECRET' }, memberId, authServer } },
    sites: { default: { provider: 'crm', line: LINE, origins: [origin], country: 'DE', phone: COMPANY_PHONE } },
  };
}

interface ApplicationExports {
  serveApplication(options: object): Promise<ApplicationPortal>;
}

async function startPortal(): Promise<ApplicationPortal> {
  const { serveApplication } = await loadSimulator<ApplicationExports>('serve-application');
  return serveApplication({ clock, ...APPLICATION, portal: { lines: { [LINE]: 'Office' }, announcementMs: ANNOUNCEMENT_MS } });
}

/** The secret address, as the operator asks the command for it. */
function askForInstallUrl(relayUrl: string, settings: Readonly<Record<string, string>>): string {
  const env = { PATH: process.env.PATH ?? '', ...settings };
  const wanted = ['events-url', 'crm', '--install', '--base', relayUrl];
  return execFileSync(process.execPath, [RELAY_COMMAND, ...wanted], { env, encoding: 'utf8' }).trim();
}
