/** `/v1/sites/{site}`: what the form needs to draw itself. */
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { SiteConfig } from '../config/config.ts';
import type { SiteView } from '../contract/site-view.ts';
import { RequestProblem } from './problem-response.ts';
import type { RelayContext, RelayEnv } from './relay-env.ts';

export function siteRoutes(relay: RelayContext): Hono<RelayEnv> {
  const views = new Map([...relay.sites].map(([key, site]) => [key, viewSite(site)]));
  return new Hono<RelayEnv>().get('/:site', etag(), (c) => {
    const view = views.get(c.req.param('site'));
    if (view === undefined) throw new RequestProblem('unknown_site', { detail: 'site' });
    c.header('Cache-Control', 'public, max-age=60');
    return c.json(view);
  });
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
    proof: false,
  };
}

function phoneLink(e164: string): { href: string; text: string } {
  return { href: `tel:${e164}`, text: parsePhoneNumberFromString(e164)?.formatInternational() ?? e164 };
}
