/** Events of an extension: a form for every thing that happens to a leg, posted once to each subscriber and never again. */
import type { Clock } from '../../clock.ts';
import type { SimulatedCall, Telephones } from '../bitrix24/telephones.ts';

export interface Subscription {
  readonly id: number;
  readonly extensionId: string;
  readonly url: string;
  readonly eventType: string;
}

export interface TelphinEventsOptions {
  telephones: Telephones;
  clock: Clock;
  fetch: typeof fetch;
  subscriptions: () => readonly Subscription[];
  agentOf: (call: SimulatedCall) => string;
}

type Leg = 'agent' | 'visitor';
type Happening = readonly [eventType: 'dial-in' | 'dial-out' | 'answer' | 'hangup', leg: Leg];

export function sendTelphinEvents({ telephones, clock, fetch, subscriptions, agentOf }: TelphinEventsOptions): void {
  const told = new Set<string>();
  telephones.onChange((call) => {
    for (const [eventType, leg] of happened(call)) {
      const key = `${call.callId} ${eventType} ${leg}`;
      if (told.has(key)) continue;
      told.add(key);
      const body = new URLSearchParams(describe(call, eventType, leg)).toString();
      for (const { url } of subscriptions().filter((each) => each.extensionId === call.line && each.eventType === eventType)) {
        const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
        // A delivery that fails is lost.
        void fetch(url, { method: 'POST', headers, body }).then(
          (response) => response.body?.cancel(),
          () => undefined,
        );
      }
    }
  });

  function describe(call: SimulatedCall, eventType: string, leg: Leg): Record<string, string> {
    return {
      EventType: eventType,
      EventTime: String(clock.now() * 1_000),
      CallID: call.callId,
      SubCallID: `${call.callId}-${leg}`,
      CallAPIID: `${call.callId}-${leg}-api`,
      CallerIDNum: agentOf(call),
      CallerIDName: agentOf(call),
      CallerExtension: `12037*${agentOf(call)}@simulated`,
      CalledNumber: leg === 'agent' ? agentOf(call) : call.number,
      CallFlow: leg === 'agent' ? 'IN' : 'OUT',
      CallStatus: statusOf(call, eventType, leg),
      ...(eventType === 'hangup' && {
        Duration: String(((call.endedAt ?? call.dialledAt) - call.dialledAt) * 1_000),
        Bridged: call.connectedAt === undefined ? 'false' : 'true',
      }),
    };
  }
}

function happened({ agent, visitor, connectedAt, endedAt }: SimulatedCall): Happening[] {
  const agentAnswered = agent === 'listening' || agent === 'talking' || visitor !== 'waiting';
  const list: Happening[] = [['dial-in', 'agent']];
  if (agentAnswered) list.push(['answer', 'agent']);
  if (visitor !== 'waiting') list.push(['dial-out', 'visitor']);
  if (connectedAt !== undefined) list.push(['answer', 'visitor']);
  if (endedAt === undefined) return list;
  return visitor === 'waiting' ? [...list, ['hangup', 'agent']] : [...list, ['hangup', 'visitor'], ['hangup', 'agent']];
}

function statusOf(call: SimulatedCall, eventType: string, leg: Leg): string {
  if (eventType.startsWith('dial')) return 'CALLING';
  if (eventType === 'answer' || call.connectedAt !== undefined) return 'ANSWER';
  if (call[leg] === 'declined') return 'BUSY';
  if (call[leg] === 'unanswered') return 'NOANSWER';
  return leg === 'agent' && call.visitor !== 'waiting' ? 'ANSWER' : 'CANCEL';
}
