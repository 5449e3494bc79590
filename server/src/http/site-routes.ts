/** `/v1/sites/{site}`: what the form needs to draw itself. */
import { Hono } from 'hono';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { type SiteTimes, siteTimes, type TimesOf } from '../admission/site-times.ts';
import type { DepartmentConfig, SiteConfig } from '../config/config.ts';
import type { SiteView } from '../contract/site-view.ts';
import { contentHash } from './content-hash.ts';
import { behind, type Guard } from './guards.ts';
import { RequestProblem } from './problem-response.ts';
import type { RelayContext, RelayEnv } from './relay-env.ts';
import { formatInstant, respond } from './respond.ts';

export function siteRoutes(relay: RelayContext, guardOrigin: Guard, timesOf: TimesOf = siteTimes(relay)): Hono<RelayEnv> {
  const draw = drawOnce();
  return new Hono<RelayEnv>().get(
    '/:site',
    behind([guardOrigin], async (c) => {
      const site = relay.sites.get(c.req.param('site') ?? '');
      if (site === undefined) throw new RequestProblem('unknown_site', { detail: 'site' });
      const times = await timesOf(site, findDepartment(c.req.query('department'), site));
      const view = draw(site, times);
      // No copy may outlive the moment at which the site opens or closes.
      const maxAgeS = Math.max(0, Math.floor((times.validUntil - relay.clock.now()) / 1_000));
      const headers = { 'Content-Type': 'application/json', 'Cache-Control': `public, max-age=${maxAgeS}`, ETag: view.etag };
      const isKnown = c.req.header('if-none-match')?.includes(view.etag) === true;
      return isKnown ? respond(c, 304, null, headers) : respond(c, 200, view.text, headers);
    }),
  );
}

function findDepartment(key: string | undefined, site: SiteConfig): DepartmentConfig | undefined {
  if (key === undefined || key === '') return undefined;
  const department = site.departments.get(key);
  if (department === undefined) throw new RequestProblem('invalid_request', { detail: 'department' });
  return department;
}

/** Times are the same object for as long as they hold, and so is the text that tells them. */
function drawOnce(): (site: SiteConfig, times: SiteTimes) => { text: string; etag: string } {
  const drawn = new WeakMap<SiteTimes, { text: string; etag: string }>();
  return (site, times) => {
    const known = drawn.get(times);
    if (known !== undefined) return known;
    const text = JSON.stringify(viewSite(site, times));
    const view = { text, etag: `"${contentHash(text)}"` };
    drawn.set(times, view);
    return view;
  };
}

function viewSite(site: SiteConfig, times: SiteTimes): SiteView {
  return {
    site: site.key,
    ...(site.name !== undefined && { name: site.name }),
    open: times.open,
    ...(times.opensAt !== undefined && { opensAt: formatInstant(times.opensAt) }),
    timeZone: times.timeZone,
    country: site.country,
    countries: [...site.countries],
    departments: [...site.departments.values()].map(({ key, name }) => ({ key, name })),
    slots: times.slots.map(formatInstant),
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
