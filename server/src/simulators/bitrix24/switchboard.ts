/**
 * The portal's telephone exchange. The line rings the agent; whoever answers hears the announcement; only then the visitor's
 * telephone rings; any receiver put down ends the call. Every dial stays in the log: it is the truth that tests compare with.
 */
import type { Clock } from '../../clock.ts';
import type { LegName, LegState, SimulatedCall, Telephones } from './telephones.ts';

export interface SwitchboardOptions {
  clock: Clock;
  /** How long a telephone rings before it gives up. */
  ringMs: number;
  /** How long the announcement takes to be spoken. */
  announcementMs: number;
  /** The line's own setting "call again": a call that nobody answered is repeated under an id that no relay has heard of. */
  redial?: RedialOptions | undefined;
}

export interface RedialOptions {
  /** 1 to 5. */
  attempts: number;
  /** From the end of one call to the beginning of the next; a portal knows 60, 120 and 180 s. */
  afterMs: number;
  newCallId: () => string;
}

export type SwitchboardOrder = Pick<SimulatedCall, 'callId' | 'line' | 'number' | 'announcement' | 'voice'>;

export interface Switchboard extends Telephones {
  dial(order: SwitchboardOrder): void;
}

export function switchboard({ clock, ringMs, announcementMs, redial }: SwitchboardOptions): Switchboard {
  const calls = new Map<string, SimulatedCall>();
  const timers = new Map<string, () => void>();
  const listeners = new Set<(call: SimulatedCall) => void>();

  /** A call never changes in place, so that a listener may keep what it was told. `next`: what happens if nobody does anything. */
  function change(call: SimulatedCall, next?: { afterMs: number; become(call: SimulatedCall): void }): void {
    calls.set(call.callId, call);
    timers.get(call.callId)?.();
    timers.delete(call.callId);
    if (next !== undefined)
      timers.set(
        call.callId,
        clock.after(next.afterMs, () => next.become(call)),
      );
    for (const listener of listeners) listener(call);
  }

  function end(call: SimulatedCall, agent: LegState, visitor: LegState): void {
    const ended = { ...call, agent, visitor, endedAt: clock.now() };
    change(ended);
    const nth = (call.redial ?? 0) + 1;
    if (redial === undefined || nth > redial.attempts || failedCodeOf(ended) !== '304') return;
    const { line, number, announcement, voice } = call;
    clock.after(redial.afterMs, () => begin({ callId: redial.newCallId(), line, number, announcement, voice, redial: nth }));
  }

  function begin(order: SwitchboardOrder & Pick<SimulatedCall, 'redial'>): void {
    const call: SimulatedCall = {
      ...order,
      dialledAt: clock.now(),
      agent: 'ringing',
      visitor: 'waiting',
      connectedAt: undefined,
      endedAt: undefined,
    };
    change(call, { afterMs: ringMs, become: (ringing) => end(ringing, 'unanswered', 'waiting') });
  }

  function speak(call: SimulatedCall): void {
    change({ ...call, agent: 'listening' }, { afterMs: announcementMs, become: ringVisitor });
  }

  function ringVisitor(call: SimulatedCall): void {
    change({ ...call, visitor: 'ringing' }, { afterMs: ringMs, become: (ringing) => end(ringing, 'hung_up', 'unanswered') });
  }

  return {
    get dials() {
      return [...calls.values()];
    },
    dial: begin,
    answer(leg, callId) {
      const call = calls.get(callId);
      if (call?.[leg] !== 'ringing') return false;
      if (leg === 'agent') speak(call);
      else change({ ...call, agent: 'talking', visitor: 'talking', connectedAt: clock.now() });
      return true;
    },
    hangUp(leg, callId) {
      const call = calls.get(callId);
      if (call === undefined || !hasReceiver(call, leg)) return false;
      end(call, afterHangUp(call, 'agent', leg), afterHangUp(call, 'visitor', leg));
      return true;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Whether there is anything to decline or to put down. */
function hasReceiver(call: SimulatedCall, leg: LegName): boolean {
  return call[leg] === 'ringing' || call[leg] === 'listening' || call[leg] === 'talking';
}

/** Who declines a ringing telephone declines; for everybody else on the line it goes dead. A telephone that never rang stays so. */
function afterHangUp(call: SimulatedCall, leg: LegName, hungUp: LegName): LegState {
  if (call[leg] === 'waiting') return 'waiting';
  return leg === hungUp && call[leg] === 'ringing' ? 'declined' : 'hung_up';
}

/** The portal's code for how an ended call ended. */
export function failedCodeOf(call: SimulatedCall): '200' | '304' | '486' | '603' | '603-S' {
  if (call.connectedAt !== undefined) return '200';
  if (call.agent === 'unanswered' || call.visitor === 'unanswered') return '304';
  if (call.agent === 'declined') return '603';
  return call.visitor === 'declined' ? '486' : '603-S';
}

/** Whole seconds of conversation. A second that has begun counts, as on a bill. */
export function talkedSecondsOf({ connectedAt, endedAt }: SimulatedCall): number {
  return connectedAt === undefined || endedAt === undefined ? 0 : Math.max(1, Math.ceil((endedAt - connectedAt) / 1000));
}
