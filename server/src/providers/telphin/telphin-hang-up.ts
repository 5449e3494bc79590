/**
 * Breaking a call off. The platform's page on calls that go on speaks of it, and the copy that is known ends before it names the
 * verb: `DELETE` is what the rest of the interface suggests. So this is an attempt, and says what it knows.
 */
import { isRecord } from '../exchange.ts';
import type { HangUp, Wanted } from '../provider.ts';
import type { TelphinClient } from './telphin-client.ts';
import { isNumber } from './telphin-end.ts';
import { LINE_UNFIT, LINE_UNKNOWN, UNREADABLE } from './telphin-faults.ts';
import { currentCallsOf } from './telphin-find.ts';
import { extensionSegment, readCallId } from './telphin-order.ts';

/** `controlRef`: `call_api_id` of the order's answer; looked up among the calls of the extension where it is not known. */
export function hangUp(client: TelphinClient, call: Wanted): Promise<HangUp> {
  const extension = extensionSegment(call.line);
  if (extension === undefined) return Promise.resolve({ kind: 'failed', fault: LINE_UNFIT.fault });
  const calls = `/extension/${extension}/current_calls/`;
  return client.within(async (signal) => {
    const id = call.controlRef ?? (await readControlId(client, calls, call, signal));
    if (typeof id === 'object') return id;
    const reply = await client.delete(calls + encodeURIComponent(id), signal);
    if (reply.kind === 'success') return { kind: 'asked' };
    return reply.fault === LINE_UNKNOWN.fault ? { kind: 'not_running' } : { kind: 'failed', fault: reply.fault };
  });
}

async function readControlId(client: TelphinClient, path: string, { ref, number }: Wanted, signal: AbortSignal): Promise<string | HangUp> {
  const reply = await client.get(path, signal);
  if (reply.kind !== 'success') return { kind: 'failed', fault: reply.fault };
  const calls = currentCallsOf(reply.body);
  if (calls === undefined) return { kind: 'failed', fault: UNREADABLE.fault };
  const call = calls.filter(isRecord).find(({ callback_id: callbackId, call_id: callId, called_number: called }) => {
    if (ref !== undefined) return callbackId === ref || callId === ref;
    // Only what began by the interface has this id: nobody's own conversation is cut.
    return readCallId(callbackId) !== undefined && isNumber(called, number);
  });
  return readCallId(call?.call_api_id) ?? { kind: 'not_running' };
}
