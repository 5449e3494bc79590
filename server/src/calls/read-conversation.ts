/** How long a call that connected was, where its end did not say: from the provider's own records, by reading alone. */
import type { Cost, Provider } from '../providers/provider.ts';
import type { Call } from '../store/call.ts';
import type { CallsContext } from './calls.ts';
import { beginningOf } from './life-of-a-call.ts';
import { openNumber } from './open-number.ts';
import { routeOf, routesOf } from './routes.ts';
import { siteOf } from './site-of.ts';

export interface Conversation {
  talkedMs: number;
  cost: Cost | undefined;
}

export type ConversationSources = Pick<CallsContext, 'sites' | 'providers' | 'vault'>;

/** Undefined: not known, or not yet. Never throws. */
export async function readConversation(call: Call, sources: ConversationSources): Promise<Conversation | undefined> {
  const { provider: name, providerRef: ref } = call;
  const provider = name === undefined ? undefined : sources.providers.get(name);
  const number = openNumber(call, sources);
  const site = siteOf(call, sources.sites);
  if (provider?.cannotFind !== undefined || provider === undefined || ref === undefined || number === undefined || site === undefined) {
    return undefined;
  }
  const { line } = routeOf(call, routesOf(site));
  const found = await find(provider, { ref, number, line, ...beginningOf(call) });
  // By number and time another call may have been found.
  if (found?.kind !== 'ended' || found.ref !== ref || found.news.talkedMs === undefined) return undefined;
  return { talkedMs: found.news.talkedMs, cost: found.news.cost };
}

async function find(provider: Provider, query: Parameters<Provider['find']>[0]) {
  try {
    const answer = await provider.find(query);
    return answer.ok ? answer.value : undefined;
  } catch {
    return undefined;
  }
}
