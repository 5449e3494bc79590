/** Which events of the portal reach the relay. The portal forgets them with every update of the application. */

import { isRecord } from '../exchange.ts';
import type { Finding } from '../provider.ts';
import type { Bitrix24Client } from './bitrix24-client.ts';
import type { Failure } from './bitrix24-faults.ts';

/** Both of the external ones: the portal looks for a line's application by either (docs/providers/bridge.md). */
export const BOUND_EVENTS = [
  'ONVOXIMPLANTCALLINIT',
  'ONVOXIMPLANTCALLSTART',
  'ONVOXIMPLANTCALLEND',
  'ONEXTERNALCALLBACKSTART',
  'ONEXTERNALCALLSTART',
  'ONAPPUPDATE',
  'ONAPPUNINSTALL',
] as const;

/** Binds what is not bound yet, as often as it is called. Undefined: everything is bound; else the first thing that stood in the way. */
export async function bindEvents(client: Bitrix24Client, address: string): Promise<Failure | undefined> {
  const missing = await findUnbound(client, address);
  if (!Array.isArray(missing)) return missing;
  for (const event of missing) {
    const reply = await client.call('event.bind', { event, handler: address });
    if (reply.kind !== 'result') return reply;
  }
  return undefined;
}

export async function verifyBindings(client: Bitrix24Client, address: string): Promise<Finding> {
  const missing = await findUnbound(client, address);
  if (!Array.isArray(missing)) return { ok: false, code: missing.fault.code, message: missing.fault.message };
  if (missing.length === 0) return { ok: true, code: 'events_bound', message: 'The portal reports how calls go on.' };
  return {
    ok: false,
    code: 'events_unbound',
    message: `The portal does not report ${missing.join(', ')}. Open the application in the portal once, or install it anew.`,
  };
}

async function findUnbound(client: Bitrix24Client, address: string): Promise<string[] | Failure> {
  const reply = await client.call('event.get', {});
  if (reply.kind !== 'result') return reply;
  const bound = new Set(Array.isArray(reply.result) ? reply.result.filter(isRecord).filter(isOurs).map(nameOf) : []);
  return BOUND_EVENTS.filter((event) => !bound.has(event));

  function isOurs({ handler }: Record<string, unknown>): boolean {
    return handler === address;
  }
}

function nameOf({ event }: Record<string, unknown>): string {
  return String(event).toUpperCase();
}
