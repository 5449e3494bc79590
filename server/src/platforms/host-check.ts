/** Which `Host` fields can stand in an address. */

import { PROBLEMS } from '../contract/problems.ts';

/** Those who ask name one of few; strangers may name any. */
const MAX_KEPT = 100;

/**
 * The server in front takes hosts that no URL takes, as `1.2.3.4.5`, and each later look at the request's address would throw.
 * Asked with every request, so what is known of a host is kept.
 */
export function hostCheck(): (host: string | undefined) => boolean {
  const known = new Map<string, boolean>();
  return (host = '') => {
    const kept = known.get(host);
    if (kept !== undefined) return kept;
    const isGood = host === '' || URL.canParse(`http://${host}`);
    if (known.size >= MAX_KEPT) known.clear();
    known.set(host, isGood);
    return isGood;
  };
}

export function refuseHost(): Response {
  const { status, title } = PROBLEMS.invalid_request;
  const problem = { type: 'urn:ringback:problem:invalid_request', title, status, code: 'invalid_request', detail: 'Host' };
  return Response.json(problem, { status, headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' } });
}
