/**
 * Breaking a call off. The platform's page on calls that go on speaks of it, and the copy that is known ends before it names the
 * verb: `DELETE` is what the rest of the interface suggests. So this is an attempt, and says what it knows.
 */

import { isRecord } from '../exchange.ts';
import type { Fault } from '../provider.ts';
import type { TelphinClient } from './telphin-client.ts';
import { LINE_UNFIT, LINE_UNKNOWN } from './telphin-faults.ts';
import { extensionSegment, readCallId } from './telphin-order.ts';

export type CancelAnswer = { kind: 'asked' } | { kind: 'not_running' } | { kind: 'failed'; fault: Fault };

/** `controlId`: `call_api_id` of the order's answer; looked up among the calls of the extension where it is not known any more. */
export function cancelCall(client: TelphinClient, line: string, ref: string, controlId: string | undefined): Promise<CancelAnswer> {
  const extension = extensionSegment(line);
  if (extension === undefined) return Promise.resolve({ kind: 'failed', fault: LINE_UNFIT.fault });
  const calls = `/extension/${extension}/current_calls/`;
  return client.within(async (signal) => {
    const id = controlId ?? (await readControlId(client, calls, ref, signal));
    if (typeof id === 'object') return id;
    const reply = await client.delete(calls + encodeURIComponent(id), signal);
    if (reply.kind === 'success') return { kind: 'asked' };
    return reply.fault === LINE_UNKNOWN.fault ? { kind: 'not_running' } : { kind: 'failed', fault: reply.fault };
  });
}

async function readControlId(client: TelphinClient, calls: string, ref: string, signal: AbortSignal): Promise<string | CancelAnswer> {
  const reply = await client.get(calls, signal);
  if (reply.kind !== 'success') return { kind: 'failed', fault: reply.fault };
  const list: unknown[] = Array.isArray(reply.body) ? reply.body : [];
  const call = list.filter(isRecord).find(({ callback_id: callbackId, call_id: callId }) => callbackId === ref || callId === ref);
  return readCallId(call?.call_api_id) ?? { kind: 'not_running' };
}
