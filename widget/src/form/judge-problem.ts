/** What a relay's problem means for the form: something at a field, or the end of this attempt. */
import type { ProblemCode } from '../../../server/src/contract/problems.ts';
import type { Fault, StopCause } from './form-state.ts';

export type Judgement = { readonly fault: Fault } | { readonly cause: StopCause };

/** Codes of a relay newer than this script are `unavailable`: true enough, and the visitor is told what can be done. */
export function judgeProblem(code: ProblemCode): Judgement {
  return Object.hasOwn(JUDGEMENTS, code) ? JUDGEMENTS[code] : UNAVAILABLE;
}

const UNAVAILABLE: Judgement = { cause: 'unavailable' };
const MISPLACED: Judgement = { cause: 'misplaced' };

const JUDGEMENTS: Readonly<Record<ProblemCode, Judgement>> = {
  number_invalid: { fault: { field: 'phone', text: 'number_invalid' } },
  number_mismatch: { fault: { field: 'phone', text: 'number_mismatch' } },
  consent_required: { fault: { field: 'consent', text: 'consent_required' } },
  number_refused: { cause: 'refused' },
  rate_limited: { cause: 'limited' },
  closed: { cause: 'closed' },
  origin_not_allowed: MISPLACED,
  unknown_site: MISPLACED,
  unavailable: UNAVAILABLE,
  // What follows is never the visitor's doing, and no word about it would help them.
  invalid_request: UNAVAILABLE,
  unsupported_media_type: UNAVAILABLE,
  body_too_large: UNAVAILABLE,
  key_reused: UNAVAILABLE,
  proof_required: UNAVAILABLE,
  slot_unavailable: UNAVAILABLE,
  unknown_call: UNAVAILABLE,
  too_late: UNAVAILABLE,
};
