/**
 * A shop whose proofs a captcha service judges. Page and relay know the service by its real name; behind that name stands a
 * simulator, for the browser and for the relay's process.
 */
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { scriptTag } from '../pages/shop-page.ts';
import { strictPage } from '../pages/strict-page.ts';
import { loadSimulator } from './built.ts';
import { servePages } from './page-server.ts';
import { clock, LINE, type Portal, startPortal } from './portal.ts';
import { type Relay, startRelay } from './relay.ts';
import { test as base, COMPANY_PHONE } from './test.ts';

export type Vendor = 'turnstile' | 'hcaptcha' | 'smartcaptcha';

/** What a browser loads of each. */
export const VENDOR_HOSTS: Readonly<Record<Vendor, string>> = {
  turnstile: 'https://challenges.cloudflare.com',
  hcaptcha: 'https://js.hcaptcha.com',
  smartcaptcha: 'https://smartcaptcha.cloud.yandex.ru',
};

export interface Simulator {
  readonly questions: readonly { vendor: Vendor; fields: Readonly<Record<string, string>> }[];
  meet(mood: 'passes' | 'asked' | 'fails' | 'silent'): void;
  misbehave(vendor: Vendor, behaviour: { kind: 'answer'; status: number; body: string }): void;
}

export interface HostedShop {
  readonly url: string;
  readonly relay: Relay;
  readonly portal: Portal;
  readonly simulator: Simulator;
}

interface Fixtures {
  /** The page's policy is the tightest with which a hosted check works. */
  openHostedShop: (vendor: Vendor, page: Page) => Promise<HostedShop>;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads fixtures off the pattern
  openHostedShop: async ({}, use) => {
    const opened: (() => Promise<void>)[] = [];
    await use(async (vendor, page) => {
      const [site, portal, vendors] = await Promise.all([servePages(), startPortal(), startVendors()]);
      opened.push(site.close, portal.close, vendors.close);
      const relay = await startRelay({
        settings: {
          NODE_OPTIONS: `--import=${fileURLToPath(new URL('vendors-elsewhere.mjs', import.meta.url))}`,
          SIMULATED_VENDORS: vendors.url,
          PORTAL_WEBHOOK: portal.webhookUrl,
          CAPTCHA_SECRET: SECRET,
        },
        file: configFile(vendor, site.origin),
      });
      opened.push(relay.dispose);
      await page.route(`${VENDOR_HOSTS[vendor]}/**`, async (route) => {
        const { pathname, search } = new URL(route.request().url());
        await route.fulfill({ response: await route.fetch({ url: `${vendors.url}${pathname}${search}` }) });
      });
      site.put('/', strictPage(relay.url, scriptTag(relay.url, { site: 'shop' }, { nonce: '{nonce}' }), '', [`frame-src ${relay.url}`]));
      return { url: `${site.origin}/`, relay, portal, simulator: vendors.simulator };
    });
    await Promise.all(opened.map((close) => close()));
  },
});

const SITE_KEY = 'public-key';
const SECRET = 'secret-of-the-shop';

function configFile(vendor: Vendor, origin: string): object {
  const shop = {
    provider: 'main',
    line: LINE,
    origins: [origin],
    country: 'DE',
    phone: COMPANY_PHONE,
    proof: 'always',
    siteverify: { vendor, siteKey: SITE_KEY, secret: { $env: 'CAPTCHA_SECRET' }, hostname: '127.0.0.1' },
  };
  return { providers: { main: { type: 'bitrix24', webhookUrl: { $env: 'PORTAL_WEBHOOK' } } }, sites: { shop } };
}

interface SimulatorExports {
  siteverifySimulator(options: object): Simulator;
}

interface ServeExports {
  serveSiteverify(simulator: Simulator): Promise<{ url: string; close(): Promise<void> }>;
}

async function startVendors(): Promise<{ simulator: Simulator; url: string; close(): Promise<void> }> {
  const { siteverifySimulator } = await loadSimulator<SimulatorExports>('siteverify');
  const { serveSiteverify } = await loadSimulator<ServeExports>('serve-siteverify');
  const simulator = siteverifySimulator({ clock, siteKey: SITE_KEY, secret: SECRET });
  return { simulator, ...(await serveSiteverify(simulator)) };
}
