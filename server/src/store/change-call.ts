/** The one place that says whether a change may be made to a call (I8). */
import { type Call, type Change, isEndState, MOVES } from './call.ts';

/** What stays of a call that was forgotten: ids, times, site and how it ended. */
export const ERASED = {
  sealedNumber: '',
  sealedDetails: undefined,
  country: '',
  locale: undefined,
  department: undefined,
  providerRef: undefined,
  controlRef: undefined,
} as const satisfies Partial<Call>;

/**
 * The call after `change`; undefined if that would move it along a way that `MOVES` does not know, or would forget a call
 * that has not ended.
 */
export function changeCall(call: Call, change: Change): Call | undefined {
  const {
    cost: _cost,
    extraCost: _extraCost,
    teller: _teller,
    leads: _leads,
    records: _records,
    lookAt: _lookAt,
    forget,
    ...fields
  } = change;
  const state = fields.state ?? call.state;
  if (state !== call.state && !MOVES[call.state].includes(state)) return undefined;
  if (forget && !isEndState(state)) return undefined;
  return { ...call, ...fields, state, ...(forget && ERASED) };
}
