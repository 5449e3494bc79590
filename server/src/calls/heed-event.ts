/** A provider's event finds its call and moves it forward. Doubled, late or unknown ones change nothing (I8). */
import type { ProviderEvent } from '../providers/provider.ts';
import type { CallsContext } from './calls.ts';
import { heedNews } from './life-of-a-call.ts';

export async function heedEvent(provider: string, { ref, news }: ProviderEvent, context: CallsContext): Promise<void> {
  const { store, log, rulesOf, early } = context;
  const call = await store.findByRef(provider, ref);
  if (call === undefined) return early.keep(provider, { ref, news });
  const changed = await store.amend(call.id, (current, now) => heedNews(current, news, now, rulesOf(current.site)));
  if (changed === undefined) return;
  const about = { callId: call.id, site: call.site };
  if (news.kind === 'step') log({ level: 'info', event: 'call.step', ...about, step: news.step });
  else log({ level: 'info', event: 'call.ended', ...about, state: changed.state, fault: changed.fault });
}
