/** Whom a call rings: its site, with the account, the line and the words of the department that was asked for. */
import type { DepartmentConfig, SiteConfig } from '../config/config.ts';
import type { Call } from '../store/call.ts';

/** Undefined where the site is no longer configured. A department that is no longer configured leaves the call to the site. */
export function siteOf(
  { site: key, department }: Pick<Call, 'site' | 'department'>,
  sites: ReadonlyMap<string, SiteConfig>,
): SiteConfig | undefined {
  const site = sites.get(key);
  const chosen = department === undefined ? undefined : site?.departments.get(department);
  return site === undefined || chosen === undefined ? site : withDepartment(site, chosen);
}

/** A line belongs to an account, and so do a voice and Telphin's options. What the department leaves open is the site's. */
function withDepartment(site: SiteConfig, { provider = site.provider, line, telphin, announcement }: DepartmentConfig): SiteConfig {
  const inherited = provider === site.provider ? site.telphin : {};
  return {
    ...site,
    provider,
    line: line ?? site.line,
    voice: provider === site.provider ? site.voice : undefined,
    // The line says where the department is rung, unless it says so itself.
    telphin: { ...inherited, ...(line !== undefined && { srcNum: undefined }), ...telphin },
    announcement: announcement ?? site.announcement,
  };
}
