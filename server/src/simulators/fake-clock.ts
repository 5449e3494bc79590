/** A clock that stands still until a test moves it. */
import type { Clock } from '../clock.ts';

export interface FakeClock extends Clock {
  /** Moves on by `ms`, running every timer that comes due on the way in order, each at its own time. */
  advance(ms: number): Promise<void>;
  /** Jumps to `time` without running a timer, as a wall clock does that was set anew. */
  set(time: number): void;
  /** When the next timer is due; undefined when none waits. */
  nextTimerAt(): number | undefined;
}

/** Work that one timer sets off may hop through the event loop this often before the next timer is looked at. */
const SETTLING_TURNS = 20;

/** `start`: epoch ms; 2026-01-05T09:00:00Z, a Monday morning, when absent. */
export function fakeClock(start: number = Date.UTC(2026, 0, 5, 9)): FakeClock {
  let now = start;
  const timers = new Set<{ at: number; task: () => void }>();

  /** The earliest timer; of two at the same time the one that was set first. */
  function nextTimer() {
    let next: { at: number; task: () => void } | undefined;
    for (const timer of timers) if (next === undefined || timer.at < next.at) next = timer;
    return next;
  }

  return {
    now: () => now,
    after(delayMs, task) {
      const timer = { at: now + Math.max(0, delayMs), task };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (let timer = nextTimer(); timer !== undefined && timer.at <= until; timer = nextTimer()) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.task();
        await settle();
      }
      now = Math.max(now, until);
    },
    set(time) {
      now = time;
    },
    nextTimerAt: () => nextTimer()?.at,
  };
}

/** Lets promise callbacks, and stores that answer on a later turn of the event loop, catch up. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < SETTLING_TURNS; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
