/**
 * The platform's events: form fields, one delivery for each thing that happens to one leg of a call. Nothing in them proves their
 * origin, so the secret of the address they come to is all there is; whoever does not know it is turned away before this.
 *
 * A leg is not a call. What is told of the agent's leg and of the visitor's look alike, of several agents that ring at once all but one
 * hang up while the call goes on, and whoever talks may ask a colleague, whose leg comes and goes under the id of the call. So an event
 * ends a call only where nothing else can be meant, and whatever it leaves open is found in the history.
 */
import type { EventReading, News } from '../provider.ts';
import { isNumber } from './telphin-end.ts';
import { readCallId } from './telphin-order.ts';

/** What is known of a call that this process started. */
export interface StartedCall {
  /** `call_id` as the answer to the order wrote it. */
  ref: string;
  /** E.164 of the visitor. */
  number: string;
  /** What rings for the agent, as the order names it. */
  agents: readonly string[];
  /** Somebody is put through to another number after one side has hung up. */
  goesOn: boolean;
  /** The visitor's telephone has rung, so the agent's part in how the call ends is over. Noted here. */
  visitorWasRung: boolean;
}

export function readEvent(contentType: string, body: string, startedBy: (ref: string) => StartedCall | undefined): EventReading {
  const fields = readFields(contentType, body);
  // `CallBackID` stands where the call is made in the name of an extension that takes no part in it.
  const ids = [fields.get('callbackid'), fields.get('callid')].map(readCallId).filter((id) => id !== undefined);
  const started = ids.map(startedBy).find((call) => call !== undefined);
  const ref = started?.ref ?? ids[0];
  if (ref === undefined) return { kind: 'ignored' };
  const news = readNews(fields, started);
  return news === undefined ? { kind: 'ignored' } : { kind: 'event', event: { ref, news } };
}

type Fields = ReadonlyMap<string, string>;

/** Names lower-cased; nothing nested is built. */
function readFields(contentType: string, body: string): Fields {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') return new Map();
  return new Map([...new URLSearchParams(body)].map(([name, value]) => [name.toLowerCase(), value.trim()]));
}

function readNews(fields: Fields, started: StartedCall | undefined): News | undefined {
  const leg = legOf(fields, started);
  if (started !== undefined && leg === 'visitor') started.visitorWasRung = true;
  switch (fields.get('eventtype')?.toLowerCase()) {
    case 'dial-in':
    case 'dial-out':
      return RINGING[leg];
    case 'answer':
      return ANSWERED[leg];
    case 'hangup':
      return readHangUp(fields, leg, started);
    default:
      return undefined;
  }
}

type Leg = 'agent' | 'visitor' | 'unknown';

const RINGING: Readonly<Record<Leg, News | undefined>> = {
  agent: { kind: 'step', step: 'agent_ringing' },
  visitor: { kind: 'step', step: 'visitor_ringing' },
  unknown: undefined,
};

/** That the visitor has answered is no step of its own; it rang before at any rate. */
const ANSWERED: Readonly<Record<Leg, News | undefined>> = {
  agent: { kind: 'step', step: 'agent_answered' },
  visitor: { kind: 'step', step: 'visitor_ringing' },
  unknown: undefined,
};

/**
 * The visitor's by the number, which only the process knows that dialled. Another sees the agent's extension called (`IN`), but of
 * a leg that goes out it cannot tell whether it is the visitor's or the mobile telephone of an agent.
 */
function legOf(fields: Fields, started: StartedCall | undefined): Leg {
  if (started !== undefined) return isNumber(fields.get('callednumber'), started.number) ? 'visitor' : 'agent';
  return fields.get('callflow')?.toUpperCase() === 'IN' ? 'agent' : 'unknown';
}

function readHangUp(fields: Fields, leg: Leg, started: StartedCall | undefined): News | undefined {
  if (started === undefined || !canEnd(fields, leg, started)) return undefined;
  if (isYes(fields.get('bridged'))) return { kind: 'end', end: 'connected' };
  // Somebody else is rung now, or may be, and they may talk yet.
  if (started.goesOn || (leg === 'agent' && started.agents.length > 1)) return undefined;
  const fault = FAULTS.get(fields.get('callstatus')?.toUpperCase() ?? '');
  if (fault === undefined) return undefined;
  return { kind: 'end', end: 'missed', fault: leg === 'agent' && fault === 'not_answered' ? 'agent_not_answered' : fault };
}

/** Whoever is no agent of the order is a colleague who was asked, or the member of a queue. */
function canEnd(fields: Fields, leg: Leg, { agents, visitorWasRung }: StartedCall): boolean {
  if (leg === 'visitor') return true;
  const called = fields.get('callednumber');
  return !visitorWasRung && agents.some((agent) => isNumber(called?.replace(ACCOUNT_PREFIX, ''), `+${agent.replace(/^\+/, '')}`));
}

/** An extension may be called by its whole name, `12037*105`. */
const ACCOUNT_PREFIX = /^\d+\*/;

function isYes(value: string | undefined): boolean {
  return ['1', 'true', 'yes'].includes(value?.toLowerCase() ?? '');
}

/** Of the states in which a leg can have ended; `ANSWER` says nothing about the other one. */
const FAULTS: ReadonlyMap<string, string> = new Map([
  ['BUSY', 'busy'],
  ['NOANSWER', 'not_answered'],
  ['CANCEL', 'cancelled'],
  ['CONGESTION', 'temporarily_unavailable'],
  ['CHANUNAVAIL', 'temporarily_unavailable'],
]);
