/** Looks into the store after each death, asks the checker, and keeps each broken promise once, with its story. */
import { checkPromises, type Violation } from './check-promises.ts';
import { RULES } from './crash-settings.ts';
import type { KeptCall, StoreLook } from './evidence.ts';
import { lookIntoStore } from './look-into-store.ts';
import type { Surroundings } from './surroundings.ts';

/** A broken promise, and everything that is known of how it came about. */
export interface Fault extends Violation {
  /** After which death of its world it showed. */
  readonly kill: number;
  /** Empty where the same call's story stands with an earlier fault. */
  readonly trace: readonly string[];
}

export interface WorldJudge {
  readonly faults: readonly Fault[];
  /** The calls that the store held at the last look. */
  readonly calls: readonly KeptCall[];
  /** `since`: when the relay that has just died was started; `isOver`: enough time has passed that every call must have ended. */
  examine(kill: number, since: number, isOver: boolean): Promise<void>;
  /** The relay ended though nobody had killed it. */
  blameEnd(kill: number, said: string): void;
}

export function worldJudge(path: string, around: Surroundings): WorldJudge {
  const faults: Fault[] = [];
  const looks: StoreLook[] = [];

  /** What has been found once is found again after every later death. */
  function blame(kill: number, { promise, mark, said }: Violation): void {
    const about = faults.filter((fault) => fault.mark === mark);
    if (about.some((fault) => fault.promise === promise && fault.said === said)) return;
    faults.push({ promise, mark, said, kill, trace: about.length > 0 ? [] : around.traceOf(mark) });
  }

  return {
    faults,
    get calls() {
      return [...(looks.at(-1)?.calls.values() ?? [])];
    },
    async examine(kill, since, isOver) {
      const found = await lookIntoStore(path, around.crowd.asks, { known: looks.at(-1), since, clock: around.clock });
      if (found.kind === 'unusable') return blame(kill, { promise: 'I5', mark: undefined, said: found.said });
      looks.push(found.look);
      for (const violation of checkPromises({ rules: RULES, looks, ...around.evidence() }, isOver)) blame(kill, violation);
    },
    blameEnd(kill, said) {
      blame(kill, { promise: 'I5', mark: undefined, said: `the relay ended by itself: ${said.trim()}` });
    },
  };
}
