/** `/events/{provider}/{secret}`: a provider's news. Most providers sign nothing, so the address itself is a secret, and each proves itself further if it can. */
import { Hono } from 'hono';
import { portalAdmission } from '../admission/admit-portal-request.ts';
import { heedEvent } from '../calls/heed-event.ts';
import type { Vault } from '../store/vault.ts';
import { RequestProblem } from './problem-response.ts';
import { readText } from './read-body.ts';
import type { RelayContext, RelayEnv } from './relay-env.ts';
import { equalsOneInConstantTime } from './status-token.ts';

const MAX_EVENT_BYTES = 65_536;

export function eventRoutes(relay: RelayContext): Hono<RelayEnv> {
  const admitPortalRequest = portalAdmission(relay);
  return new Hono<RelayEnv>().post('/:provider/:secret', async (c) => {
    const provider = relay.providers.get(c.req.param('provider'));
    // An unknown provider and a wrong secret are one answer.
    if (provider === undefined || !equalsOneInConstantTime(c.req.param('secret'), relay.vault.keysOf('events', provider.name))) {
      return c.notFound();
    }
    const read = await provider.readEvent(c.req.header('content-type') ?? '', await readText(c.req.raw, { maxBytes: MAX_EVENT_BYTES }));
    if (read.kind === 'forged') throw new RequestProblem('origin_not_allowed');
    if (read.kind === 'event') await heedEvent(provider.name, read.event, relay);
    // Kept before it is answered: a portal delivers once, and one write takes milliseconds. Whatever rings comes afterwards.
    if (read.kind === 'request' && (await admitPortalRequest(provider.name, read.request))) relay.wake();
    return c.body(null, 204);
  });
}

/** Where a provider delivers. Its last part is derived, so that it is the same after every start and stands in no setting. */
export function eventPathOf(provider: string, vault: Vault): string {
  return `/events/${encodeURIComponent(provider)}/${vault.keyOf('events', provider)}`;
}
