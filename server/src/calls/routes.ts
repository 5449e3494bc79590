/**
 * The ways by which a call can be made, in the order of the site. Another way is taken only while it is certain that nothing was sent by
 * the one before: either it answered that it did not carry the order out, or it was never asked.
 */
import type { SiteConfig, TelphinOptions } from '../config/config.ts';
import type { Call } from '../store/call.ts';
import { siteOf } from './site-of.ts';

export interface Route {
  /** Name of the account. No two ways of a call have the same: what keeps an account from ringing does so on all of its lines. */
  provider: string;
  line: string;
  voice: string | undefined;
  telphin: TelphinOptions;
}

/** `site` as `siteOf` gives it: with what is its department's own. */
export function routesOf({ provider, line, voice, telphin, fallbacks }: SiteConfig): readonly [Route, ...Route[]] {
  const others = fallbacks.filter((route, index) => {
    const isKnown = fallbacks.slice(0, index).some((before) => before.provider === route.provider);
    return route.provider !== provider && !isKnown;
  });
  return [{ provider, line, voice, telphin }, ...others.map((route) => ({ ...route, telphin: route.telphin ?? {} }))];
}

/** Of the site and of all its departments, each account with each of its lines, and with all whom it rings there, once. */
export function everyRouteOf(site: SiteConfig): Route[] {
  const keyOf = ({ provider, line, telphin }: Route) => JSON.stringify([provider, line, telphin?.srcNum]);
  return [...new Map(allRoutesOf(site).map((route) => [keyOf(route), route])).values()];
}

/** The same with every way that differs in what is set for it. */
export function allRoutesOf(site: SiteConfig): Route[] {
  const own = [...site.departments.keys()].flatMap(
    (department) => siteOf({ site: site.key, department }, new Map([[site.key, site]])) ?? [],
  );
  return [site, ...own].flatMap((each) => routesOf(each));
}

/** Those that the next try may take, in order: behind the one that was tried last. The last of all is tried again. */
export function routesAhead({ attempts, provider }: Pick<Call, 'attempts' | 'provider'>, routes: readonly Route[]): readonly Route[] {
  if (attempts === 0) return routes;
  const tried = routes.findIndex((route) => route.provider === provider);
  // The way that was tried is not configured any more: the number of tries says how far the call has come.
  const next = tried === -1 ? attempts : tried + 1;
  return routes.slice(Math.min(next, routes.length - 1));
}

/** The way of a call that was claimed for it. */
export function routeOf({ provider }: Pick<Call, 'provider'>, routes: readonly [Route, ...Route[]]): Route {
  return routes.find((route) => route.provider === provider) ?? routes[0];
}

/** Whether another way than the one of this try is left. */
export function hasFallback(call: Pick<Call, 'attempts' | 'provider'>, routes: readonly Route[]): boolean {
  return routesAhead(call, routes).some((route) => route.provider !== call.provider);
}
