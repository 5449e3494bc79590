/** A clock for tests that moves only when it is told to. */
import type { Clock } from './clock.ts';

export interface HandClock extends Clock {
  /** Moves time on, running what falls due in order, and lets promises settle after each task. */
  pass(durationMs: number): Promise<void>;
}

export function handClock(startsAt = Date.parse('2026-03-02T14:00:00Z')): HandClock {
  let now = startsAt;
  let due: { at: number; task: () => void }[] = [];
  return {
    now: () => now,
    after(delayMs, task) {
      const entry = { at: now + delayMs, task };
      due.push(entry);
      return () => {
        due = due.filter((other) => other !== entry);
      };
    },
    async pass(durationMs) {
      const until = now + durationMs;
      await settlePromises();
      for (let next = earliest(due, until); next; next = earliest(due, until)) {
        const entry = next;
        due = due.filter((other) => other !== entry);
        now = entry.at;
        entry.task();
        await settlePromises();
      }
      now = until;
    },
  };
}

function earliest<T extends { at: number }>(entries: readonly T[], until: number): T | undefined {
  return entries.filter(({ at }) => at <= until).sort((one, other) => one.at - other.at)[0];
}

/** A macrotask boundary: every promise chain that waits for nothing else is through after it. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
