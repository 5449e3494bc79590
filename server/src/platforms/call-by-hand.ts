/** A call that a command asks for: carried out by the relay that runs, or by one that runs for this call alone. */
import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';
import { type Delivery, isRelayRunning, leaveForRelay, openControl } from './deliver-order.ts';
import { startNode } from './node.ts';
import { systemClock } from './node-clock.ts';
import type { RelayOrder } from './node-control.ts';
import type { CallAnswer, CallNews } from './relay-desk.ts';

/** Nothing is dialled for an order that the relay has not come to within this time. */
const PLACE_WITHIN_MS = 10_000;
/** An order that was come to at the last moment is answered by then. */
const ANSWER_WITHIN_MS = 15_000;

export interface CallByHand {
  /** The relay runs for this call alone, where no provider's events reach it. */
  alone: boolean;
  /** Undefined: nobody answered, and `delivery` says why. */
  place(site: string, number: string): Promise<{ delivery: Delivery; answer: CallAnswer | undefined }>;
  /** Null: there is no such call. Undefined: nobody answered. */
  view(id: string): Promise<CallNews | null | undefined>;
  /** Null: it was too late. */
  cancel(id: string): Promise<CallNews | null | undefined>;
  close(): Promise<void>;
}

/** `log` and `onFatal` are those of a relay that is started here. Throws where none can be. */
export async function callByHand(config: Config, log: Log, onFatal: (error: Error) => void): Promise<CallByHand> {
  if (config.store.path === ':memory:') {
    throw new Error(
      'This relay keeps its calls in memory, where no command reaches it. Set RINGBACK_STORE to a file: sqlite:./data/ringback.db.',
    );
  }
  const alone = !(await isRelayRunning(config));
  // On loopback, so that no visitor's request is accepted by a relay that is about to end.
  const started = alone ? await startNode({ ...config, host: '127.0.0.1', port: 0 }, log, onFatal) : undefined;
  const folder = openControl(config);
  const ask = (order: RelayOrder) => leaveForRelay(order, { folder, config, waitMs: ANSWER_WITHIN_MS });
  return {
    alone,
    async place(site, number) {
      const { delivery, answer } = await ask({ kind: 'call', site, number, until: systemClock.now() + PLACE_WITHIN_MS });
      return { delivery, answer: answer as CallAnswer | undefined };
    },
    view: async (id) => (await ask({ kind: 'view_call', id })).answer as CallNews | null | undefined,
    cancel: async (id) => (await ask({ kind: 'cancel_call', id })).answer as CallNews | null | undefined,
    close: async () => started?.stop(),
  };
}
