/**
 * Telphin, and whoever else runs the RingMe platform: `POST /extension/{id}/callback/` rings the agents, plays them a recording if
 * there is one, then rings the visitor. Success means that the order was taken, nothing more; the rest is in events and history.
 */
import type { Clock } from '../../clock.ts';
import type { Secret } from '../../config/secret.ts';
import type { Credentials } from '../credentials.ts';
import { isRecord } from '../exchange.ts';
import type { Answer, DialOrder, Outcome, Provider } from '../provider.ts';
import { agentNumbers } from './telphin-agents.ts';
import { telphinClient } from './telphin-client.ts';
import { readEvent, type StartedCall } from './telphin-events.ts';
import { LINE_UNFIT, NUMBER_UNFIT, problemOf, SETTING_UNFIT, UNREADABLE, VOICES_MISSING } from './telphin-faults.ts';
import { telphinFinder } from './telphin-find.ts';
import { hangUp } from './telphin-hang-up.ts';
import { parseTelphinHost } from './telphin-host.ts';
import { callbackBody, extensionSegment, isDialable, isInRange, readCallId } from './telphin-order.ts';
import { readLines, readSounds, type Sound } from './telphin-setup.ts';
import { telphinToken } from './telphin-token.ts';
import { verifyLine } from './telphin-verify.ts';

export interface TelphinProviderOptions {
  /** Of the account in the configuration. */
  name: string;
  /** `https://host` of the operator; throws what is wrong with it. */
  host: string;
  appId: string;
  appSecret: Secret;
  /** Must open a fresh connection for every request and never send one twice. */
  fetch: typeof fetch;
  clock: Clock;
  /** Where the token is kept for whoever else works for the account; undefined: in memory alone. */
  credentials?: Credentials | undefined;
}

export interface TelphinProvider extends Provider {
  /** The account's recordings, of which announcements are chosen. */
  sounds(): Promise<Answer<Sound[]>>;
}

export function telphin({ name, host, fetch, clock, ...application }: TelphinProviderOptions): TelphinProvider {
  const parsed = parseTelphinHost(host);
  if (!parsed.ok) throw new Error(parsed.fault);
  const { origin } = parsed;
  const client = telphinClient({ origin, token: telphinToken({ name, origin, fetch, clock, ...application }), fetch, clock });
  const finder = telphinFinder(client, clock);
  const started = startedCalls();
  const agentOf = agentNumbers(client, clock);

  async function dial(order: DialOrder): Promise<Outcome> {
    const { line, number, sendBefore, telphin: options = {} } = order;
    const extension = extensionSegment(line);
    if (extension === undefined) return LINE_UNFIT;
    if (!isDialable(number)) return NUMBER_UNFIT;
    if (!isInRange(options)) return SETTING_UNFIT;
    const agents = options.srcNum === undefined ? await agentOf(line) : { ok: true as const, value: options.srcNum };
    if (!agents.ok) return agents.failure;
    const unprepared = await client.prepare();
    if (unprepared !== undefined) return unprepared;
    const body = callbackBody(agents.value, number, options);
    const reply = await client.within((signal) => client.post(`/extension/${extension}/callback/`, body, signal, sendBefore));
    return reply.kind === 'success' ? placed(reply.body, order, agents.value) : reply;
  }

  function placed(body: unknown, { number, telphin: options }: DialOrder, agents: readonly string[]): Outcome {
    const ref = isRecord(body) ? readCallId(body.call_id) : undefined;
    const controlRef = isRecord(body) ? readCallId(body.call_api_id) : undefined;
    if (ref === undefined && controlRef === undefined) return UNREADABLE;
    const goesOn = options?.transferAfterSrcHangup !== undefined || options?.transferAfterDstHangup !== undefined;
    if (ref !== undefined) started.note({ ref, number, agents, goesOn, visitorWasRung: false });
    return { kind: 'placed', ref, controlRef };
  }

  return {
    name,
    // Events come only if the operator has subscribed, and tell of legs: without them, and beside them, the history is read.
    reportsEvents: false,
    dial,
    find: (query) => finder.find(query),
    verify: (line, options) => verifyLine(client, line, options?.srcNum),
    problemOf,
    lines: () => readLines(client),
    async voices() {
      return { ok: false, fault: VOICES_MISSING.fault };
    },
    readEvent: (contentType, body) => readEvent(contentType, body, started.read),
    sounds: () => readSounds(client),
    hangUp: (call) => hangUp(client, call),
  };
}

/** As many calls as go on at once at a large company. */
const REMEMBERED_CALLS = 1_000;

/** What events do not say about the calls of this process. Forgotten with it: then less is made of its events, nothing else. */
function startedCalls() {
  const calls = new Map<string, StartedCall>();
  return {
    note(call: StartedCall) {
      calls.set(call.ref.toLowerCase(), call);
      const [oldest] = calls.keys();
      if (calls.size > REMEMBERED_CALLS && oldest !== undefined) calls.delete(oldest);
    },
    read: (ref: string): StartedCall | undefined => calls.get(ref.toLowerCase()),
  };
}
