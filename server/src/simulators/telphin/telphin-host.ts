/**
 * A host of the RingMe platform, as Telphin runs one, with the two telephones at its ends. It can be called in this process
 * (`app.fetch`) or served on a socket (serve-telphin.ts), where connections can be cut for real.
 */
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { Clock } from '../../clock.ts';
import { type Misbehaviour, misbehave } from '../bitrix24/misbehaviour.ts';
import { switchboard } from '../bitrix24/switchboard.ts';
import type { SimulatedCall, Telephones } from '../bitrix24/telephones.ts';
import { type CallbackOrder, isCallbackOrder } from './telphin-callback-order.ts';
import { TELPHIN_ERRORS, type TelphinErrorName } from './telphin-errors.ts';
import { type AgentLegs, type Subscription, sendTelphinEvents } from './telphin-events.ts';
import { gmt, historyPage, historyRecord } from './telphin-history.ts';
import { hourlyQuota } from './telphin-quota.ts';
import { resourceOf, type TelphinResource } from './telphin-resources.ts';
import { type TelphinTokens, telphinTokens } from './telphin-tokens.ts';

export interface TelphinHostOptions {
  clock: Clock;
  appId: string;
  appSecret: string;
  /** Id to name, `12037*105`, of the type `phone`. */
  extensions: Readonly<Record<string, string>>;
  /** Ids of extensions at which no telephone is signed in. */
  offline?: readonly string[];
  /** Id to title. */
  sounds?: Readonly<Record<string, string>>;
  /** Seconds that a token lives; 3600 when absent, `null` when the answer does not say. */
  tokenLifetimeS?: number | null;
  /** Requests in an hour, the application's own; unlimited when absent. */
  hourlyQuota?: number;
  /** How long a reading of the history takes, during which another is refused; no time when absent. */
  historyMs?: number;
  /** Whether the application may read the history; true when absent. */
  mayReadHistory?: boolean;
  /** How long a telephone rings; 30 s when absent. */
  ringMs?: number;
  /** How long the recording plays that the agent hears; 4 s when absent. */
  announcementMs?: number;
  /** By which events are posted; the usual one when absent. */
  fetch?: typeof fetch;
  /** In [0, 1): makes call ids. */
  random?: () => number;
}

export type TelphinMisbehaviour = Exclude<Misbehaviour, { kind: 'error' }> | { kind: 'error'; name: TelphinErrorName };

export interface TelphinRequest {
  readonly resource: TelphinResource;
  readonly httpMethod: string;
  readonly path: string;
  readonly contentType: string;
  readonly acceptEncoding: string;
  readonly body: string;
  /** How much of a staged flood was taken off the host. */
  floodedBytes: number;
}

type HostEnv = { Bindings: HttpBindings };

export interface TelphinHost {
  readonly app: Hono<HostEnv>;
  /** Their `dials` are the truth about who was rung. */
  readonly telephones: Telephones;
  /** Of every dial, oldest first. */
  readonly orders: readonly CallbackOrder[];
  /** Everything that was asked, oldest first, refused or not. */
  readonly requests: readonly TelphinRequest[];
  readonly tokens: TelphinTokens;
  /** One of the agents whose telephones ring picks up; false if that one does not ring. */
  answerAs(number: string, callId: string): boolean;
  /** An agent asks a colleague while the call goes on, who lets it ring, or is talked with for a moment. */
  consult(callId: string, colleague: string, how: 'unanswered' | 'talked'): void;
  /** As an operator does by hand: all four kinds of events about calls. */
  subscribe(extensionId: string, url: string): void;
  /** The next `times` requests of the resource (once when absent) get this instead; called again, it queues. */
  misbehave(resource: TelphinResource, behaviour: TelphinMisbehaviour, times?: number): void;
}

export const CALL_EVENTS = ['dial-in', 'dial-out', 'answer', 'hangup'] as const;

export function telphinHost(options: TelphinHostOptions): TelphinHost {
  const { clock, appId, appSecret, extensions, sounds = {}, random = Math.random } = options;
  const tokens = telphinTokens({
    clock,
    appId,
    appSecret,
    lifetimeS: options.tokenLifetimeS === undefined ? 3_600 : options.tokenLifetimeS,
  });
  const exchange = switchboard({ clock, ringMs: options.ringMs ?? 30_000, announcementMs: options.announcementMs ?? 4_000 });
  const subscriptions: Subscription[] = [];
  const orders: CallbackOrder[] = [];
  const agents = new Map<string, AgentLegs>();
  const agentsOf = (callId: string): AgentLegs => agents.get(callId) ?? { numbers: [], answering: '' };
  const agentOf = ({ callId }: SimulatedCall) => agentsOf(callId).answering;
  const { consult } = sendTelphinEvents({
    telephones: exchange,
    clock,
    fetch: options.fetch ?? fetch,
    subscriptions: () => subscriptions,
    agentsOf,
  });
  const requests: TelphinRequest[] = [];
  const staged = new Map<TelphinResource, TelphinMisbehaviour[]>();
  const quota = hourlyQuota(clock, options.hourlyQuota);
  let historyFreeAt = 0;

  function startCallback(extensionId: string, text: string): Response {
    const body = parseJson(text);
    if (extensions[extensionId] === undefined) return refuse('notFound');
    if (!isCallbackOrder(body)) return refuse('badRequest');
    if (body.callback_rate_limit === 100) return refuse('callLimit');
    const callId = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join('');
    orders.push({ extensionId, fields: body });
    agents.set(callId, { numbers: body.src_num, answering: body.src_num[0] ?? '' });
    exchange.dial({
      callId,
      line: extensionId,
      number: body.dst_num,
      announcement: String(body.announce_sound_id ?? ''),
      voice: undefined,
    });
    return Response.json({ call_api_id: controlIdOf(callId), call_id: callId }, { status: 201 });
  }

  function readHistory(callId: string | undefined, query: URLSearchParams): Response {
    if (options.mayReadHistory === false) return refuse('appTypeDenied');
    if (clock.now() < historyFreeAt) return refuse('busy');
    historyFreeAt = clock.now() + (options.historyMs ?? 0);
    if (callId === undefined) return Response.json(historyPage(exchange.dials, query, agentOf));
    const call = exchange.dials.find((each) => each.callId === callId && each.endedAt !== undefined);
    return call === undefined ? refuse('notFound') : Response.json(historyRecord(call, agentOf(call)));
  }

  function currentCalls(extensionId: string): Response {
    const running = exchange.dials.filter(({ line, endedAt }) => line === extensionId && endedAt === undefined);
    return Response.json(running.map((call) => currentCall(call, agentOf(call))));
  }

  function interrupt(controlId: string): Response {
    const call = exchange.dials.find((each) => each.endedAt === undefined && controlIdOf(each.callId) === controlId);
    if (call === undefined) return refuse('notFound');
    exchange.hangUp('agent', call.callId);
    return new Response(null, { status: 204 });
  }

  function registration(extensionId: string): Response {
    if (extensions[extensionId] === undefined) return refuse('notFound');
    const registered = options.offline?.includes(extensionId) !== true;
    return Response.json({ registered, registrations: registered ? [{ user_agent: 'Softphone' }] : [] });
  }

  function subscribe(extensionId: string, url: string, eventType: string): Subscription {
    const subscription = { id: subscriptions.length + 1, extensionId, url, eventType };
    subscriptions.push(subscription);
    return subscription;
  }

  function events(extensionId: string, method: string, text: string): Response {
    const ours = subscriptions.filter((each) => each.extensionId === extensionId);
    if (method === 'GET') return Response.json(ours.map(({ id, url, eventType }) => ({ id, url, method: 'POST', event_type: eventType })));
    const body = parseJson(text) as { url?: string; event_type?: string } | undefined;
    if (body?.url === undefined || body.event_type === undefined) return refuse('badRequest');
    const { id, url, eventType } = subscribe(extensionId, body.url, body.event_type);
    return Response.json({ id, url, method: 'POST', event_type: eventType }, { status: 201 });
  }

  function answer(request: TelphinRequest, url: URL, authorization: string | undefined): Response {
    if (request.resource === 'token') return tokens.answer(new URLSearchParams(request.body));
    if (!tokens.isGood(authorization)) return refuse('tokenWrong');
    if (quota.isSpent()) return refuse('quota');
    const [, kind = '', owner = '', , id] = url.pathname.split('/').slice(2);
    const extensionId = kind === 'extension' ? decodeURIComponent(owner) : '';
    switch (request.resource) {
      case 'callback':
        return request.httpMethod === 'POST' ? startCallback(extensionId, request.body) : refuse('notFound');
      case 'history':
        return readHistory(id === '' ? undefined : id, url.searchParams);
      case 'current_calls':
        return request.httpMethod === 'DELETE' ? interrupt(id ?? '') : currentCalls(extensionId);
      case 'event':
        return events(extensionId, request.httpMethod, request.body);
      case 'extension':
        return Response.json(
          pageOf(extensions, url).map(([each, name]) => ({ id: Number(each), name, type: 'phone', label: '', status: 'active' })),
        );
      case 'registration':
        return registration(extensionId);
      case 'sound':
        return Response.json(
          pageOf(sounds, url).map(([each, title]) => ({ id: Number(each), title, filename: `${each}.wav`, client_id: 1 })),
        );
      case 'user':
        return Response.json({ client_id: 1, extension_id: null, admin: true });
      case 'unknown':
        return refuse('notFound');
    }
  }

  const app = new Hono<HostEnv>();
  app.all('*', async (c) => {
    const url = new URL(c.req.url);
    const request: TelphinRequest = {
      resource: resourceOf(url.pathname),
      httpMethod: c.req.method,
      path: url.pathname + url.search,
      contentType: c.req.header('content-type') ?? '',
      acceptEncoding: c.req.header('accept-encoding') ?? '',
      body: await c.req.text(),
      floodedBytes: 0,
    };
    requests.push(request);
    const proper = () => quota.stamp(answer(request, url, c.req.header('authorization')));
    const behaviour = staged.get(request.resource)?.shift();
    if (behaviour === undefined) return proper();
    if (behaviour.kind === 'error') return quota.stamp(refuse(behaviour.name));
    if (behaviour.kind === 'without_call_id') return forgetCallId(proper());
    return misbehave(behaviour, {
      clock,
      http: httpOf(c),
      answer: proper,
      refuse: () => refuse('crash'),
      sent: (bytes) => {
        request.floodedBytes += bytes;
      },
    });
  });

  return {
    app,
    telephones: exchange,
    orders,
    requests,
    tokens,
    answerAs(number, callId) {
      const { numbers } = agentsOf(callId);
      if (!numbers.includes(number)) return false;
      agents.set(callId, { numbers, answering: number });
      return exchange.answer('agent', callId);
    },
    consult,
    subscribe(extensionId, url) {
      for (const eventType of CALL_EVENTS) subscribe(extensionId, url, eventType);
    },
    misbehave(resource, behaviour, times = 1) {
      staged.set(resource, [...(staged.get(resource) ?? []), ...Array.from({ length: times }, () => behaviour)]);
    },
  };
}

/** Apart from the call's own id, as the documentation defines the two. */
function controlIdOf(callId: string): string {
  return `api${callId.slice(3)}`;
}

function currentCall(call: SimulatedCall, agent: string): object {
  return {
    call_api_id: controlIdOf(call.callId),
    callback_id: call.callId,
    call_flow: 'out',
    called_number: call.number,
    caller_id_number: agent,
    init_time_gmt: gmt(call.dialledAt),
    extension_id: Number(call.line),
  };
}

function refuse(name: TelphinErrorName): Response {
  const { status, body } = TELPHIN_ERRORS[name];
  return Response.json(body, { status });
}

function pageOf(items: Readonly<Record<string, string>>, url: URL): [string, string][] {
  const perPage = Number(url.searchParams.get('per_page') ?? 20);
  const page = Number(url.searchParams.get('page') ?? 1);
  return Object.entries(items).slice((page - 1) * perPage, page * perPage);
}

async function forgetCallId(response: Response): Promise<Response> {
  const { call_id: _, ...rest } = (await response.json()) as Record<string, unknown>;
  return Response.json(rest, { status: response.status });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Hono leaves `env` undefined where the app is called without one. */
function httpOf({ env }: Context<HostEnv>): HttpBindings | undefined {
  return (env as Partial<HttpBindings> | undefined)?.incoming === undefined ? undefined : env;
}
