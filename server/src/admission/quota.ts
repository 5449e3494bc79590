/** What a caller may know of its own limits. Those of a site, the deployment and the budget would tell an attacker how far he got. */
import type { AcceptGuard, AcceptResult, Room, Window } from '../store/acceptance.ts';

export type OwnScope = Room['scope'];

export interface Quota {
  policies: readonly { scope: OwnScope; windows: readonly Window[] }[];
  left: readonly { scope: OwnScope; remaining: number; resetAt: number }[];
}

export function quotaAfter(guard: AcceptGuard, room: readonly Room[]): Quota {
  return { policies: policiesOf(guard), left: room.map(({ scope, remaining, resetAt }) => ({ scope, remaining, resetAt })) };
}

/** Undefined where the limit in the way is not the caller's own. */
export function quotaSpent(
  guard: AcceptGuard,
  scope: Extract<AcceptResult, { kind: 'limited' }>['scope'],
  retryAt: number,
): Quota | undefined {
  const own = ownScopeOf(scope);
  return own && { policies: policiesOf(guard), left: [{ scope: own, remaining: 0, resetAt: retryAt }] };
}

function ownScopeOf(scope: Extract<AcceptResult, { kind: 'limited' }>['scope']): OwnScope | undefined {
  switch (scope) {
    case 'number':
    case 'number_active':
      return 'number';
    case 'source':
    case 'source_numbers':
      return 'source';
    case 'site':
    case 'deployment':
    case 'destination':
      return undefined;
  }
}

/** Of an IPv6 caller's three prefixes the narrowest stands for all: it is the one that is the caller's own. */
function policiesOf({ limits }: AcceptGuard): Quota['policies'] {
  return (['number', 'source'] as const).flatMap((scope) => {
    const own = limits.find((limit) => limit.scope === scope);
    return own === undefined ? [] : [{ scope, windows: own.windows }];
  });
}
