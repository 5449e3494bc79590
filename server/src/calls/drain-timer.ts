/** Runs the drain when something is due, on platforms that keep a process alive. */
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

/** Looks again after this long even if nothing is known to be due: another process may have left something behind. */
const IDLE_LOOK_MS = 5_000;
/** What is due and was not taken waits for room; whoever makes room wakes the timer by itself. */
const CROWDED_LOOK_MS = 100;

export interface DrainTimer {
  /** Something may be due now. */
  wake(): void;
  stop(): void;
}

export function drainTimer(options: { begin: () => Promise<void>; store: Store; clock: Clock; log: Log }): DrainTimer {
  const { begin, store, clock, log } = options;
  let running = false;
  let again = false;
  let stopped = false;
  let cancelTimer = () => {};

  async function look(): Promise<void> {
    running = true;
    cancelTimer();
    let nextLookMs = IDLE_LOOK_MS;
    try {
      do {
        again = false;
        await begin();
      } while (again && !stopped);
      const dueAt = await store.nextDueAt();
      if (dueAt !== undefined) nextLookMs = dueAt <= clock.now() ? CROWDED_LOOK_MS : Math.min(IDLE_LOOK_MS, dueAt - clock.now());
    } catch (error) {
      log({ level: 'error', event: 'drain.failed', message: error instanceof Error ? error.name : 'unknown' });
    }
    running = false;
    if (stopped) return;
    if (again) return void look();
    cancelTimer = clock.after(nextLookMs, () => void look());
  }

  return {
    wake() {
      if (stopped) return;
      if (running) again = true;
      else void look();
    },
    stop() {
      stopped = true;
      cancelTimer();
    },
  };
}
