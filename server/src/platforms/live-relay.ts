/**
 * A relay whose configuration can be replaced while it runs. The new one takes every request and every due call from that
 * moment on; the old one only finishes the dials that it has under way. Both stand on one store.
 */
import { providerGate } from '../calls/provider-gate.ts';
import { type Relay, type RelayOptions, relay } from '../relay.ts';
import type { Store } from '../store/store.ts';

export interface LiveRelay extends Relay {
  /** `changes`: what is different from before. Throws, and changes nothing, where no relay can be made of it. */
  replace(changes: Pick<RelayOptions, 'config' | 'providers' | 'installers' | 'channels' | 'cards'>): void;
}

export function liveRelay(first: RelayOptions): LiveRelay {
  const store: Store = { ...first.store, close: async () => {} };
  // Neither what was learnt of an account's health nor what it was asked a moment ago is forgotten with a configuration.
  const gate = first.gate ?? providerGate(first.clock);
  let options: RelayOptions = { ...first, store, gate };
  let current = relay(options);
  const retiring = new Set<Promise<void>>();
  const retired = new Set<Relay>();

  function retire(old: Relay): void {
    retired.add(old);
    const gone: Promise<void> = old.close().finally(() => {
      retired.delete(old);
      retiring.delete(gone);
    });
    retiring.add(gone);
  }

  return {
    fetch(request, caller) {
      // News of a call may arrive before the answer to its dial, and only the relay that dials waits for it.
      if (retired.size > 0 && new URL(request.url).pathname.startsWith('/events/')) {
        for (const old of retired) void Promise.resolve(old.fetch(request.clone(), caller)).catch(() => {});
      }
      return current.fetch(request, caller);
    },
    eventPath: (provider) => current.eventPath(provider),
    askByHand: (asked) => current.askByHand(asked),
    cancel: (id) => current.cancel(id),
    hangUp: (id) => current.hangUp(id),
    begin: () => current.begin(),
    drain: () => current.drain(),
    replace(changes) {
      const next = { ...options, ...changes };
      const made = relay(next);
      const old = current;
      options = next;
      current = made;
      retire(old);
    },
    async close() {
      await Promise.all([...retiring, current.close()]);
      await first.store.close();
    },
  };
}
