/** Of a call that was missed: which of the two telephones nobody took. */
import type { Call } from '../store/call.ts';

/** The note on a missed call: the provider called again by itself, and people talked after all. */
export const CONNECTED_BY_REDIAL = 'connected_by_redial';

/** Who let it ring, as far as it was told. That an agent answered is news; that none did is not told by silence, because news gets lost. */
export function whoMissed({ state, step, fault }: Pick<Call, 'state' | 'step' | 'fault'>): 'agent' | 'visitor' | undefined {
  if (state !== 'missed') return undefined;
  // Some providers' records tell it by themselves.
  if (fault === 'agent_not_answered') return 'agent';
  const hasAgentAnswered = step === 'agent_answered' || step === 'visitor_ringing';
  return hasAgentAnswered && UNANSWERED.has(fault ?? '') ? 'visitor' : undefined;
}

/** Whether a telephone was rung and nobody took it, as far as the fault tells. */
export function isRungInVain(fault: string | undefined): boolean {
  return fault === undefined || fault === 'agent_not_answered' || UNANSWERED.has(fault);
}

/** Whether there is no such number. */
export function isNumberAtFault(fault: string | undefined): boolean {
  return fault === 'number_not_found' || fault === 'number_incomplete';
}

/** Whether a missed call rang at all, for all that is known. Every other fault says that it could not come about. */
export function hasRung(fault: string | undefined): boolean {
  return isRungInVain(fault) || fault === 'cancelled' || fault === 'no_conversation' || fault === CONNECTED_BY_REDIAL;
}

/** One of the two telephones was rung in vain. */
const UNANSWERED: ReadonlySet<string> = new Set(['not_answered', 'busy', 'declined', 'temporarily_unavailable']);
