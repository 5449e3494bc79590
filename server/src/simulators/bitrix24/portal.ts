/**
 * A Bitrix24 portal as its documentation describes it, with the two telephones at its ends. It can be called in this process
 * (`app.fetch`) or served on a socket (serve-portal.ts), where connections can be cut for real.
 */
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { Clock } from '../../clock.ts';
import { type Misbehaviour, misbehave } from './misbehaviour.ts';
import { APPLICATION_ERRORS } from './portal-application-errors.ts';
import { CARD_ERRORS } from './portal-card-errors.ts';
import { type PortalCards, portalCards } from './portal-cards.ts';
import { type PortalCrm, portalCrm } from './portal-crm.ts';
import { type AnyErrorName, CRM_ERRORS } from './portal-crm-errors.ts';
import { PORTAL_ERRORS, type PortalErrorName } from './portal-errors.ts';
import { type PortalEventsOptions, sendEvents } from './portal-events.ts';
import { leakyBucket, operatingAccount } from './portal-limits.ts';
import { type PortalMethod, type PortalRights, portalMethods } from './portal-methods.ts';
import { readParam } from './portal-params.ts';
import { type PortalRequest, readRequest } from './portal-request.ts';
import { switchboard } from './switchboard.ts';
import type { Telephones } from './telephones.ts';

export interface Bitrix24PortalOptions {
  clock: Clock;
  userId: string;
  webhookSecret: string;
  /** Users to whom a call can be written down; the owner of the webhook when absent. */
  userIds?: readonly string[];
  /** Id to name. */
  lines: Readonly<Record<string, string>>;
  /** Lines that exist and have no settings; none when absent. */
  unconfiguredLines?: readonly string[];
  voices?: Readonly<Record<string, string>>;
  /** How long a telephone rings; 30 s when absent. */
  ringMs?: number;
  /** How long the announcement takes; 4 s when absent. */
  announcementMs?: number;
  /** Calls that nobody answered are repeated by the portal itself; not when absent. */
  redial?: { attempts: number; afterMs: number } | undefined;
  /** `telephony` and `call` when absent. */
  scopes?: readonly string[];
  /** All when absent. */
  rights?: Partial<PortalRights>;
  /** `commercial` when absent; the free plan has no REST API. */
  plan?: 'commercial' | 'free';
  /** Requests that it takes at once; 50 when absent, as of all but the largest plan. */
  burst?: number;
  /** Refuses plain http; false when absent, as a test's socket has no certificate. */
  httpsOnly?: boolean;
  /** For the calling style without a webhook; none when absent. */
  accessTokens?: readonly string[];
  expiredTokens?: readonly string[];
  /** An installed application (portal-application.ts): what it may ask, and what its tokens are worth. None when absent. */
  application?: { methods: ReadonlyMap<string, PortalMethod>; judge(token: string): 'valid' | 'expired' | undefined } | undefined;
  /** The outgoing webhook; none when absent. */
  events?: PortalEventsOptions;
  /** The mode of its CRM, and its list of sources; classic, and stock ones, when absent. */
  crm?: { mode?: 'classic' | 'simple'; sources?: readonly string[] } | undefined;
  /** In [0, 1): makes call ids. */
  random?: () => number;
}

type PortalEnv = { Bindings: HttpBindings };

export interface Bitrix24Portal {
  readonly app: Hono<PortalEnv>;
  /** Their `dials` are the truth about who was rung. */
  readonly telephones: Telephones;
  readonly crm: PortalCrm;
  /** External lines, and calls that were written down by an application. */
  readonly external: Pick<PortalCards, 'cards' | 'lines'>;
  /** Everything that was asked, oldest first, refused or not. */
  readonly requests: readonly PortalRequest[];
  /** `/rest/<user id>/<secret>/` */
  readonly webhookPath: string;
  /** The next `times` requests of the method (once when absent) get this instead; called again, it queues. */
  misbehave(method: string, behaviour: Misbehaviour, times?: number): void;
}

export function bitrix24Portal(options: Bitrix24PortalOptions): Bitrix24Portal {
  const { clock, userId, webhookSecret, random = Math.random } = options;
  const newCallId = () => `callback.${hex32(random)}.${Math.floor(clock.now() / 1000)}`;
  const exchange = switchboard({
    clock,
    ringMs: options.ringMs ?? 30_000,
    announcementMs: options.announcementMs ?? 4_000,
    redial: options.redial && { ...options.redial, newCallId },
  });
  if (options.events !== undefined) sendEvents(exchange, options.events, clock);
  const scopes = options.scopes ?? ['telephony', 'call'];
  const crm = portalCrm({ userId, ...options.crm });
  const telephony = portalMethods({
    userId,
    lines: options.lines,
    unconfiguredLines: options.unconfiguredLines ?? [],
    voices: options.voices ?? { ukenglishfemale: 'English (UK), female', eurgermanfemale: 'German, female' },
    scopes,
    switchboard: exchange,
    newCallId,
  });
  const cards = portalCards({
    clock,
    newCardId: () => `externalCall.${hex32(random)}.${Math.floor(clock.now() / 1000)}`,
    crm,
    userIds: options.userIds ?? [userId],
    statistics: telephony.get('voximplant.statistic.get'),
  });
  const methods = new Map([...telephony, ...crm.methods, ...cards.methods, ...(options.application?.methods ?? [])]);
  const requests: PortalRequest[] = [];
  const staged = new Map<string, Misbehaviour[]>();
  const hasRoom = leakyBucket(clock, options.burst);
  const operating = operatingAccount(clock);

  function refusalOf(request: PortalRequest, method: PortalMethod | undefined): AnyErrorName | undefined {
    if (options.httpsOnly && !request.secure) return 'plainHttp';
    if (!hasRoom()) return 'tooManyRequests';
    const identity = refuseIdentity(request, options);
    if (identity !== undefined) return identity;
    if (options.plan === 'free') return 'freePlan';
    if (method === undefined) return 'unknownMethod';
    if (method.applicationOnly && request.identity.kind === 'webhook') return 'wrongAuthType';
    if (!method.scopes.every((scope) => scopes.includes(scope))) return 'noScope';
    if (operating.isSpent(request.method)) return 'tooMuchTime';
    return method.right !== undefined && options.rights?.[method.right] === false ? 'noRight' : undefined;
  }

  function answer(request: PortalRequest): Response {
    const method = methods.get(request.method);
    const refusal = refusalOf(request, method);
    if (refusal !== undefined || method === undefined) return refuse(refusal ?? 'unknownMethod', request);
    const outcome = method.run(request.params);
    if (!outcome.ok) return refuse(outcome.error, request);
    const time = timeBlock(request.at, method.costMs, operating.book(request.method, method.costMs));
    return Response.json({ ...outcome.answer, time });
  }

  const app = new Hono<PortalEnv>();
  app.all('/rest/*', async (c) => {
    const request = await readRequest(c.req.raw, clock.now());
    requests.push(request);
    const behaviour = staged.get(request.method)?.shift();
    if (behaviour === undefined) return answer(request);
    return misbehave(behaviour, {
      clock,
      http: httpOf(c),
      answer: () => answer(request),
      refuse: (name) => refuse(name, request),
      sent: (bytes) => {
        request.floodedBytes += bytes;
      },
    });
  });

  return {
    app,
    telephones: exchange,
    crm,
    external: cards,
    requests,
    webhookPath: `/rest/${userId}/${webhookSecret}/`,
    misbehave(method, behaviour, times = 1) {
      staged.set(method, [...(staged.get(method) ?? []), ...Array.from({ length: times }, () => behaviour)]);
    },
  };
}

function refuseIdentity({ identity }: PortalRequest, options: Bitrix24PortalOptions): PortalErrorName | undefined {
  if (identity.kind === 'webhook') {
    return identity.userId === options.userId && identity.secret === options.webhookSecret ? undefined : 'noAuth';
  }
  const worth = options.application?.judge(identity.token);
  if (worth === 'expired' || options.expiredTokens?.includes(identity.token)) return 'expiredToken';
  return worth === 'valid' || options.accessTokens?.includes(identity.token) ? undefined : 'noAuth';
}

const ERRORS = { ...PORTAL_ERRORS, ...CRM_ERRORS, ...CARD_ERRORS, ...APPLICATION_ERRORS };

function refuse(name: AnyErrorName, { params }: PortalRequest): Response {
  const { status, error, description } = ERRORS[name];
  return Response.json({ error, error_description: description.replace('{line}', readParam(params, 'FROM_LINE')) }, { status });
}

/** Hono leaves `env` undefined where the app is called without one. */
function httpOf({ env }: Context<PortalEnv>): HttpBindings | undefined {
  return (env as Partial<HttpBindings> | undefined)?.incoming === undefined ? undefined : env;
}

/** In seconds, as the portal counts. */
function timeBlock(at: number, costMs: number, { usedMs, resetAt }: { usedMs: number; resetAt: number }) {
  return {
    start: at / 1000,
    finish: (at + costMs) / 1000,
    duration: costMs / 1000,
    processing: costMs / 1000,
    date_start: isoSeconds(at),
    date_finish: isoSeconds(at + costMs),
    operating_reset_at: resetAt / 1000,
    operating: usedMs / 1000,
  };
}

function hex32(random: () => number): string {
  return Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
}

function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}+00:00`;
}
