/** A provider whose questions wait for their turn, and always leave room for dials. */
import type { Clock } from '../clock.ts';
import type { Fault, Provider } from '../providers/provider.ts';
import type { TokenBucket } from './token-bucket.ts';

/** Whoever asks holds a lease of some seconds. */
const LONGEST_WAIT_MS = 5_000;
/** Requests that a question may need. */
const COST = { find: 2, verify: 2, list: 1 };

/** Fault code of a question that was not put. */
export const PACE_REACHED = 'pace_reached';

const NO_TURN: Fault = {
  code: PACE_REACHED,
  message: 'The provider takes only so many requests, and all of them were needed for calls. It is asked again later.',
  problem: 'unavailable',
  configuration: false,
};

export interface Queue {
  bucket: TokenBucket;
  clock: Clock;
  /** Tokens that stay for others. */
  leaving: number;
}

/** `queueOf`: where to wait at this moment; undefined: nowhere. */
export function pacedReads(provider: Provider, queueOf: () => Queue | undefined): Provider {
  const turn = async (count: number) => {
    const queue = queueOf();
    return queue === undefined || waitForTurn({ ...queue, count, withinMs: LONGEST_WAIT_MS });
  };
  return {
    ...provider,
    async find(query) {
      return (await turn(COST.find)) ? provider.find(query) : { ok: false, fault: NO_TURN };
    },
    async verify(line, telphin) {
      if (await turn(COST.verify)) return provider.verify(line, telphin);
      return [{ ok: false, code: NO_TURN.code, message: NO_TURN.message }];
    },
    async lines() {
      return (await turn(COST.list)) ? provider.lines() : { ok: false, fault: NO_TURN };
    },
    async voices() {
      return (await turn(COST.list)) ? provider.voices() : { ok: false, fault: NO_TURN };
    },
  };
}

export interface Wait extends Queue {
  count?: number;
  /** Absent: for as long as it takes. */
  withinMs?: number;
  /** Rejects with its reason when it fires. */
  signal?: AbortSignal | null | undefined;
}

/** False where no turn comes in time; then nothing may be sent. */
export async function waitForTurn({ bucket, clock, leaving, count = 1, withinMs, signal }: Wait): Promise<boolean> {
  const giveUpAt = clock.now() + (withinMs ?? Number.POSITIVE_INFINITY);
  for (;;) {
    signal?.throwIfAborted();
    const now = clock.now();
    const freeAt = bucket.take(now, count, leaving);
    if (freeAt === undefined) return true;
    if (freeAt > giveUpAt) return false;
    await pause(freeAt - now, clock, signal);
  }
}

function pause(ms: number, clock: Clock, signal: Wait['signal']): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, done);
    function done() {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done, { once: true });
  });
}
