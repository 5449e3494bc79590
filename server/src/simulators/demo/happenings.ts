/** What just happened, line by line, for people who watch the demo. Lines hold no secret; the newest `MAX_LINES` are kept. */
import type { Clock } from '../../clock.ts';
import { PROBLEMS, type ProblemCode } from '../../contract/problems.ts';
import type { LogEntry } from '../../log.ts';

export const MAX_LINES = 200;

/** Who did it: the visitor's page, the relay, the simulated portal or one of its telephones. */
export type Who = 'page' | 'relay' | 'portal' | 'phone';

export interface Happening {
  /** Grows by one with each line, from 1. */
  readonly id: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly who: Who;
  readonly text: string;
}

export interface Happenings {
  say(who: Who, text: string): void;
  /** The kept lines after the one with this id, oldest first; 0 gives all of them. */
  since(id: number): readonly Happening[];
  /** Called with every new line. The answer unsubscribes. */
  onSay(listener: (happening: Happening) => void): () => void;
}

export function happenings(clock: Clock): Happenings {
  const lines: Happening[] = [];
  const listeners = new Set<(happening: Happening) => void>();
  let lastId = 0;

  return {
    say(who, text) {
      lastId += 1;
      const happening: Happening = { id: lastId, at: clock.now(), who, text };
      lines.push(happening);
      if (lines.length > MAX_LINES) lines.shift();
      for (const listener of listeners) listener(happening);
    },
    since: (id) => lines.filter((line) => line.id > id),
    onSay(listener) {
      // Wrapped, so that one function subscribed twice is two subscriptions.
      const entry = (happening: Happening) => listener(happening);
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
  };
}

/** An entry of the relay's log as one calm sentence; undefined for entries that say nothing about a call. */
export function describeLog(entry: LogEntry): string | undefined {
  switch (entry.event) {
    case 'request.accepted':
      return 'POST /v1/calls → 202 waiting';
    case 'request.replayed':
      return 'POST /v1/calls again → 202, still the same call';
    case 'request.refused':
      return `POST /v1/calls → ${describeRefusal(entry.code)}`;
    case 'call.claimed':
      return 'claimed, dialling once';
    case 'call.placed':
      return `voximplant.callback.start → ${describeRef(entry.ref)}`;
    case 'call.refused':
      return withFault('voximplant.callback.start → refused, nobody rings', entry);
    case 'call.not_sent':
      return withFault('the order did not reach the portal; it may be tried again', entry);
    case 'call.uncertain':
      return withFault('no clear answer; a phone may ring, so this call is never dialled again', entry);
    case 'call.expired':
      return 'too late to ring; nobody was dialled';
    case 'call.cancelled':
      return 'cancelled by the visitor; nobody was dialled';
    case 'call.step':
      return `the page is told: ${toWords(entry.step)}`;
    case 'call.ended':
      return `the call is over: ${toWords(entry.state)}`;
    default:
      return undefined;
  }
}

function describeRefusal(code: LogEntry[string]): string {
  return typeof code === 'string' && isProblemCode(code) ? `${PROBLEMS[code].status} ${code}` : 'refused';
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

/** `callback.72f4c0…` as far as an eye compares it. Some lines give no id at all. */
function describeRef(ref: LogEntry[string]): string {
  if (typeof ref !== 'string' || ref === '') return 'started, without a CALL_ID';
  const head = /^(?:callback\.)?.{4}/.exec(ref)?.[0] ?? ref;
  return `CALL_ID ${head.length < ref.length ? `${head}…` : ref}`;
}

function withFault(sentence: string, entry: LogEntry): string {
  const fault = entry.fault;
  return typeof fault === 'string' ? `${sentence} (${toWords(fault)})` : sentence;
}

function toWords(code: LogEntry[string]): string {
  return String(code ?? 'unknown').replaceAll('_', ' ');
}
