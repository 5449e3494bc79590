/** `/v1/sites/{site}/challenge`: what a first request will have to bring anyway, to be solved while the visitor still types. */
import { Hono } from 'hono';
import { giveEarlyChallenge } from '../admission/give-challenge.ts';
import type { EarlyChallenge } from '../contract/challenge.ts';
import { behind, checkReaderOrigin, type Guard, guardFetchMode, guardShield } from './guards.ts';
import { RequestProblem } from './problem-response.ts';
import { secondsUntil } from './rate-limit-fields.ts';
import type { RelayContext, RelayEnv } from './relay-env.ts';
import { respondJson } from './respond.ts';

export function challengeRoutes(relay: RelayContext, guardOrigin: Guard): Hono<RelayEnv> {
  return new Hono<RelayEnv>().get(
    '/:site/challenge',
    behind([guardOrigin, guardFetchMode, guardShield(relay)], async (c) => {
      const site = relay.sites.get(c.req.param('site') ?? '');
      if (site === undefined) throw new RequestProblem('unknown_site', { detail: 'site' });
      checkReaderOrigin(c, site.origins, relay);
      const given = await giveEarlyChallenge({ site, address: c.env.address }, relay);
      switch (given.kind) {
        case 'given': {
          const { challenge, goodForMs } = given;
          return respondJson(c, 200, { challenge, goodForMs } satisfies EarlyChallenge);
        }
        case 'later':
          throw new RequestProblem('rate_limited', { retryAfterS: secondsUntil(given.retryAt, relay.clock.now()) });
        case 'not_wanted':
          throw new RequestProblem('invalid_request', { detail: 'site' });
        default:
          return given satisfies never;
      }
    }),
  );
}
