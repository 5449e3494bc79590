/** `/check/{site}?origin=…`: the page of a hosted check, for a frame in a page of that very site. */
import { type Context, Hono } from 'hono';
import type { SiteConfig } from '../config/config.ts';
import { checkPolicy, drawCheckPage } from './check-page.ts';
import { behind, guardShield, isSiteOrigin } from './guards.ts';
import { RequestProblem } from './problem-response.ts';
import type { RelayContext, RelayEnv } from './relay-env.ts';
import { respond } from './respond.ts';

export function checkRoutes(relay: RelayContext): Hono<RelayEnv> {
  return new Hono<RelayEnv>().get(
    '/:site',
    behind([guardShield(relay)], (c) => {
      const site = relay.sites.get(c.req.param('site') ?? '');
      if (site === undefined) throw new RequestProblem('unknown_site', { detail: 'site' });
      // Anybody may write this into an address. All it does is to name one page of the site, which alone then hears the outcome.
      const origin = c.req.query('origin') ?? '';
      if (!isSiteOrigin(c, origin, site.origins, relay)) throw new RequestProblem('origin_not_allowed');
      const { vendor, siteKey } = hostedCheckOf(site);
      return respond(c, 200, drawCheckPage({ vendor, siteKey, site: site.key, origin }), {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': checkPolicy(vendor, ancestorsOf(c, site, relay)),
        // The vendor is to see which host asks, and not for whom.
        'Referrer-Policy': 'strict-origin',
        'X-Content-Type-Options': 'nosniff',
        'Cache-Control': 'no-store',
      });
    }),
  );
}

function hostedCheckOf({ proof: { mode, prover } }: SiteConfig) {
  if (mode === 'off' || prover.kind !== 'siteverify') throw new RequestProblem('invalid_request', { detail: 'site' });
  return prover;
}

function ancestorsOf(c: Context, { origins }: SiteConfig, relay: RelayContext): readonly string[] {
  const own = new URL(c.req.url).origin;
  return isSiteOrigin(c, own, [], relay) ? [...origins, "'self'"] : origins;
}
