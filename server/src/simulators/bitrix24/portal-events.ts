/** The portal's outgoing webhook: a form with PHP's brackets for every step of a call, posted once and never again. */
import type { Clock } from '../../clock.ts';
import { describeEnd } from './statistics.ts';
import type { SimulatedCall, Telephones } from './telephones.ts';

export interface PortalEventsOptions {
  /** Where events go; undefined while nobody listens. */
  url: () => string | undefined;
  /** `application_token` that proves their origin. */
  token: string;
  /** The portal's own name; `simulated` when absent. */
  memberId?: string;
  fetch: typeof fetch;
}

type EventName = 'ONVOXIMPLANTCALLINIT' | 'ONVOXIMPLANTCALLSTART' | 'ONVOXIMPLANTCALLEND';

export function sendEvents(telephones: Telephones, { url, token, memberId = 'simulated', fetch }: PortalEventsOptions, clock: Clock): void {
  const reported = new Map<string, Set<EventName>>();

  telephones.onChange((call) => {
    const known = reported.get(call.callId) ?? new Set();
    reported.set(call.callId, known);
    for (const name of reached(call)) {
      if (known.has(name)) continue;
      known.add(name);
      post(name, call);
    }
  });

  function post(name: EventName, call: SimulatedCall): void {
    const target = url();
    if (target === undefined) return;
    const body = encode({
      event: name,
      event_handler_id: '1',
      data: describe(name, call),
      ts: String(Math.floor(clock.now() / 1000)),
      auth: { domain: 'portal.simulated', member_id: memberId, application_token: token },
    });
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    // A delivery that fails is lost, as it is with the portal.
    void fetch(target, { method: 'POST', headers, body }).then(
      (response) => response.body?.cancel(),
      () => undefined,
    );
  }
}

/** What a call has come to, in order. A call can end without having begun. */
function reached(call: SimulatedCall): EventName[] {
  const names: EventName[] = ['ONVOXIMPLANTCALLINIT'];
  if (call.agent === 'listening' || call.agent === 'talking') names.push('ONVOXIMPLANTCALLSTART');
  if (call.endedAt !== undefined) names.push('ONVOXIMPLANTCALLEND');
  return names;
}

function describe(name: EventName, call: SimulatedCall): Readonly<Record<string, string>> {
  switch (name) {
    case 'ONVOXIMPLANTCALLINIT':
      // The first leg is reported as an incoming call.
      return {
        CALL_ID: call.callId,
        CALL_TYPE: '2',
        ACCOUNT_SEARCH_ID: call.line,
        PHONE_NUMBER: call.line,
        CALLER_ID: call.number,
      };
    case 'ONVOXIMPLANTCALLSTART':
      return { CALL_ID: call.callId, USER_ID: '1' };
    case 'ONVOXIMPLANTCALLEND':
      return describeEnd(call);
    default:
      return name satisfies never;
  }
}

function encode(fields: Readonly<Record<string, string | Readonly<Record<string, string>>>>): string {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') form.append(name, value);
    else for (const [key, inner] of Object.entries(value)) form.append(`${name}[${key}]`, inner);
  }
  return form.toString();
}
