/**
 * Events of an extension: a form for every thing that happens to a leg, posted once to each subscriber and never again. Every number of
 * an order is a leg of its own; once somebody has answered, the others are told that they are not needed.
 */
import type { Clock } from '../../clock.ts';
import type { SimulatedCall, Telephones } from '../bitrix24/telephones.ts';

export interface Subscription {
  readonly id: number;
  readonly extensionId: string;
  readonly url: string;
  readonly eventType: string;
}

/** The telephones that ring for the agent of a call. */
export interface AgentLegs {
  readonly numbers: readonly string[];
  /** The one who answered, or who would. */
  readonly answering: string;
}

export interface TelphinEventsOptions {
  telephones: Telephones;
  clock: Clock;
  fetch: typeof fetch;
  subscriptions: () => readonly Subscription[];
  agentsOf: (callId: string) => AgentLegs;
}

export interface TelphinEvents {
  /** An agent asks a colleague while the call goes on: a leg that is none of the order's, under the id of the call. */
  consult(callId: string, colleague: string, how: 'unanswered' | 'talked'): void;
}

type EventType = 'dial-in' | 'dial-out' | 'answer' | 'hangup';

interface Leg {
  number: string;
  isVisitor: boolean;
}

interface Happening {
  eventType: EventType;
  leg: Leg;
  status: string;
  bridged: boolean;
}

export function sendTelphinEvents({ telephones, clock, fetch, subscriptions, agentsOf }: TelphinEventsOptions): TelphinEvents {
  const told = new Set<string>();
  telephones.onChange((call) => {
    for (const happening of happened(call, agentsOf(call.callId))) {
      const key = `${call.callId} ${happening.eventType} ${happening.leg.number}`;
      if (!told.has(key)) post(call, happening);
      told.add(key);
    }
  });

  function post(call: SimulatedCall, happening: Happening): void {
    const body = new URLSearchParams(describe(call, happening)).toString();
    for (const { url } of subscriptions().filter((each) => each.extensionId === call.line && each.eventType === happening.eventType)) {
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      // A delivery that fails is lost.
      void fetch(url, { method: 'POST', headers, body }).then(
        (response) => response.body?.cancel(),
        () => undefined,
      );
    }
  }

  function describe(call: SimulatedCall, { eventType, leg, status, bridged }: Happening): Record<string, string> {
    const { answering } = agentsOf(call.callId);
    return {
      EventType: eventType,
      EventTime: String(clock.now() * 1_000),
      CallID: call.callId,
      SubCallID: `${call.callId}-${leg.number}`,
      CallAPIID: `${call.callId}-${leg.number}-api`,
      CallBackID: call.callId,
      CallerIDNum: answering,
      CallerIDName: answering,
      CallerExtension: `12037*${answering}@simulated`,
      CalledNumber: leg.number,
      CallFlow: leg.isVisitor ? 'OUT' : 'IN',
      CallStatus: status,
      ...(eventType === 'hangup' && {
        Duration: String(((call.endedAt ?? clock.now()) - call.dialledAt) * 1_000),
        Bridged: String(bridged),
      }),
    };
  }

  return {
    consult(callId, colleague, how) {
      const call = telephones.dials.find((each) => each.callId === callId);
      if (call === undefined) return;
      const leg: Leg = { number: colleague, isVisitor: false };
      const talked = how === 'talked';
      post(call, { eventType: 'dial-in', leg, status: 'CALLING', bridged: false });
      if (talked) post(call, { eventType: 'answer', leg, status: 'ANSWER', bridged: false });
      post(call, { eventType: 'hangup', leg, status: talked ? 'ANSWER' : 'NOANSWER', bridged: talked });
    },
  };
}

function happened(call: SimulatedCall, { numbers, answering }: AgentLegs): Happening[] {
  const { agent, visitor, connectedAt, endedAt, number } = call;
  const legs = numbers.map((each): Leg => ({ number: each, isVisitor: false }));
  const winner: Leg = { number: answering, isVisitor: false };
  const visitorLeg: Leg = { number, isVisitor: true };
  const begin = (eventType: 'dial-in' | 'dial-out', leg: Leg): Happening => ({ eventType, leg, status: 'CALLING', bridged: false });
  const answer = (leg: Leg): Happening => ({ eventType: 'answer', leg, status: 'ANSWER', bridged: false });
  const hangup = (leg: Leg, status: string): Happening => ({ eventType: 'hangup', leg, status, bridged: connectedAt !== undefined });

  const list = legs.map((leg) => begin('dial-in', leg));
  if (agent === 'listening' || agent === 'talking' || visitor !== 'waiting') {
    const losers = legs.filter((leg) => leg.number !== answering);
    list.push(answer(winner), ...losers.map((leg) => ({ ...hangup(leg, 'CANCEL'), bridged: false })));
  }
  if (visitor !== 'waiting') list.push(begin('dial-out', visitorLeg));
  if (connectedAt !== undefined) list.push(answer(visitorLeg));
  if (endedAt === undefined) return list;
  if (visitor !== 'waiting') return [...list, hangup(visitorLeg, statusOf(call, 'visitor')), hangup(winner, statusOf(call, 'agent'))];
  return [...list, ...legs.map((leg) => hangup(leg, statusOf(call, 'agent')))];
}

function statusOf(call: SimulatedCall, leg: 'agent' | 'visitor'): string {
  if (call.connectedAt !== undefined) return 'ANSWER';
  if (call[leg] === 'declined') return 'BUSY';
  if (call[leg] === 'unanswered') return 'NOANSWER';
  return leg === 'agent' && call.visitor !== 'waiting' ? 'ANSWER' : 'CANCEL';
}
