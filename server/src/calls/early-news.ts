/**
 * Events that came before the provider had answered the dial, and so name a call that nobody knows yet. They are not sent
 * again, so they wait here, in memory: losing one costs a line of progress, never a call.
 */
import type { Clock } from '../clock.ts';
import type { ProviderEvent } from '../providers/provider.ts';

/** A dial is answered within 15 s. */
const KEEP_MS = 30_000;
const MAX_KEPT = 500;

export interface EarlyNews {
  keep(provider: string, event: ProviderEvent): void;
  /** Takes out what came early for this call, in order of arrival. */
  take(provider: string, ref: string): ProviderEvent[];
}

export function earlyNews(clock: Clock): EarlyNews {
  let kept: { provider: string; event: ProviderEvent; at: number }[] = [];
  return {
    keep(provider, event) {
      const oldest = clock.now() - KEEP_MS;
      kept = [...kept.filter(({ at }) => at > oldest).slice(1 - MAX_KEPT), { provider, event, at: clock.now() }];
    },
    take(provider, ref) {
      const mine = kept.filter((entry) => entry.provider === provider && entry.event.ref === ref);
      if (mine.length > 0) kept = kept.filter((entry) => !mine.includes(entry));
      return mine.map(({ event }) => event);
    },
  };
}
