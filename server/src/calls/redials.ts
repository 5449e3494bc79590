/** Calls that a provider makes again by itself because nobody answered, each under an id that it tells nobody beforehand. */
import type { Provider } from '../providers/provider.ts';
import type { Call } from '../store/call.ts';
import { CLOCKS_DIFFER_MS } from './life-of-a-call.ts';

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
      return fault === 'not_answered';
    case 'placed':
    case 'ended_unknown':
      return providerRef !== undefined;
    default:
      return false;
  }
}
