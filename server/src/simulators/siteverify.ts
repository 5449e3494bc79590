/**
 * Turnstile, hCaptcha and SmartCaptcha as their documentation describes them, in one application: the ends that verify tokens, and
 * the scripts that pages get them by. Tokens can be issued by hand too, as those scripts would to a browser that passed.
 */
import { type Context, Hono } from 'hono';
import type { Clock } from '../clock.ts';
import { drawVendorFrame, VENDOR_SCRIPT_PATHS, VENDOR_SCRIPTS, type VisitorMood } from './siteverify-scripts.ts';

export interface SiteverifySimulatorOptions {
  clock: Clock;
  /** For all three. */
  siteKey: string;
  secret: string;
}

export type SimulatedVendor = 'turnstile' | 'hcaptcha' | 'smartcaptcha';

export type SiteverifyMisbehaviour =
  | { kind: 'answer'; status: number; body: string; headers?: Readonly<Record<string, string>> }
  | { kind: 'hang' }
  /** Headers come at once, the body never ends. */
  | { kind: 'drip' }
  | { kind: 'flood'; bytes: number };

export interface SiteverifySimulator {
  readonly app: Hono;
  /** Every question as it came, oldest first. */
  readonly questions: readonly { vendor: SimulatedVendor; fields: Readonly<Record<string, string>> }[];
  /** A fresh token of a page at this host; only Turnstile remembers action and data. */
  issue(vendor: SimulatedVendor, page: { host: string; action?: string; data?: string }): string;
  /** From now on every browser's visitor is taken for such a one; at first they pass. */
  meet(mood: VisitorMood): void;
  /** The next question to this vendor gets this instead; called again, it queues. */
  misbehave(vendor: SimulatedVendor, behaviour: SiteverifyMisbehaviour): void;
}

export const SIMULATED_PATHS: Readonly<Record<SimulatedVendor, string>> = {
  turnstile: '/turnstile/v0/siteverify',
  hcaptcha: '/siteverify',
  smartcaptcha: '/validate',
};

const TOKEN_LIFE_MS: Readonly<Record<SimulatedVendor, number>> = { turnstile: 300_000, hcaptcha: 120_000, smartcaptcha: 300_000 };

interface Token {
  vendor: SimulatedVendor;
  host: string;
  action: string;
  data: string;
  issuedAt: number;
  /** Set once the token has been shown; Turnstile answers the same question again under the same key. */
  spentBy: { repeatKey: string | undefined } | undefined;
}

export function siteverifySimulator({ clock, siteKey, secret }: SiteverifySimulatorOptions): SiteverifySimulator {
  const app = new Hono();
  const questions: { vendor: SimulatedVendor; fields: Record<string, string> }[] = [];
  const tokens = new Map<string, Token>();
  let mood: VisitorMood = 'passes';
  const staged: { vendor: SimulatedVendor; behaviour: SiteverifyMisbehaviour }[] = [];

  /** The token's page if it is good, and spends it. */
  function spend(vendor: SimulatedVendor, text: string | undefined, repeatKey: string | undefined): Token | 'unknown' | 'spent' {
    const token = tokens.get(text ?? '');
    if (token === undefined || token.vendor !== vendor) return 'unknown';
    const isRepeated = repeatKey !== undefined && token.spentBy?.repeatKey === repeatKey;
    if (token.issuedAt + TOKEN_LIFE_MS[vendor] <= clock.now() || (token.spentBy !== undefined && !isRepeated)) return 'spent';
    token.spentBy = { repeatKey };
    return token;
  }

  function judgeLikeGoogle(vendor: 'turnstile' | 'hcaptcha', fields: Record<string, string>, context: Context): Response {
    const refuse = (code: string) => context.json({ success: false, 'error-codes': [code], messages: [] });
    if (fields.secret === undefined) return refuse('missing-input-secret');
    if (fields.secret !== secret) return refuse('invalid-input-secret');
    if (fields.response === undefined) return refuse('missing-input-response');
    if (vendor === 'hcaptcha' && fields.sitekey !== undefined && fields.sitekey !== siteKey) return refuse('sitekey-secret-mismatch');
    const token = spend(vendor, fields.response, vendor === 'turnstile' ? fields.idempotency_key : undefined);
    if (token === 'unknown') return refuse('invalid-input-response');
    if (token === 'spent') return refuse(vendor === 'turnstile' ? 'timeout-or-duplicate' : 'invalid-or-already-seen-response');
    const common = { success: true, challenge_ts: new Date(token.issuedAt).toISOString(), hostname: token.host };
    return context.json(vendor === 'turnstile' ? { ...common, 'error-codes': [], action: token.action, cdata: token.data } : common);
  }

  function judgeLikeYandex(fields: Record<string, string>, context: Context): Response {
    const refuse = (message: string) => context.json({ status: 'failed', message });
    if (fields.secret === undefined) return refuse('Authentication failed. Secret has not provided.');
    if (fields.secret !== secret) return refuse('Authentication failed. Invalid secret.');
    const token = spend('smartcaptcha', fields.token, undefined);
    return typeof token === 'string' ? refuse('Invalid or expired Token.') : context.json({ status: 'ok', message: '', host: token.host });
  }

  const answer = (vendor: SimulatedVendor) => async (context: Context) => {
    const fields = Object.fromEntries(new URLSearchParams(await context.req.text()));
    questions.push({ vendor, fields });
    const at = staged.findIndex((stage) => stage.vendor === vendor);
    const [stage] = at === -1 ? [] : staged.splice(at, 1);
    if (stage !== undefined) return misbehave(stage.behaviour);
    return vendor === 'smartcaptcha' ? judgeLikeYandex(fields, context) : judgeLikeGoogle(vendor, fields, context);
  };
  app.post(SIMULATED_PATHS.turnstile, answer('turnstile'));
  app.post(SIMULATED_PATHS.hcaptcha, answer('hcaptcha'));
  app.post(SIMULATED_PATHS.smartcaptcha, answer('smartcaptcha'));

  function issue(vendor: SimulatedVendor, { host, action = '', data = '' }: { host: string; action?: string; data?: string }): string {
    const text = `${vendor}.${tokens.size + 1}.${'x'.repeat(200)}`;
    tokens.set(text, { vendor, host, action, data, issuedAt: clock.now(), spentBy: undefined });
    return text;
  }

  for (const vendor of ['turnstile', 'hcaptcha', 'smartcaptcha'] as const) {
    app.get(VENDOR_SCRIPT_PATHS[vendor], (context) => context.body(VENDOR_SCRIPTS[vendor], 200, { 'Content-Type': 'text/javascript' }));
    app.get(`/frame/${vendor}`, (context) => {
      const { siteKey: asked, host = '', action = '', data = '' } = context.req.query();
      return context.html(
        drawVendorFrame(asked === siteKey ? mood : 'fails', mood === 'passes' ? issue(vendor, { host, action, data }) : ''),
      );
    });
  }

  return {
    app,
    questions,
    issue,
    meet(next) {
      mood = next;
    },
    misbehave: (vendor, behaviour) => void staged.push({ vendor, behaviour }),
  };
}

function misbehave(behaviour: SiteverifyMisbehaviour): Response | Promise<Response> {
  switch (behaviour.kind) {
    case 'answer':
      return new Response(behaviour.body, { status: behaviour.status, headers: { ...behaviour.headers } });
    case 'hang':
      return new Promise<never>(() => {});
    case 'drip':
      return new Response(new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{"success":')) }));
    case 'flood':
      return new Response(`{"success":true,"padding":"${'x'.repeat(behaviour.bytes)}"}`);
    default:
      return behaviour satisfies never;
  }
}
