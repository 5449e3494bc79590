/** The test with everything that a journey needs: a website, a relay and a portal, all on ports of their own, gone afterwards. */
import { test as base, expect } from '@playwright/test';
import { type ShopPageParts, shopPage } from '../pages/shop-page.ts';
import { type PageServer, type SitePage, servePages } from './page-server.ts';
import { LINE, type Portal, startPortal } from './portal.ts';
import { type Relay, startRelay } from './relay.ts';

export { expect };

export interface ShopOptions extends Omit<ShopPageParts, 'relayUrl'> {
  /** Over the usual ones. */
  settings?: Readonly<Record<string, string>>;
  /** Tighter limits than the relay's own. */
  limits?: Readonly<Record<string, number>>;
  /** Another page than the ordinary one. */
  page?: (relayUrl: string) => SitePage;
}

export interface Shop {
  /** The page with the tag. */
  readonly url: string;
  readonly site: PageServer;
  readonly relay: Relay;
  readonly portal: Portal;
}

export const COMPANY_PHONE = '+4930123456';

interface Fixtures {
  /** Set up before the page is opened; a test may have several. */
  openShop: (options?: ShopOptions) => Promise<Shop>;
  /** A website by itself. */
  openSite: () => Promise<PageServer>;
  /** A relay by itself: without settings, the demo. */
  openRelay: (settings?: Readonly<Record<string, string>>) => Promise<Relay>;
  /** Whatever a test does: the widget never throws into the page. */
  quietPage: undefined;
}

export const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads fixtures off the pattern
  openShop: async ({}, use) => {
    const opened: (() => Promise<void>)[] = [];
    await use(async ({ settings, limits, page, ...parts } = {}) => {
      const [site, portal] = await Promise.all([servePages(), startPortal()]);
      opened.push(site.close, portal.close);
      const usual = {
        BITRIX24_WEBHOOK_URL: portal.webhookUrl,
        BITRIX24_LINE: LINE,
        RINGBACK_ORIGINS: site.origin,
        RINGBACK_COUNTRY: 'DE',
        RINGBACK_PHONE: COMPANY_PHONE,
      };
      const relay = await startRelay({ settings: { ...usual, ...settings }, file: limits && { limits } });
      opened.push(relay.dispose);
      site.put('/', page?.(relay.url) ?? shopPage({ relayUrl: relay.url, ...parts }));
      return { url: `${site.origin}/`, site, relay, portal };
    });
    await Promise.all(opened.map((close) => close()));
  },

  // biome-ignore lint/correctness/noEmptyPattern: the runner reads fixtures off the pattern
  openRelay: async ({}, use) => {
    const opened: Relay[] = [];
    await use(async (settings = {}) => {
      const relay = await startRelay({ settings });
      opened.push(relay);
      return relay;
    });
    await Promise.all(opened.map((relay) => relay.dispose()));
  },

  // biome-ignore lint/correctness/noEmptyPattern: the runner reads fixtures off the pattern
  openSite: async ({}, use) => {
    const opened: PageServer[] = [];
    await use(async () => {
      const site = await servePages();
      opened.push(site);
      return site;
    });
    await Promise.all(opened.map((site) => site.close()));
  },

  quietPage: [
    async ({ page }, use) => {
      const thrown: Error[] = [];
      page.on('pageerror', (error) => thrown.push(error));
      await use(undefined);
      expect(thrown).toEqual([]);
    },
    { auto: true },
  ],
});
