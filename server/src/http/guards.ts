/** What is checked before a body is read, cheapest first. None of it is authentication: scripts outside browsers forge all of it. */
import type { Context } from 'hono';
import { MAX_BODY_BYTES, MAX_PROOF_CHARS } from '../contract/calls.ts';
import { RequestProblem } from './problem-response.ts';
import { secondsUntil } from './rate-limit-fields.ts';
import type { RelayContext, RelayEnv } from './relay-env.ts';
import { respond } from './respond.ts';

/** Throws what is wrong with a request. */
export type Guard = (c: Context<RelayEnv>) => void;

/**
 * `handle` behind guards, as one handler: a chain of middleware costs a refusal more than all that the refusal does, and this one
 * is answered without a turn of the event loop.
 */
export function behind<Answer>(guards: readonly Guard[], handle: (c: Context<RelayEnv>) => Answer): (c: Context<RelayEnv>) => Answer {
  return (c) => {
    for (const guard of guards) guard(c);
    return handle(c);
  };
}

/** CORS with exact origins, no credentials. Refuses every foreign or opaque origin. */
export function guardOrigin(relay: RelayContext): Guard {
  const origins = [...relay.sites.values()].flatMap((site) => site.origins);
  // Made once: they stand in every answer.
  const known = new Map(origins.map((origin) => [origin, sharedWith(origin)]));
  return (c) => {
    const origin = c.req.header('origin');
    const shared = origin === undefined ? VARY : known.get(origin);
    c.set('sharedHeaders', shared ?? VARY);
    if (origin === undefined || shared !== undefined) return;
    if (!isOwnOrigin(c, origin, relay)) throw new RequestProblem('origin_not_allowed');
    c.set('sharedHeaders', sharedWith(origin));
  };
}

function sharedWith(origin: string): Readonly<Record<string, string>> {
  return { ...VARY, 'Access-Control-Allow-Origin': origin };
}

export function answerPreflight(c: Context<RelayEnv>): Response {
  return respond(c, 204, null, PREFLIGHT);
}

const VARY = { Vary: 'Origin' };
const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'GET, POST, DELETE',
  'Access-Control-Allow-Headers': 'authorization, content-type, idempotency-key',
  'Access-Control-Max-Age': '600',
};

/** Browsers that say how a request came about say `cors` for every request of the widget, `same-origin` on our own pages. */
export function guardFetchMode(c: Context<RelayEnv>): void {
  if (!FETCH_MODES.has(c.req.header('sec-fetch-mode'))) throw new RequestProblem('origin_not_allowed');
}

const FETCH_MODES = new Set<string | undefined>([undefined, 'cors', 'same-origin']);

/** After the body has named the site: this origin must be one of that very site. */
export function checkSiteOrigin(c: Context, origins: readonly string[], relay: RelayContext): void {
  const origin = c.req.header('origin');
  if (origin === undefined || !isSiteOrigin(c, origin, origins, relay)) throw new RequestProblem('origin_not_allowed');
}

/** The same for a GET, with which browsers name no origin where page and relay share one, as they do behind one proxy. */
export function checkReaderOrigin(c: Context, origins: readonly string[], relay: RelayContext): void {
  if (c.req.header('origin') === undefined && c.req.header('sec-fetch-site') === 'same-origin') return;
  checkSiteOrigin(c, origins, relay);
}

export function isSiteOrigin(c: Context, origin: string, origins: readonly string[], relay: RelayContext): boolean {
  return origins.includes(origin) || isOwnOrigin(c, origin, relay);
}

function isOwnOrigin(c: Context, origin: string, relay: RelayContext): boolean {
  return relay.allowOwnOrigin && origin === new URL(c.req.url).origin;
}

/** The body of a call may be so long here. Where no site has a hosted check, no proof needs more room than the contract has for all. */
export function maxCallBytes({ sites }: RelayContext): number {
  const isHosted = [...sites.values()].some(({ proof }) => proof.mode !== 'off' && proof.prover.kind === 'siteverify');
  return isHosted ? MAX_BODY_BYTES + MAX_PROOF_CHARS : MAX_BODY_BYTES;
}

/** JSON forces a preflight on other sites' pages; a form cannot post it. */
export function guardJsonBody(maxBytes: number): Guard {
  return (c) => checkBody(c, 'application/json', maxBytes);
}

/** A body of this media type, of a length that is a number and small enough; the bytes are counted as they are read. */
export function checkBody(c: Context<RelayEnv>, mediaType: string, maxBytes: number): void {
  const type = c.req.header('content-type');
  if (type !== mediaType && type?.split(';', 1)[0]?.trim().toLowerCase() !== mediaType) throw new RequestProblem('unsupported_media_type');
  const length = c.req.header('content-length');
  if (length === undefined) return;
  if (!/^\d{1,15}$/.test(length)) throw new RequestProblem('invalid_request', { detail: 'Content-Length' });
  if (Number(length) > maxBytes) throw new RequestProblem('body_too_large');
}

/** A source that asks too often is turned away before anything of its request is read. */
export function guardShield({ shield, clock }: RelayContext): Guard {
  return (c) => {
    const retryAt = shield.admit(c.env.address);
    if (retryAt !== undefined) throw new RequestProblem('rate_limited', { retryAfterS: secondsUntil(retryAt, clock.now()) });
  };
}
