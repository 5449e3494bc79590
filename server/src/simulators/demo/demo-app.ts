/** The demo at `npm start`: a shop with the widget on it, both simulated telephones, and what happens, line by line. */
import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import * as z from 'zod';
import type { Clock } from '../../clock.ts';
import type { LegName, SimulatedCall, Telephones } from '../bitrix24/telephones.ts';
import { demoAssets, shopPage, stagePage } from './demo-pages.ts';
import { describeChange } from './describe-change.ts';
import { eventStream } from './event-stream.ts';
import type { Happenings } from './happenings.ts';
import { isSameOrigin } from './same-origin.ts';
import { type Stage, stageOf } from './stage.ts';

export interface DemoOptions {
  telephones: Telephones;
  happenings: Happenings;
  /** The line that rings the agent, as the page shows it. */
  line: string;
  clock: Clock;
  /** Where the widget's script is, for the tag in the shop. */
  scriptPath: string;
}

/** First event of a stream, after which `stage` and `said` carry what changes. */
export interface Snapshot {
  /** The relay's clock in epoch ms, so that the page's timers do not depend on its own. */
  readonly now: number;
  readonly stage: Stage;
  readonly happenings: ReturnType<Happenings['since']>;
}

/**
 * Routes: the page at `/`, what it is made of under `/demo/`. Listens to the telephones for as long as the process lives.
 * Faults of a request are plain text: 400 unreadable, 403 from elsewhere, 404 no such telephone, 409 nothing to do, 413 too large.
 */
export function demoApp({ telephones, happenings, line, clock, scriptPath }: DemoOptions): Hono {
  const app = new Hono();
  tellChanges(telephones, happenings);

  // Not on `*`: the relay's own routes, beside which this app is mounted, answer with headers of their own.
  app.use('/', setHeaders);
  app.use('/demo/*', setHeaders);
  app.get('/', (context) => context.html(stagePage(line)));
  app.get('/demo/shop', (context) => context.html(shopPage(scriptPath)));
  for (const { path, type, text } of demoAssets) {
    app.get(path, (context) => context.body(text, 200, { 'Content-Type': type }));
  }

  app.get('/demo/events', (context) =>
    eventStream({
      clock,
      signal: context.req.raw.signal,
      open(send) {
        const snapshot: Snapshot = { now: clock.now(), stage: stageOf(telephones.dials), happenings: happenings.since(0) };
        send('snapshot', snapshot);
        const stops = [
          telephones.onChange(() => send('stage', stageOf(telephones.dials))),
          happenings.onSay((happening) => send('said', happening)),
        ];
        return () => stops.forEach((stop) => void stop());
      },
    }),
  );

  app.post('/demo/phones/:leg{agent|visitor}/:action{answer|hang-up}', bodyLimit({ maxSize: MAX_BODY_BYTES }), async (context) => {
    if (!isSameOrigin(context.req.raw.headers)) return context.text('Only the demo page itself may do this.', 403);
    const body = phoneRequest.safeParse(await context.req.json().catch(() => undefined));
    if (!body.success) return context.text('The body must be {"callId": "…"}.', 400);
    const { leg, action } = context.req.param() as { leg: LegName; action: 'answer' | 'hang-up' };
    const { callId } = body.data;
    const isDone = action === 'answer' ? telephones.answer(leg, callId) : telephones.hangUp(leg, callId);
    if (isDone) return context.body(null, 204);
    return context.text('This telephone is not in a call that could be answered or ended.', 409);
  });
  return app;
}

const MAX_BODY_BYTES = 1024;
const phoneRequest = z.strictObject({ callId: z.string().min(1).max(128) });

/** Nothing inline, nothing from elsewhere: the widget must work on such a page, and here it does. */
const HEADERS = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
};

const setHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value);
};

function tellChanges(telephones: Telephones, happenings: Happenings): void {
  const seen = new Map<string, SimulatedCall>();
  telephones.onChange((call) => {
    for (const text of describeChange(seen.get(call.callId), call)) happenings.say('phone', text);
    if (call.endedAt === undefined) seen.set(call.callId, call);
    else seen.delete(call.callId);
  });
}
