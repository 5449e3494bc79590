/** The route table, and around it the order of guards. Decides nothing about calls. */
import { type Context, Hono } from 'hono';
import { siteTimes } from '../admission/site-times.ts';
import { callRoutes } from './call-routes.ts';
import { challengeRoutes } from './challenge-routes.ts';
import { checkRoutes } from './check-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { formRoutes } from './form-routes.ts';
import { answerPreflight, behind, guardOrigin } from './guards.ts';
import { installRoutes } from './install-routes.ts';
import { openApiDocument } from './openapi.ts';
import { ownPage } from './own-page.ts';
import { problemResponse, RequestProblem, refuseRequest } from './problem-response.ts';
import type { RelayContext, RelayEnv } from './relay-env.ts';
import { siteRoutes } from './site-routes.ts';
import { widgetRoutes } from './widget-routes.ts';

export function relayApp(relay: RelayContext): Hono<RelayEnv> {
  const app = new Hono<RelayEnv>();
  const originGuard = guardOrigin(relay);
  const timesOf = siteTimes(relay);

  app.options('/v1/*', behind([originGuard], answerPreflight));
  app.route('/v1/calls', callRoutes(relay, originGuard));
  app.route('/v1/sites', challengeRoutes(relay, originGuard));
  app.route('/v1/sites', siteRoutes(relay, originGuard, timesOf));
  app.route('/check', checkRoutes(relay));
  app.route('/form', formRoutes(relay, timesOf));
  app.route('/events', eventRoutes(relay));
  app.route('/install', installRoutes(relay));
  app.route('/', ownPage(relay.allowOwnOrigin));
  if (relay.widget !== undefined) app.route('/', widgetRoutes(relay.widget));

  const isReady = readiness(relay);
  let document: object | undefined;
  app.get('/openapi.json', (c) => {
    document ??= openApiDocument(relay.version);
    return c.json(document, 200, { 'Access-Control-Allow-Origin': '*' });
  });
  app.get('/healthz', (c) => c.json({ status: 'ok', version: relay.version }));
  app.get('/readyz', async (c) => {
    return (await isReady()) ? c.json({ status: 'ready' }) : c.json({ status: 'store unavailable' }, 503);
  });

  app.notFound((c) => c.json({ status: 404, title: 'There is nothing here.' }, 404, { 'Content-Type': 'application/problem+json' }));
  app.onError((error, c) => respondToError(error, c, relay));
  return app;
}

/** It takes a durable write to know, and anybody may ask: whoever asks within the same second shares the answer. */
const READY_FOR_MS = 1_000;

function readiness({ store, clock }: RelayContext): () => Promise<boolean> {
  let asked: { at: number; answer: Promise<boolean> } | undefined;
  return () => {
    const now = clock.now();
    if (asked === undefined || Math.abs(now - asked.at) >= READY_FOR_MS) {
      const answer = store.ping().then(
        () => true,
        () => false,
      );
      asked = { at: now, answer };
    }
    return asked.answer;
  };
}

/** Anything that is not a known problem closes: nothing was accepted, the visitor is told to come back, the operator is told where. */
function respondToError(error: Error, c: Context<RelayEnv>, relay: RelayContext): Response {
  if (error instanceof RequestProblem) return refuseRequest(c, error, c.req.routePath, relay);
  // Foreign errors may carry what was sent: only their kind is logged.
  relay.log({ level: 'error', event: 'request.failed', error: error.name, path: c.req.routePath });
  return problemResponse(c, new RequestProblem('unavailable'));
}
