/** What may be kept of a visitor's own words. The raw strings end here. */
import type { CallDetails } from '../calls/accept-call.ts';
import type { SiteConfig } from '../config/config.ts';
import type { CallRequest } from '../contract/calls.ts';
import { cleanLine, cleanName } from './clean-text.ts';

const MAX = { url: 1024, referrer: 1024, title: 200, utm: 100 } as const;

/** `consent` only where the site asks for one: then it has been checked that it names the site's own text. */
export function keepableDetails({ name, page, consent }: CallRequest, site: SiteConfig): CallDetails {
  return {
    name: name === undefined ? undefined : cleanName(name),
    page: page && cleanPage(page),
    consent: site.consent === undefined ? undefined : consent,
  };
}

function cleanPage({ utm, ...page }: NonNullable<CallRequest['page']>): NonNullable<CallRequest['page']> {
  return {
    ...cleanEach(page, (key) => MAX[key]),
    ...(utm !== undefined && { utm: cleanEach(utm, () => MAX.utm) }),
  };
}

function cleanEach<K extends string>(lines: Partial<Record<K, string | undefined>>, maxOf: (key: K) => number): Partial<Record<K, string>> {
  const cleaned: Partial<Record<K, string>> = {};
  for (const key of Object.keys(lines) as K[]) {
    const line = lines[key];
    if (line !== undefined) cleaned[key] = cleanLine(line, maxOf(key));
  }
  return cleaned;
}
