/** What is checked before a body is read, cheapest first. None of it is authentication: scripts outside browsers forge all of it. */
import type { Context, MiddlewareHandler } from 'hono';
import { MAX_BODY_BYTES, MAX_PROOF_CHARS } from '../contract/calls.ts';
import { RequestProblem } from './problem-response.ts';
import { secondsUntil } from './rate-limit-fields.ts';
import type { RelayContext, RelayEnv } from './relay-env.ts';
import { respond } from './respond.ts';

/** CORS with exact origins, no credentials. Answers preflights; refuses every foreign or opaque origin. */
export function guardOrigin(relay: RelayContext): MiddlewareHandler<RelayEnv> {
  const known = new Set([...relay.sites.values()].flatMap((site) => site.origins));
  return async (c, next) => {
    const origin = c.req.header('origin');
    c.set('sharedHeaders', VARY);
    if (origin !== undefined) {
      if (!known.has(origin) && !isOwnOrigin(c, origin, relay)) throw new RequestProblem('origin_not_allowed');
      c.set('sharedHeaders', { ...VARY, 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': EXPOSED });
    }
    if (c.req.method === 'OPTIONS') return respond(c, 204, null, PREFLIGHT);
    await next();
    return;
  };
}

const VARY = { Vary: 'Origin' };
const EXPOSED = 'Retry-After, RateLimit, RateLimit-Policy';
const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'GET, POST, DELETE',
  'Access-Control-Allow-Headers': 'authorization, content-type, idempotency-key',
  'Access-Control-Max-Age': '600',
};

/** Browsers that say how a request came about say `cors` for every request of the widget, `same-origin` on our own pages. */
export function guardFetchMode(): MiddlewareHandler<RelayEnv> {
  const modes = new Set<string | undefined>([undefined, 'cors', 'same-origin']);
  return async (c, next) => {
    if (!modes.has(c.req.header('sec-fetch-mode'))) throw new RequestProblem('origin_not_allowed');
    await next();
  };
}

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
export function guardJsonBody(maxBytes: number): MiddlewareHandler<RelayEnv> {
  return async (c, next) => {
    const type = c.req.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
    if (type !== 'application/json') throw new RequestProblem('unsupported_media_type');
    const length = c.req.header('content-length');
    if (length !== undefined) {
      if (!/^\d{1,15}$/.test(length)) throw new RequestProblem('invalid_request', { detail: 'Content-Length' });
      if (Number(length) > maxBytes) throw new RequestProblem('body_too_large');
    }
    await next();
  };
}

/** A source that asks too often is turned away before anything of its request is read. */
export function guardShield({ shield, clock }: RelayContext): MiddlewareHandler<RelayEnv> {
  return async (c, next) => {
    const retryAt = shield.admit(c.env.address);
    if (retryAt !== undefined) throw new RequestProblem('rate_limited', { retryAfterS: secondsUntil(retryAt, clock.now()) });
    await next();
  };
}
