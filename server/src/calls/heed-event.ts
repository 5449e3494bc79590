/** A provider's event finds its call and moves it forward. Doubled, late or unknown ones change nothing (I8). */
import type { News, ProviderEvent } from '../providers/provider.ts';
import type { Call } from '../store/call.ts';
import type { CallsContext } from './calls.ts';
import { beginningOf, heedNews, learnRef } from './life-of-a-call.ts';
import { heedRedial, lookForRedials, mayBeRedialled, reportRedial } from './redials.ts';
import { reportEnd } from './report-end.ts';
import { siteOf } from './site-of.ts';

export async function heedEvent(provider: string, event: ProviderEvent, context: CallsContext): Promise<void> {
  const known = await context.store.findByRef(provider, event.ref);
  if (known !== undefined) return heedFor(known, provider, event, context);
  const meant = await findMeant(provider, event, context);
  switch (meant.kind) {
    case 'nothing':
      return setAside(provider, event, context);
    case 'redial':
      return heedRepeat(meant.of, provider, event.news, context);
    case 'call':
      await heedFor(meant.call, provider, event, context);
      if (meant.call.state !== 'dialing') await heedEarly(provider, event.ref, context);
      return;
    default:
      return meant satisfies never;
  }
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
    const rules = rulesOf(current.site);
    const change = heedNews(current, news, now, rules);
    heeded = change !== undefined;
    const learned = learnRef(current, provider, ref);
    if (change === undefined) return Object.keys(learned).length > 0 ? learned : undefined;
    return { ...learned, ...change, ...lookForRedials(change, context.providers.get(provider), now, rules) };
  });
  // The news of a call whose dial is not answered yet waits. Its id is kept at once: should this process die, it will be looked up by it.
  if (call.state === 'dialing' && !heeded) return setAside(provider, event, context);
  if (changed === undefined || !heeded) return;
  if (news.kind === 'step') log({ level: 'info', event: 'call.step', callId: call.id, site: call.site, step: news.step });
  else await reportEnd(changed, news, provider, context);
}

type Meant = { kind: 'nothing' } | { kind: 'call'; call: Call } | { kind: 'redial'; of: Call };

/**
 * What an unknown id is about, by the visitor's number and the time at which it began: an order whose answer was lost or named no id, or
 * a call that the provider makes again by itself. Where both may be it is the latter: a newer call is not told another's news. A call
 * whose own id is known is never told anything under another one.
 */
async function findMeant(name: string, event: ProviderEvent, context: CallsContext): Promise<Meant> {
  const { store, vault, clock, sites, providers } = context;
  if (event.number === undefined) return { kind: 'nothing' };
  // All that are kept: a call may have been accepted days before its slot, and the limits keep the calls to one number few.
  const kept = await store.findByNumber(vault.keysOf('number', event.number), 0);
  const calls = kept.filter((call) => (call.provider ?? siteOf(call, sites)?.provider) === name);
  const beganAt = event.beganAt ?? (event.news.kind === 'step' ? clock.now() : undefined);
  const at = beganAt ?? clock.now();
  // Its dial may have been answered just now.
  const named = calls.find(({ providerRef }) => providerRef === event.ref);
  if (named !== undefined) return { kind: 'call', call: named };
  const redialled = calls.find((call) => mayBeRedialled(call, providers.get(name), { from: at, until: at }));
  const call = calls.find((each) => isUnnamed(each, beganAt));
  // The answer to the dial tells in a moment.
  if (redialled !== undefined && call?.state === 'dialing') return { kind: 'nothing' };
  if (redialled !== undefined) return { kind: 'redial', of: redialled };
  return call === undefined ? { kind: 'nothing' } : { kind: 'call', call };
}

/** A call that was ordered, and whose id nobody has told. */
function isUnnamed(call: Call, beganAt: number | undefined): boolean {
  if (call.providerRef !== undefined) return false;
  if (call.state !== 'dialing' && call.state !== 'uncertain' && call.state !== 'placed') return false;
  const { from, until } = beginningOf(call);
  return beganAt === undefined || (beganAt >= from && beganAt <= until);
}

/** One that is known only by its number, and so at most an end of it is heeded. */
async function heedRepeat(call: Call, provider: string, news: News, context: CallsContext): Promise<void> {
  if (news.kind !== 'end' || call.state !== 'missed') return;
  const noted = await context.store.amend(call.id, (current) => heedRedial(current, news, context.rulesOf(current.site)));
  await reportRedial(noted ?? call, news.end, provider, context);
}
