/**
 * `RateLimit` and `RateLimit-Policy` as structured fields (draft-ietf-httpapi-ratelimit-headers-11). A policy of several windows
 * is one item a window under one name; `RateLimit` speaks of the window with the least left.
 */
import type { Quota } from '../admission/quota.ts';

export function rateLimitFields(quota: Quota | undefined, now: number): Record<string, string> {
  if (quota === undefined) return {};
  const policies = quota.policies.flatMap(({ scope, windows }) =>
    windows.map(({ max, perMs }) => `"${scope}";q=${max};w=${Math.ceil(perMs / 1000)}`),
  );
  const left = quota.left.map(({ scope, remaining, resetAt }) => `"${scope}";r=${remaining};t=${secondsUntil(resetAt, now)}`);
  return {
    ...(policies.length > 0 && { 'RateLimit-Policy': policies.join(', ') }),
    ...(left.length > 0 && { RateLimit: left.join(', ') }),
  };
}

/** Whole seconds and at least one: whoever comes back then is not turned away for coming a moment too soon. */
export function secondsUntil(time: number, now: number): number {
  return Math.max(1, Math.ceil((time - now) / 1000));
}
