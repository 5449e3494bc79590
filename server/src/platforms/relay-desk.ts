/** Orders that only a relay that runs can carry out, and what each is answered with. Answers travel through a file, as JSON. */
import type { Admission } from '../admission/admit-call.ts';
import type { ProblemCode } from '../contract/problems.ts';
import type { Bitrix24Client, Reply } from '../providers/bitrix24/bitrix24-client.ts';
import type { Failure } from '../providers/bitrix24/bitrix24-faults.ts';
import type { Finding, Provider } from '../providers/provider.ts';
import type { Relay } from '../relay.ts';
import type { Call, CallState } from '../store/call.ts';
import type { Store } from '../store/store.ts';
import type { EventSighting } from './event-sightings.ts';
import type { RelayOrder } from './node-control.ts';

export type CallAnswer =
  | { kind: 'accepted'; id: string }
  /** `retryAt`, `opensAt`: epoch ms. */
  | { kind: 'refused'; code: ProblemCode; retryAt?: number | undefined; opensAt?: number | undefined }
  /** Nobody waited for it any more. */
  | { kind: 'too_late' };

/** How a call stands. `talkedMs` as the provider reported it. */
export interface CallNews {
  state: CallState;
  step?: Call['step'];
  fault?: string | undefined;
  provider?: string | undefined;
  talkedMs?: number | undefined;
}

export interface RelayReport {
  /** Epoch ms, since when `sightings` are kept. */
  startedAt: number;
  url: string;
  sightings: readonly EventSighting[];
  /** What the relay heeds at this moment, by command or by its settings. */
  paused: boolean;
  pausedSites: readonly string[];
}

export interface RelayDesk {
  relay: Pick<Relay, 'askByHand' | 'cancel' | 'hangUp'>;
  store: Pick<Store, 'find'>;
  /** By the name of the account. */
  accounts(): ReadonlyMap<string, { provider: Pick<Provider, 'verify'>; bitrix24?: Bitrix24Client | undefined }>;
  report(): RelayReport;
  now(): number;
}

/** `orderId` stands for the call that is asked for: carried out again after a crash, the order is still one call. */
export async function answerAtDesk(orderId: string, order: RelayOrder, desk: RelayDesk): Promise<unknown> {
  switch (order.kind) {
    case 'call':
      return desk.now() > order.until ? { kind: 'too_late' } : placeCall(orderId, order, desk);
    case 'view_call':
      return newsOf(await desk.store.find(order.id));
    case 'cancel_call':
      return newsOf(await desk.relay.cancel(order.id));
    case 'hang_up':
      return desk.relay.hangUp(order.id);
    case 'report':
      return desk.report();
    case 'verify':
      return verifyLine(order, desk);
    case 'ask_portal':
      return askPortal(order, desk);
  }
}

async function placeCall(key: string, { site, number }: Extract<RelayOrder, { kind: 'call' }>, { relay }: RelayDesk): Promise<CallAnswer> {
  const admission: Admission | undefined = await relay.askByHand({ site, number, key });
  if (admission === undefined) return { kind: 'refused', code: 'unknown_site' };
  if (admission.kind !== 'problem') return { kind: 'accepted', id: admission.call.id };
  const { code, retryAt, opensAt } = admission;
  return { kind: 'refused', code, retryAt, opensAt };
}

/** Null: there is no such call, or it could not be taken back. */
function newsOf(call: Call | undefined): CallNews | null {
  return call === undefined
    ? null
    : { state: call.state, step: call.step, fault: call.fault, provider: call.provider, talkedMs: call.talkedMs };
}

async function verifyLine({ account, line }: Extract<RelayOrder, { kind: 'verify' }>, desk: RelayDesk): Promise<Finding[]> {
  const { code, message } = UNASKABLE.fault;
  return (await desk.accounts().get(account)?.provider.verify(line)) ?? [{ ok: false, code, message }];
}

/** What a command may ask a portal: to look, and to keep its lines. Nothing that rings anybody. */
const ASKABLE =
  /^(?:scope|app\.info|event\.get|voximplant\.line\.get|voximplant\.tts\.voices\.get|voximplant\.statistic\.get|telephony\.externalLine\.\w+)$/;

async function askPortal({ account, method, params }: Extract<RelayOrder, { kind: 'ask_portal' }>, desk: RelayDesk): Promise<Reply> {
  const client = ASKABLE.test(method) ? desk.accounts().get(account)?.bitrix24 : undefined;
  return client === undefined ? UNASKABLE : client.call(method, params);
}

const UNASKABLE: Failure = {
  kind: 'refused',
  fault: {
    code: 'not_at_this_relay',
    message: 'The running relay has no such account. Let it read the settings anew (SIGHUP), or start it again.',
    problem: 'unavailable',
    configuration: true,
  },
};
