/** What may be kept of a visitor's own words. The raw strings end here. */
import type { CallDetails } from '../calls/accept-call.ts';
import type { SiteConfig } from '../config/config.ts';
import type { CallRequest } from '../contract/calls.ts';
import { cleanAddress, cleanName, cleanWords } from './clean-text.ts';

const MAX = { url: 1024, referrer: 1024, title: 200, utm: 100 } as const;

/** `consent` only where the site asks for one: then it has been checked that it names the site's own text. */
export function keepableDetails({ name, page, consent }: CallRequest, site: SiteConfig): CallDetails {
  return {
    name: name === undefined ? undefined : cleanName(name),
    page: page && cleanPage(page),
    consent: site.consent === undefined ? undefined : consent,
  };
}

function cleanPage({ url, referrer, title, utm }: NonNullable<CallRequest['page']>): CallRequest['page'] {
  const campaign = Object.entries(utm ?? {}).map(([key, words = '']) => [key, cleanWords(words, MAX.utm)] as const);
  return filled({
    url: url === undefined ? undefined : cleanAddress(url, MAX.url),
    referrer: referrer === undefined ? undefined : cleanAddress(referrer, MAX.referrer),
    title: title === undefined ? undefined : cleanWords(title, MAX.title),
    utm: filled(Object.fromEntries(campaign)),
  });
}

/** What there is of it; undefined where there is nothing. */
function filled<T extends object>(group: T): { [K in keyof T]?: Exclude<T[K], undefined> } | undefined {
  const given = Object.entries(group).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : (Object.fromEntries(given) as { [K in keyof T]?: Exclude<T[K], undefined> });
}
