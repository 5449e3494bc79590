/** What is done beside the calls, a little at a time: expired counters go, and a retention that was made shorter holds for what is stored. */
import type { QueuePlace } from '../store/store.ts';
import type { CallsContext } from './calls.ts';

/** A quiet relay clears away as well; a busy one does so with what it accepts. */
const SWEEP_EVERY_MS = 10_000;
/** After a failure: the store has trouble enough. */
const REST_MS = 10_000;

/** The next piece of work, begun; undefined where there is none now. It never rejects. */
export type Housekeeping = () => Promise<void> | undefined;

/** One for each configuration: under a new one every stored call is looked at anew. */
export function housekeeping({ store, clock, sites, log }: CallsContext): Housekeeping {
  let place: QueuePlace | 'beginning' | undefined = 'beginning';
  let sweptAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let isBusy = false;

  async function hasten(): Promise<void> {
    place = await store.hastenForgets(place === 'beginning' ? undefined : place, (site) => sites.get(site)?.retentionMs);
  }

  async function attempt(chore: () => Promise<void>): Promise<void> {
    isBusy = true;
    try {
      await chore();
    } catch (error) {
      failedAt = clock.now();
      log({ level: 'error', event: 'housekeeping.failed', message: error instanceof Error ? error.name : 'unknown' });
    } finally {
      isBusy = false;
    }
  }

  /** A clock that was set back makes nothing wait for the time that it was set back by. */
  const isWithin = (ms: number, since: number) => clock.now() >= since && clock.now() - since < ms;

  return () => {
    if (isBusy || isWithin(REST_MS, failedAt)) return undefined;
    if (place !== undefined) return attempt(hasten);
    if (isWithin(SWEEP_EVERY_MS, sweptAt)) return undefined;
    sweptAt = clock.now();
    return attempt(() => store.sweep());
  };
}
