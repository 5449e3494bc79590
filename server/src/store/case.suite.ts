/** What a case of the store's suite is given: an empty store, a clock that stands still, and drafts to accept. */
import type { Clock } from '../clock.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import type { CallDraft } from './acceptance.ts';
import type { Decide, Taken } from './call.ts';
import type { Store } from './store.ts';

/** An empty store of its own for each case. */
export interface OpenedStore {
  store: Store;
  /** Closes the store and opens what it left behind. */
  reopen(): Promise<Store>;
  /** Closes whatever is open and removes every trace. */
  dispose(): Promise<void>;
}

export type OpenStore = (clock: Clock) => Promise<OpenedStore>;

export interface Given {
  store: Store;
  clock: FakeClock;
  reopen: () => Promise<Store>;
  /** A call to a number of its own, unless told otherwise; ids, keys and numbers count up from 1 in every case. */
  draft: (wishes?: Partial<CallDraft>) => CallDraft;
}

/** `id` is short and never changes: it is what a report and a known gap name. */
export type DefineCase = (id: string, title: string, run: (given: Given) => Promise<void>) => void;

/** Runs `work` on an empty store that is gone afterwards, whatever happens. */
export async function withStore(open: OpenStore, work: (given: Given) => Promise<void>): Promise<void> {
  const clock = fakeClock();
  const opened = await open(clock);
  try {
    await work({ store: opened.store, clock, reopen: opened.reopen, draft: drafts() });
  } finally {
    await opened.dispose();
  }
}

/** Takes the one call that must be due. */
export async function takeOne(store: Store, decide: Decide): Promise<Taken> {
  const [only] = await store.takeDue(1, decide);
  if (only === undefined) throw new Error('No call is due.');
  return only;
}

function drafts(): (wishes?: Partial<CallDraft>) => CallDraft {
  let count = 0;
  return (wishes = {}) => {
    count += 1;
    return {
      id: `call-${String(count).padStart(4, '0')}`,
      site: 'default',
      idempotencyKey: `key-${count}`,
      fingerprint: `fingerprint-${count}`,
      numberKey: `number-${count}`,
      sealedNumber: `sealed-${count}`,
      country: 'DE',
      dialWithinMs: 120_000,
      holdMs: 20_000,
      ...wishes,
    };
  };
}
