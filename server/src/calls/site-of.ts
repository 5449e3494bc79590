/** Whom a call rings: its site, with the line and the words of the department that was asked for. */
import type { SiteConfig } from '../config/config.ts';
import type { Call } from '../store/store.ts';

/** Undefined where the site is no longer configured. A department that is no longer configured leaves the call to the site. */
export function siteOf({ site: key, department }: Call, sites: ReadonlyMap<string, SiteConfig>): SiteConfig | undefined {
  const site = sites.get(key);
  const chosen = department === undefined ? undefined : site?.departments.get(department);
  if (site === undefined || chosen === undefined) return site;
  return { ...site, line: chosen.line ?? site.line, announcement: chosen.announcement ?? site.announcement };
}
