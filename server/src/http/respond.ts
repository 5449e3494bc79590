/**
 * Responses with their headers as one plain record. Headers set one by one make the server build and copy a header object
 * for every answer, which costs more than everything else that a refusal does.
 */
import type { Context } from 'hono';
import type { RelayEnv } from './relay-env.ts';

/** `body` as it is sent. What the guards put down for this request (CORS) comes along. */
export function respond(c: Context<RelayEnv>, status: number, body: string | null, headers: Record<string, string> = {}): Response {
  const shared = c.get('sharedHeaders');
  const all: Record<string, string> = { ...shared, ...headers };
  if (shared !== undefined && (all['Retry-After'] ?? all.RateLimit) !== undefined) Object.assign(all, EXPOSED);
  return new Response(body, { status, headers: all });
}

/** Other origins' pages are shown these only where they are named. */
const EXPOSED = { 'Access-Control-Expose-Headers': 'Retry-After, RateLimit, RateLimit-Policy' };

/** RFC 3339 to the second: nobody opens in between. */
export function formatInstant(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Nothing about a call may be kept by a cache. */
export function respondJson(c: Context<RelayEnv>, status: number, value: object, headers: Record<string, string> = {}): Response {
  return respond(c, status, JSON.stringify(value), { ...headers, 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
}
