/** The one place that says whether a change may be made to a call (I8). */
import { type Call, type Change, MOVES } from './store.ts';

/** The call after `change`; undefined if that would move it along a way that `MOVES` does not know. */
export function changeCall(call: Call, change: Change): Call | undefined {
  const state = change.state ?? call.state;
  if (state !== call.state && !MOVES[call.state].includes(state)) return undefined;
  return { ...call, ...change, state };
}
