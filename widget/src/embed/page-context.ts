/** Where the visitor was when they asked, for whoever follows up: within the contract's limits, and no more than that person needs. */
import type { CallRequest } from '../../../server/src/contract/calls.ts';

type PageView = NonNullable<CallRequest['page']>;

/**
 * Addresses lose query and fragment, which may carry tokens and personal data; campaign parameters are kept by name. The cuts keep
 * the body below 4096 bytes even if every character takes three.
 */
export function readPage(url: string, referrer: string, title: string): PageView {
  const query = new URL(url).searchParams;
  const utm = (['source', 'medium', 'campaign', 'term', 'content'] as const).map((name) => [
    name,
    query.get(`utm_${name}`)?.slice(0, 60) || undefined,
  ]);
  return { url: bare(url), referrer: bare(referrer), title: title.slice(0, 120), utm: Object.fromEntries(utm) };
}

function bare(address: string): string {
  return address.replace(/[?#].*/s, '').slice(0, 400);
}
