/**
 * Calls that a provider makes again by itself because nobody answered, each under an id that it tells nobody beforehand. The call has an
 * end by then, and an end is an end (I8): what came of a repeat is noted with it, and paid for.
 */
import type { EndNews, Provider } from '../providers/provider.ts';
import type { Call, Change } from '../store/call.ts';
import type { CallRules } from './call-rules.ts';
import type { CallsContext } from './calls.ts';
import { billOf, CLOCKS_DIFFER_MS, LONGEST_CALL_MS, paidFor } from './life-of-a-call.ts';
import { type Reading, retryReading } from './settle-found.ts';
import { CONNECTED_BY_REDIAL } from './who-missed.ts';

/** Whether the provider may have begun this call once more within that time (epoch ms, by its own clock). */
export function mayBeRedialled(call: Call, provider: Provider | undefined, within: { from: number; until: number }): boolean {
  const { placedAt, endedAt } = call;
  const forMs = provider?.redialsForMs;
  if (forMs === undefined || placedAt === undefined || !isUnanswered(call)) return false;
  // One of which no end was heard may have ended at once.
  const lastAt = (endedAt ?? placedAt) + forMs + CLOCKS_DIFFER_MS;
  return within.until >= placedAt - CLOCKS_DIFFER_MS && within.from <= lastAt;
}

/** As far as is known. A call whose id is not known is not told from the one that it repeats. */
function isUnanswered({ state, fault, providerRef }: Call): boolean {
  switch (state) {
    case 'missed':
      return fault === 'not_answered' || fault === CONNECTED_BY_REDIAL;
    case 'placed':
    case 'ended_unknown':
      return providerRef !== undefined;
    default:
      return false;
  }
}

/** Once no repeat can be under way any more, one reading looks for all of them. `change`: of a call that ends with it. */
export function lookForRedials(change: Change, provider: Provider | undefined, now: number, { retentionMs }: CallRules): Change {
  const { redialsForMs, cannotFind } = provider ?? {};
  if (change.state !== 'missed' || change.fault !== 'not_answered' || redialsForMs === undefined || cannotFind !== undefined) return {};
  const afterMs = redialsForMs + CLOCKS_DIFFER_MS + LONGEST_CALL_MS;
  return afterMs < retentionMs ? { dueStep: 'check', dueAt: now + afterMs, unreadSince: undefined } : {};
}

/** The time within which a repeat may have begun, and the call itself. */
export function redialsOf({ acceptedAt, placedAt, endedAt }: Call, provider: Provider): { from: number; until: number } {
  return {
    from: (placedAt ?? acceptedAt) - CLOCKS_DIFFER_MS,
    until: (endedAt ?? acceptedAt) + (provider.redialsForMs ?? 0) + CLOCKS_DIFFER_MS,
  };
}

/** What that reading makes of the call. */
export function settleRedials(call: Call, reading: Reading, now: number, rules: CallRules): Change | undefined {
  if (call.state !== 'missed' || call.dueStep !== 'check') return undefined;
  const done = { dueStep: 'forget', dueAt: Math.max(now, (call.endedAt ?? now) + rules.retentionMs) } as const;
  if (reading.kind === 'unread' || reading.kind === 'no_turn') return retryReading(call, reading.kind, now) ?? done;
  if (reading.kind === 'unreadable' || reading.found.kind !== 'ended') return done;
  return { ...done, ...noteRedials(call, reading.found.news, rules) };
}

/** `news`: of the call and its repeats together. */
function noteRedials(call: Call, news: EndNews, rules: CallRules): Change {
  const { talkedMs, ...bill } = billOf(news);
  const total = paidFor(news.cost, rules);
  return {
    ...bill,
    ...(total !== undefined && payment(call, total, rules)),
    ...(news.end === 'connected' && { fault: CONNECTED_BY_REDIAL, ...(talkedMs !== undefined && { talkedMs }) }),
  };
}

/** What was booked before is known by what was charged. */
function payment({ charged, currency }: Call, total: number, rules: CallRules): Change {
  const { teller } = rules;
  if (charged === undefined || currency !== rules.currency) return { cost: total, teller };
  return total > charged ? { extraCost: total - charged, teller } : {};
}

/** What the end of one repeat makes of the call, in case that the records cannot be read; undefined where it tells nothing new. */
export function heedRedial(call: Call, news: EndNews, rules: CallRules): Change | undefined {
  if (call.state !== 'missed' || call.fault === CONNECTED_BY_REDIAL || news.end !== 'connected') return undefined;
  const { cost, ...told } = news;
  const isSum = cost !== undefined && call.charged !== undefined && call.currency === cost.currency;
  const sum = isSum ? { cost: { ...cost, amount: cost.amount + (call.charged ?? 0) } } : {};
  return noteRedials(call, { ...told, ...sum }, rules);
}

/** `call`: as it stands after the news. The operator is told once in a while, because only they can end it. */
export async function reportRedial(call: Call, end: EndNews['end'], provider: string, { log, notify }: CallsContext): Promise<void> {
  const message = 'The provider called again by itself. The call keeps its end, because the company may have been told of it.';
  log({ level: 'info', event: 'call.redialled', callId: call.id, site: call.site, end, message });
  const text = `Provider account ${provider} seems to call again by itself when nobody answered: the visitor is rung without the relay, the company may be asked to ring somebody with whom it has spoken, and each repeat costs. Turn redials off for the line.`;
  await notify({ topic: `provider:${provider}:redials_on`, site: call.site, text });
}
