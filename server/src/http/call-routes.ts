/** `/v1/calls`: ask for a call, follow it, take it back. */
import { type Context, Hono } from 'hono';
import { admitCall, type Refusal } from '../admission/admit-call.ts';
import { takeBack } from '../calls/take-back.ts';
import { pollAfterMs, viewCall } from '../calls/view-call.ts';
import { type CallAccepted, type CallRequest, callRequest } from '../contract/calls.ts';
import type { Call } from '../store/call.ts';
import { behind, checkSiteOrigin, type Guard, guardFetchMode, guardJsonBody, guardShield, maxCallBytes } from './guards.ts';
import { RequestProblem, refuseRequest } from './problem-response.ts';
import { rateLimitFields, secondsUntil } from './rate-limit-fields.ts';
import { parseJson, readText } from './read-body.ts';
import type { RelayContext, RelayEnv } from './relay-env.ts';
import { respondJson } from './respond.ts';
import { isStatusToken, statusTokenOf } from './status-token.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

export function callRoutes(relay: RelayContext, guardOrigin: Guard): Hono<RelayEnv> {
  const guards = [guardOrigin, guardFetchMode];
  const maxBytes = maxCallBytes(relay);
  return new Hono<RelayEnv>()
    .post(
      '/',
      behind([...guards, guardJsonBody(maxBytes), guardShield(relay)], async (c) => {
        const request = readCallRequest(await readText(c.req.raw, { maxBytes, enforcesLength: c.env.enforcesLength }));
        if (request instanceof RequestProblem) return refuseRequest(c, request, '/v1/calls', relay);
        const site = relay.sites.get(request.site);
        if (site === undefined) throw new RequestProblem('unknown_site', { detail: 'site' });
        checkSiteOrigin(c, site.origins, relay);
        const idempotencyKey = readIdempotencyKey(c);

        const admission = await admitCall({ request, site, idempotencyKey, address: c.env.address }, relay);
        if (admission.kind === 'problem') throw toProblem(admission, relay);
        const { kind, call, number } = admission;
        relay.log({ level: 'info', event: `request.${kind}`, callId: call.id, site: site.key, country: call.country });
        if (kind === 'accepted') relay.wake();
        return respondJson(c, 202, acceptedView(call, number, relay), rateLimitFields(admission.quota, relay.clock.now()));
      }),
    )
    .get(
      '/:id',
      behind(guards, async (c) => respondJson(c, 200, view(await findOwnCall(c, relay), relay))),
    )
    .delete(
      '/:id',
      behind(guards, async (c) => {
        const cancelled = await takeBack(await findOwnCall(c, relay), relay);
        if (cancelled === undefined) throw new RequestProblem('too_late');
        return respondJson(c, 200, view(cancelled, relay));
      }),
    );
}

/**
 * Runs the schema itself: an error object with words and a stack, which nobody would read, costs several times as much. What is wrong
 * is handed back, since a throw through several functions costs as much again.
 */
function readCallRequest(text: string): CallRequest | RequestProblem {
  const body = parseJson(text);
  if (body instanceof RequestProblem) return body;
  const parsed = callRequest._zod.run({ value: body, issues: [] }, { async: false });
  if (parsed instanceof Promise) throw new Error('The schema of a request waits for something.');
  const [issue] = parsed.issues;
  if (issue === undefined) return parsed.value as CallRequest;
  // Which field, never its value: what was sent may be a number or a name.
  const field = issue.path?.join('.') || (issue.code === 'unrecognized_keys' ? 'unknown field' : 'body');
  return new RequestProblem('invalid_request', { detail: field });
}

function readIdempotencyKey(c: Context): string {
  const key = c.req.header('idempotency-key');
  if (key === undefined || !UUID.test(key)) throw new RequestProblem('invalid_request', { detail: 'Idempotency-Key' });
  return key.toLowerCase();
}

function toProblem({ code, detail, scope, retryAt, opensAt, challenge, quota }: Refusal, { clock }: RelayContext): RequestProblem {
  const now = clock.now();
  const retryAfterS = retryAt === undefined ? undefined : secondsUntil(retryAt, now);
  return new RequestProblem(code, { detail, scope, retryAfterS, opensAt, challenge, headers: rateLimitFields(quota, now) });
}

function acceptedView(call: Call, number: string, relay: RelayContext): CallAccepted {
  const now = relay.clock.now();
  return {
    id: call.id,
    statusToken: statusTokenOf(call.id, relay.vault),
    state: viewCall(call, now, () => undefined).state,
    number,
    dialBefore: new Date(call.dialBefore).toISOString(),
    pollAfterMs: pollAfterMs(call, now),
  };
}

/** A wrong token and an unknown id are one answer: no oracle for ids. */
async function findOwnCall(c: Context<RelayEnv>, relay: RelayContext): Promise<Call> {
  const id = c.req.param('id') ?? '';
  const token = /^Bearer ([\w-]{1,64})$/.exec(c.req.header('authorization') ?? '')?.[1];
  if (token === undefined || !isStatusToken(token, id, relay.vault)) throw new RequestProblem('unknown_call');
  const call = await relay.store.find(id);
  if (call === undefined) throw new RequestProblem('unknown_call');
  return call;
}

const view = (call: Call, relay: RelayContext) => viewCall(call, relay.clock.now(), relay.problemOf);
