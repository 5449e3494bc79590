/** `npm run test:crash`: as many kills as wanted, with progress, and the traces of what went wrong. */
import { Command, InvalidArgumentError } from 'commander';
import { bundleCrashChild } from './bundle-crash-child.ts';
import { CRASH_POINTS, type CrashPoint } from './crash-points.ts';
import { describeFault } from './describe-fault.ts';
import { runCrashes } from './run-crashes.ts';

const program = new Command('test:crash')
  .description('Kills the relay with SIGKILL over and over, and checks what it kept against who was really rung.')
  .option('--kills <count>', 'how often', readCount, 300)
  .option('--seed <number>', 'what everything is drawn from', readCount, Date.now() % 1_000_000)
  .option('--points <names>', 'only at these crash points, with commas between', readPoints, CRASH_POINTS)
  .option('--world <number>', 'only this world of the run', readCount)
  .parse();
const { kills, seed, points, world } = program.opts<{ kills: number; seed: number; points: readonly CrashPoint[]; world?: number }>();

const say = (text: string) => process.stdout.write(`${text}\n`);
const startedAt = Date.now();
let told = 0;
say(`${kills} kills, seed ${seed}`);
const run = await runCrashes({
  script: await bundleCrashChild('command'),
  kills,
  seed,
  points,
  world,
  onWorld(done) {
    for (const fault of done.faults.slice(told)) say(describeFault(fault, { seed, kills, points }));
    told = done.faults.length;
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    say(`${done.kills} kills, ${done.calls} calls, ${done.rings} rang, ${done.faults.length} broken promises, ${seconds} s`);
  },
});
for (const [title, counts] of [
  ['killed at', run.killsAt],
  ['calls', run.ends],
] as const) {
  say(title);
  for (const [name, count] of [...counts].sort()) say(`  ${String(count).padStart(5)}  ${name}`);
}
process.exitCode = run.faults.length === 0 ? 0 : 1;

function readCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('Must be a whole number from 1.');
  return count;
}

function readPoints(text: string): readonly CrashPoint[] {
  return text.split(',').map((name) => {
    const point = CRASH_POINTS.find((each) => each === name);
    if (point === undefined) throw new InvalidArgumentError(`Must be among: ${CRASH_POINTS.join(', ')}.`);
    return point;
  });
}
