/** What is checked before a sent form is read. As with JSON none of it is authentication: it keeps other sites' pages out. */
import type { Context } from 'hono';
import { MAX_BODY_BYTES } from '../contract/calls.ts';
import { checkBody, type Guard } from './guards.ts';
import { RequestProblem } from './problem-response.ts';
import type { RelayEnv } from './relay-env.ts';

/**
 * The page that sends is one of ours. Browsers that say where a request comes from have compared more than we can, behind proxies
 * that rename hosts and schemes too; of the others we read `Origin`, and there the host. `takesOpaque`: `null` will do, which is
 * what a page under `no-referrer` sends as well as a stranger's sandbox, so only where a token says who asks.
 */
export function guardSameOrigin({ takesOpaque = false } = {}): Guard {
  return (c) => {
    const relation = c.req.header('sec-fetch-site');
    const isOwn = relation === undefined ? isOwnHost(c.req.header('origin'), c.req.url, takesOpaque) : relation === 'same-origin';
    if (!isOwn) throw new RequestProblem('origin_not_allowed');
  };
}

/** Scripts outside browsers send no origin, or any. */
function isOwnHost(origin: string | undefined, url: string, takesOpaque: boolean): boolean {
  if (origin === undefined) return true;
  return origin === 'null' ? takesOpaque : hostOf(origin) === new URL(url).host;
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

/** What a form without a file sends. */
export function guardFormBody(c: Context<RelayEnv>): void {
  checkBody(c, 'application/x-www-form-urlencoded', MAX_BODY_BYTES);
}
