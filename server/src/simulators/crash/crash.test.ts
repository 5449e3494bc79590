/**
 * What holds when the relay dies, at every durable step and at any moment: real processes on real files are killed with SIGKILL,
 * started anew, and judged by who was really rung. Longer runs: docs/development.md.
 */
import { beforeAll, expect, test } from 'vitest';
import { bundleCrashChild } from './bundle-crash-child.ts';
import { CRASH_POINTS, type CrashPoint } from './crash-points.ts';
import { describeFault } from './describe-fault.ts';
import { runCrashes } from './run-crashes.ts';

const SEED = Number(process.env.FC_SEED ?? 20_261_120);
/** Hundreds of processes start in turn, beside everything else that a busy machine does. */
const TIMEOUT_MS = 300_000;

/** A run in which nobody was rung, or everybody, would prove little. */
const USUAL_ENDS = ['connected', 'missed', 'abandoned', 'expired', 'scheduled'];

/** Too rare for every group: dialled by the second of two accounts, and forgotten at somebody's request. */
const RARE = ['by the spare account', 'forgotten'];

const GROUPS: readonly { when: string; kills: number; points: readonly CrashPoint[] }[] = [
  { when: 'taking a request', kills: 24, points: pointsOf('accept') },
  { when: 'claiming a call', kills: 40, points: pointsOf('takeDue') },
  { when: 'dialling', kills: 64, points: pointsOf('dial') },
  { when: 'writing down what became of a call', kills: 56, points: pointsOf('settle', 'amend') },
  { when: 'looking up what became of a call', kills: 24, points: pointsOf('read') },
  { when: 'telling the company', kills: 64, points: pointsOf('postNotices', 'takeMessages', 'settleMessage', 'lead') },
  { when: 'doing what an operator asks for', kills: 48, points: pointsOf('optOut', 'forgetNumber', 'retryQuarantined') },
  { when: 'tidying up', kills: 40, points: pointsOf('hastenForgets', 'sweep') },
];

let script = '';
const seen = new Set<string>();
beforeAll(async () => {
  script = await bundleCrashChild('test');
}, TIMEOUT_MS);

test.each(GROUPS)('no promise breaks when the relay is killed while $when', { timeout: TIMEOUT_MS }, async ({ kills, points }) => {
  const run = await runCrashes({ script, kills, seed: SEED, points });
  expect(run.faults.map((fault) => describeFault(fault, { seed: SEED, kills, points }))).toEqual([]);
  expect(run.kills).toBe(kills);
  expect(points.filter((point) => !run.killsAt.has(point))).toEqual([]);
  expect(USUAL_ENDS.filter((end) => !run.ends.has(end))).toEqual([]);
  for (const end of run.ends.keys()) seen.add(end);
});

test('all of them together have seen what is rare', () => {
  expect(RARE.filter((kind) => !seen.has(kind))).toEqual([]);
});

test('every crash point belongs to a group, and there are at least 300 kills', () => {
  expect(new Set(GROUPS.flatMap(({ points }) => points))).toEqual(new Set(CRASH_POINTS));
  expect(GROUPS.reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThanOrEqual(300);
});

/** Of a step, with all its sides. */
function pointsOf(...steps: readonly string[]): CrashPoint[] {
  return CRASH_POINTS.filter((point) => steps.includes(point.split(':')[0] ?? ''));
}
