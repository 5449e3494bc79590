/** `/v1/sites/{site}`: what the form needs to draw itself. */
import { Hono } from 'hono';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { SiteConfig } from '../config/config.ts';
import type { SiteView } from '../contract/site-view.ts';
import { contentHash } from './content-hash.ts';
import { behind, type Guard } from './guards.ts';
import { RequestProblem } from './problem-response.ts';
import type { RelayContext, RelayEnv } from './relay-env.ts';
import { respond } from './respond.ts';

export function siteRoutes(relay: RelayContext, guardOrigin: Guard): Hono<RelayEnv> {
  const views = new Map([...relay.sites].map(([key, site]) => [key, prepare(viewSite(site))]));
  return new Hono<RelayEnv>().get(
    '/:site',
    behind([guardOrigin], (c) => {
      const view = views.get(c.req.param('site') ?? '');
      if (view === undefined) throw new RequestProblem('unknown_site', { detail: 'site' });
      const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=60', ETag: view.etag };
      const isKnown = c.req.header('if-none-match')?.includes(view.etag) === true;
      return isKnown ? respond(c, 304, null, headers) : respond(c, 200, view.text, headers);
    }),
  );
}

function prepare(view: SiteView): { text: string; etag: string } {
  const text = JSON.stringify(view);
  return { text, etag: `"${contentHash(text)}"` };
}

function viewSite(site: SiteConfig): SiteView {
  return {
    site: site.key,
    ...(site.name !== undefined && { name: site.name }),
    open: true,
    country: site.country,
    countries: [...site.countries],
    departments: [],
    slots: [],
    ...(site.consent !== undefined && {
      consent: { textId: site.consent.textId, text: site.consent.text, ...(site.consent.url !== undefined && { url: site.consent.url }) },
    }),
    ...(site.promiseSeconds !== undefined && { promiseSeconds: site.promiseSeconds }),
    ...(site.phone !== undefined && { phone: phoneLink(site.phone) }),
    proof: site.proof.mode === 'always',
  };
}

function phoneLink(e164: string): { href: string; text: string } {
  return { href: `tel:${e164}`, text: parsePhoneNumberFromString(e164)?.formatInternational() ?? e164 };
}
