/** Where the visitor was when they asked, for whoever follows up: within the contract's limits, and no more than that person needs. */
import type { CallRequest } from '../../../server/src/contract/calls.ts';

type PageView = NonNullable<CallRequest['page']>;

/**
 * Addresses lose query and fragment, which may carry tokens and personal data; campaign parameters are kept by name. The cuts keep
 * the body below 4096 bytes even if every character takes three.
 */
export function readPage(url: string, referrer: string, title: string): PageView {
  const query = new URL(url).searchParams;
  const utm = Object.fromEntries(
    (['source', 'medium', 'campaign', 'term', 'content'] as const).flatMap((name) => {
      const value = query.get(`utm_${name}`);
      return value ? [[name, cut(value, 60)]] : [];
    }),
  );
  return { url: cut(bare(url), 500), referrer: cut(bare(referrer), 300), title: cut(title, 120), utm };
}

function bare(address: string): string {
  return address.replace(/[?#].*$/s, '');
}

/** Never leaves half of a surrogate pair behind. */
function cut(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}
