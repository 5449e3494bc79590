/** What is printed of a broken promise: which, whose, how it came about, and how to see it again. */
import { CRASH_POINTS, type CrashPoint } from './crash-points.ts';
import type { CrashRun } from './run-crashes.ts';

export interface RunDescription {
  seed: number;
  kills: number;
  points: readonly CrashPoint[];
}

export function describeFault(fault: CrashRun['faults'][number], { seed, kills, points }: RunDescription): string {
  const { promise, mark, said, world, kill, trace } = fault;
  const at = points.length === CRASH_POINTS.length ? '' : ` --points ${points.join(',')}`;
  return [
    `✗ ${promise}: ${mark === undefined ? '' : `${mark} `}${said}`,
    `  after kill ${kill} of world ${world}; again: npm run test:crash -- --kills ${kills} --seed ${seed} --world ${world}${at}`,
    ...trace.map((line) => `    ${line}`),
  ].join('\n');
}
