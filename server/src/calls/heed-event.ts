/** A provider's event finds its call and moves it forward. Doubled, late or unknown ones change nothing (I8). */
import type { ProviderEvent } from '../providers/provider.ts';
import type { Call } from '../store/call.ts';
import type { Store } from '../store/store.ts';
import type { CallsContext } from './calls.ts';
import { beginningOf, heedNews, learnRef } from './life-of-a-call.ts';
import { reportEnd } from './report-end.ts';
import { siteOf } from './site-of.ts';

export async function heedEvent(provider: string, event: ProviderEvent, context: CallsContext): Promise<void> {
  const known = await context.store.findByRef(provider, event.ref);
  if (known !== undefined) return heedFor(known, provider, event, context);
  const meant = await findMeant(provider, event, context);
  if (meant === undefined) return setAside(provider, event, context);
  if (meant.state === 'missed') return reportRedial(meant, event, context);
  await heedFor(meant, provider, event, context);
  if (meant.state !== 'dialing') await heedEarly(provider, event.ref, context);
}

/** What came before anybody knew whose id it carries. */
export async function heedEarly(provider: string, ref: string, context: CallsContext): Promise<void> {
  for (const event of context.early.take(provider, ref)) await heedEvent(provider, event, context);
}

/** Until the provider has answered the dial. Its answer may come just now, so whoever keeps an event looks once more. */
async function setAside(provider: string, event: ProviderEvent, context: CallsContext): Promise<void> {
  context.early.keep(provider, event);
  const answered = await context.store.findByRef(provider, event.ref);
  if (answered !== undefined && answered.state !== 'dialing') await heedEarly(provider, event.ref, context);
}

async function heedFor(call: Call, provider: string, event: ProviderEvent, context: CallsContext): Promise<void> {
  const { store, log, rulesOf } = context;
  const { news, ref } = event;
  let heeded = false;
  const changed = await store.amend(call.id, (current, now) => {
    const change = heedNews(current, news, now, rulesOf(current.site));
    heeded = change !== undefined;
    const learned = learnRef(current, provider, ref);
    return heeded || Object.keys(learned).length > 0 ? { ...learned, ...change } : undefined;
  });
  // The news of a call whose dial is not answered yet waits. Its id is kept at once: should this process die, it will be looked up by it.
  if (call.state === 'dialing' && !heeded) return setAside(provider, event, context);
  if (changed === undefined || !heeded) return;
  if (news.kind === 'step') log({ level: 'info', event: 'call.step', callId: call.id, site: call.site, step: news.step });
  else await reportEnd(changed, news, provider, context);
}

/**
 * The call that an unknown id is about, by the visitor's number and the time at which it began: of an order whose answer was lost or
 * named no id, or one that the provider carried out again by itself.
 */
async function findMeant(provider: string, event: ProviderEvent, context: CallsContext): Promise<Call | undefined> {
  const { store, vault, clock, sites } = context;
  if (event.number === undefined) return undefined;
  const beganAt = event.beganAt ?? (event.news.kind === 'step' ? clock.now() : undefined);
  const calls = await callsTo(vault.keysOf('number', event.number), store);
  return calls.find((call) => {
    const account = call.provider ?? siteOf(call, sites)?.provider;
    return account === provider && isMeant(call, beganAt, clock.now());
  });
}

/** All that are kept: a call may have been accepted days before its slot, and the limits keep the calls to one number few. */
function callsTo(numberKeys: readonly string[], store: Store): Promise<Call[]> {
  return store.findByNumber(numberKeys, 0);
}

function isMeant(call: Call, beganAt: number | undefined, now: number): boolean {
  const { from, until } = beginningOf(call);
  if (beganAt !== undefined && beganAt < from) return false;
  switch (call.state) {
    case 'dialing':
    case 'uncertain':
      return beganAt === undefined || beganAt <= until;
    case 'placed':
      // The news of how the first try ended was lost, for there is no other call to a number that is held.
      return call.providerRef !== undefined || beganAt === undefined || beganAt <= until;
    case 'missed':
      return call.endedAt !== undefined && now - call.endedAt <= REDIALS_WITHIN_MS;
    default:
      return false;
  }
}

/** A portal calls up to five times again, three minutes apart. */
const REDIALS_WITHIN_MS = 15 * 60_000;

/** The company has been told already that nobody could answer, and an end is an end (I8). */
function reportRedial(call: Call, { news, ref }: ProviderEvent, { log }: CallsContext): void {
  if (news.kind !== 'end') return;
  const message = 'The provider called again by itself. The call stays as it was, because the company has been told of it.';
  log({ level: 'info', event: 'call.redialled', callId: call.id, site: call.site, ref, end: news.end, message });
}
