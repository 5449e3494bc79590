/** The operator breaks a call off. Only asked for: what became of the call is told by events and records, as ever. */
import type { HangUp } from '../providers/provider.ts';
import { isEndState } from '../store/call.ts';
import type { CallsContext } from './calls.ts';
import { openNumber } from './open-number.ts';
import { routeOf, routesOf } from './routes.ts';
import { siteOf } from './site-of.ts';
import { takeBack } from './take-back.ts';

export type HangUpAnswer =
  | HangUp
  /** Nothing had been dialled, and nothing will be. */
  | { kind: 'taken_back' }
  | { kind: 'unknown_call' }
  /** The order is on its way: a moment later the call can be broken off. */
  | { kind: 'dialling' }
  | { kind: 'over' }
  /** The provider cannot be asked, or the call's account or number is not known any more. */
  | { kind: 'no_way' };

export async function hangUpCall(id: string, context: CallsContext): Promise<HangUpAnswer> {
  const call = await context.store.find(id);
  if (call === undefined) return { kind: 'unknown_call' };
  if (isEndState(call.state)) return { kind: 'over' };
  if (call.state !== 'placed' && call.state !== 'uncertain') {
    return { kind: (await takeBack(call, context)) === undefined ? 'dialling' : 'taken_back' };
  }
  const site = siteOf(call, context.sites);
  const route = site && routeOf(call, routesOf(site));
  const provider = context.providers.get(call.provider ?? route?.provider ?? '');
  const number = openNumber(call, context);
  if (provider?.hangUp === undefined || route?.provider !== provider.name || number === undefined) return { kind: 'no_way' };
  const answer = await provider.hangUp({ ref: call.providerRef, controlRef: call.controlRef, number, line: route.line });
  context.log({ level: 'info', event: 'call.hang_up', callId: call.id, site: call.site, provider: provider.name, answer: answer.kind });
  return answer;
}
