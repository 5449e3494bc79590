/**
 * The way out for a call about which every decision fails: a fault of the relay must neither keep the other calls waiting nor
 * leave the visitor without an end (I5). It looks at as little of the call as it can.
 */
import type { Call, CallState, Change } from '../store/call.ts';
import type { CallsContext } from './calls.ts';

/** The nearest end that claims no more than is known: what was never claimed has expired, what may have rung stays unknown. */
const ENDS: Readonly<Partial<Record<CallState, CallState>>> = {
  scheduled: 'expired',
  accepted: 'expired',
  dialing: 'uncertain',
  uncertain: 'abandoned',
  placed: 'ended_unknown',
};

const RETENTION_MS = 30 * 86_400_000;

export function endPoisoned(call: Call, now: number, { sites, deployment = [] }: Pick<CallsContext, 'sites' | 'deployment'>): Change {
  const state = ENDS[call.state];
  if (state === undefined) {
    // What has ended and was only looked at once more is forgotten in its time, when the company has been told of it.
    return call.dueStep === 'forget' ? { forget: true } : { dueStep: 'forget', dueAt: forgetAt(call.endedAt ?? now, call, sites) };
  }
  const fault = 'internal_error';
  // An order may have been sent: the usual step that looks for it comes next, or fails in its turn.
  if (state === 'uncertain') return { state, fault, placedAt: now, dueStep: 'reconcile', dueAt: now };
  const site = sites.get(call.site);
  const end: Change = {
    state,
    fault,
    heldUntil: now,
    endedAt: now,
    dueStep: 'forget',
    dueAt: forgetAt(now, call, sites),
    leads: site?.channels ?? deployment,
  };
  return state === 'expired' ? { ...end, cost: 0 } : end;
}

function forgetAt(endedAt: number, { site }: Call, sites: CallsContext['sites']): number {
  return endedAt + (sites.get(site)?.retentionMs ?? RETENTION_MS);
}
