/** What the two telephones of the demo show, and what a newcomer is to do next: computed here, only drawn in the browser. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { SimulatedCall } from '../bitrix24/telephones.ts';

/** Where the demo stands; the first four are ticked off in this order on the page. */
export type Act = 'ask' | 'agent' | 'visitor' | 'talking' | 'over';

export interface PhoneView {
  /** `ringing` and `live` move and shine; `quiet` is at rest. */
  readonly mood: 'quiet' | 'ringing' | 'live';
  readonly title: string;
  readonly status: string;
  readonly canAnswer: boolean;
  /** What the red button does; undefined where there is nothing to end. */
  readonly ending: 'decline' | 'hang_up' | undefined;
}

export interface Stage {
  readonly callId: string | undefined;
  readonly act: Act;
  readonly hint: string;
  readonly agent: PhoneView;
  readonly visitor: PhoneView;
  /** Present while the agent hears it. */
  readonly announcement: string | undefined;
  /** Epoch ms: since when both talk, and when that was over. */
  readonly talkingSince: number | undefined;
  readonly talkedUntil: number | undefined;
}

/** Shows the oldest call that is still going, else the newest that is over: a busy agent takes one call after another. */
export function stageOf(dials: readonly SimulatedCall[]): Stage {
  const call = dials.find((dial) => dial.endedAt === undefined) ?? dials.at(-1);
  if (call === undefined) return EMPTY_STAGE;
  return {
    callId: call.callId,
    ...describeProgress(call),
    agent: agentPhone(call),
    visitor: visitorPhone(call),
    announcement: call.agent === 'listening' && call.endedAt === undefined ? call.announcement : undefined,
    talkingSince: call.connectedAt,
    talkedUntil: call.connectedAt === undefined ? undefined : call.endedAt,
  };
}

const AT_REST = { mood: 'quiet', canAnswer: false, ending: undefined } as const;

const EMPTY_STAGE: Stage = {
  callId: undefined,
  act: 'ask',
  hint: 'Press “Call me back” in the shop, type a number, and watch the phones.',
  agent: { ...AT_REST, title: 'No call', status: 'Rings first when somebody asks to be called.' },
  visitor: { ...AT_REST, title: 'No call', status: 'Rings second, once the agent has answered.' },
  announcement: undefined,
  talkingSince: undefined,
  talkedUntil: undefined,
};

function describeProgress(call: SimulatedCall): Pick<Stage, 'act' | 'hint'> {
  if (call.endedAt !== undefined) return { act: 'over', hint: `${describeEnd(call)} Try another number.` };
  if (call.connectedAt !== undefined) return { act: 'talking', hint: 'Both are talking. Hang up on either phone to end the call.' };
  if (call.visitor === 'ringing') return { act: 'visitor', hint: 'Now the visitor’s phone rings. Answer it.' };
  if (call.agent === 'listening') return { act: 'agent', hint: 'Only the agent hears the announcement. The visitor’s phone rings next.' };
  return { act: 'agent', hint: 'The agent’s phone rings first. Answer it.' };
}

function describeEnd(call: SimulatedCall): string {
  if (call.connectedAt !== undefined) return 'They have talked.';
  if (call.agent === 'declined') return 'The agent declined, so the visitor’s phone never rang.';
  if (call.agent === 'unanswered') return 'The agent did not answer, so the visitor’s phone never rang.';
  if (call.visitor === 'declined') return 'The visitor declined.';
  if (call.visitor === 'unanswered') return 'The visitor did not answer.';
  return 'The agent hung up before anybody talked.';
}

function agentPhone(call: SimulatedCall): PhoneView {
  const title = 'Callback';
  if (call.endedAt !== undefined) return { ...AT_REST, title, status: describeOwnEnd(call, 'agent') };
  switch (call.agent) {
    case 'waiting':
    case 'ringing':
      return { mood: 'ringing', title, status: 'is ringing…', canAnswer: call.agent === 'ringing', ending: 'decline' };
    case 'listening': {
      const status = call.visitor === 'ringing' ? 'The visitor’s phone is ringing…' : 'speaking to you…';
      return { mood: 'live', title, status, canAnswer: false, ending: 'hang_up' };
    }
    case 'talking':
      return { mood: 'live', title, status: 'talking to the visitor', canAnswer: false, ending: 'hang_up' };
    case 'declined':
    case 'unanswered':
    case 'hung_up':
      return { ...AT_REST, title, status: describeOwnEnd(call, 'agent') };
    default:
      return call.agent satisfies never;
  }
}

function visitorPhone(call: SimulatedCall): PhoneView {
  const title = formatNumber(call.number);
  if (call.endedAt !== undefined) return { ...AT_REST, title, status: describeOwnEnd(call, 'visitor') };
  switch (call.visitor) {
    case 'waiting':
      return { ...AT_REST, title, status: 'waiting: rings when the agent has answered' };
    case 'ringing':
      return { mood: 'ringing', title, status: 'is ringing: the shop calls back', canAnswer: true, ending: 'decline' };
    case 'listening':
    case 'talking':
      return { mood: 'live', title, status: 'talking to the shop', canAnswer: false, ending: 'hang_up' };
    case 'declined':
    case 'unanswered':
    case 'hung_up':
      return { ...AT_REST, title, status: describeOwnEnd(call, 'visitor') };
    default:
      return call.visitor satisfies never;
  }
}

function describeOwnEnd(call: SimulatedCall, leg: 'agent' | 'visitor'): string {
  if (call[leg] === 'waiting') return 'never rang';
  if (call[leg] === 'declined') return 'declined';
  if (call[leg] === 'unanswered') return 'missed call';
  return 'call ended';
}

/** Grouped as people read it. Portals take numbers with and without the plus. */
function formatNumber(number: string): string {
  const withPlus = number.startsWith('+') ? number : `+${number}`;
  return parsePhoneNumberFromString(withPlus)?.formatInternational() ?? number;
}
