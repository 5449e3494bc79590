/** The visitor takes a request back. */
import type { Call } from '../store/call.ts';
import type { CallsContext } from './calls.ts';
import { cancelCall } from './life-of-a-call.ts';

/** The cancelled call, the second time as well as the first; undefined once a dial has been claimed. */
export async function takeBack(call: Call, { store, rulesOf, log }: CallsContext): Promise<Call | undefined> {
  if (call.state === 'cancelled') return call;
  const cancelled = await store.amend(call.id, (current, now) => cancelCall(current, now, rulesOf(current.site)));
  if (cancelled !== undefined) log({ level: 'info', event: 'call.cancelled', callId: call.id, site: call.site });
  return cancelled;
}
