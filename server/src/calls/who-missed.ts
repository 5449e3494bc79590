/** Of a call that was missed: which of the two telephones nobody took. */
import type { Call } from '../store/call.ts';

/** Who let it ring, as far as the provider's steps tell: the announcement is heard by an agent who has answered. */
export function whoMissed({ state, step, fault }: Pick<Call, 'state' | 'step' | 'fault'>): 'agent' | 'visitor' | undefined {
  // Some providers' records tell it by themselves.
  if (state === 'missed' && fault === 'agent_not_answered') return 'agent';
  if (state !== 'missed' || step === undefined || !UNANSWERED.has(fault ?? '')) return undefined;
  return step === 'agent_ringing' ? 'agent' : 'visitor';
}

/** Faults of a call that nobody took. Every other says that it could not come about. */
const UNANSWERED: ReadonlySet<string> = new Set(['not_answered', 'busy', 'declined', 'temporarily_unavailable']);
