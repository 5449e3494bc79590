/** Kills relays in world after world, every crash point in turn and every few deaths at a moment of chance, and gathers what was found. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CRASH_POINTS, type CrashPoint } from './crash-points.ts';
import { SPARE_ACCOUNT } from './crash-settings.ts';
import { type Death, runWorld } from './crash-world.ts';
import type { KeptCall } from './evidence.ts';
import { type RelayProcesses, relayProcesses } from './relay-process.ts';
import { type SeededRandom, seededRandom } from './seeded-random.ts';
import type { Fault } from './world-judge.ts';

export interface CrashRunOptions {
  /** The bundled crash-child.ts. */
  script: string;
  kills: number;
  seed: number;
  /** Where deaths strike; all points when absent. */
  points?: readonly CrashPoint[];
  /** Only the world of this number, counted from 1. */
  world?: number | undefined;
  onWorld?: (done: CrashRun) => void;
}

export interface CrashRun {
  readonly kills: number;
  /** How many deaths struck where. */
  readonly killsAt: ReadonlyMap<string, number>;
  readonly calls: number;
  /** How many calls came to which end, and how many were of some other kind. */
  readonly ends: ReadonlyMap<string, number>;
  readonly rings: number;
  readonly faults: readonly (Fault & { readonly world: number })[];
}

const KILLS_PER_WORLD = 8;
const MOMENT_SHARE = 0.25;
const MAX_NTH = 3;
/** So often each point is struck where it is passed for the first time, before chance decides. */
const FIRST_PASSAGES = 3;

export async function runCrashes(options: CrashRunOptions): Promise<CrashRun> {
  const { script, kills, seed, points = CRASH_POINTS, world: only, onWorld = () => {} } = options;
  const processes = relayProcesses(script);
  const folder = mkdtempSync(join(tmpdir(), 'ringback-worlds-'));
  let run: CrashRun = { kills: 0, killsAt: new Map(), calls: 0, ends: new Map(), rings: 0, faults: [] };
  try {
    for (let world = 1; (world - 1) * KILLS_PER_WORLD < kills; world += 1) {
      if (only !== undefined && world !== only) continue;
      const deaths = planDeaths(
        Math.min(KILLS_PER_WORLD, kills - (world - 1) * KILLS_PER_WORLD),
        world,
        points,
        seededRandom(`${seed}/${world}`),
      );
      run = await addWorld(run, { world, seed: `${seed}/${world}`, deaths, processes, folder: join(folder, String(world)) });
      onWorld(run);
    }
    return run;
  } finally {
    processes.stop();
    rmSync(folder, { recursive: true });
  }
}

async function addWorld(
  run: CrashRun,
  { world, ...options }: { world: number; seed: string; deaths: Death[]; processes: RelayProcesses; folder: string },
): Promise<CrashRun> {
  mkdirSync(options.folder);
  const report = await runWorld(options);
  rmSync(options.folder, { recursive: true });
  return {
    kills: run.kills + report.kills.length,
    killsAt: addCounts(run.killsAt, report.kills),
    calls: run.calls + report.calls.length,
    ends: addCounts(run.ends, report.calls.flatMap(kindsOf)),
    rings: run.rings + report.rings,
    faults: [...run.faults, ...report.faults.map((fault) => ({ ...fault, world }))],
  };
}

/** What a run should have seen of each. */
function kindsOf({ state, scheduledFor, provider, isForgotten }: KeptCall): string[] {
  return [
    state,
    ...(scheduledFor === undefined ? [] : ['scheduled']),
    ...(provider === SPARE_ACCOUNT ? ['by the spare account'] : []),
    ...(isForgotten ? ['forgotten'] : []),
  ];
}

function addCounts(counts: ReadonlyMap<string, number>, names: readonly string[]): ReadonlyMap<string, number> {
  const sums = new Map(counts);
  for (const name of names) sums.set(name, (sums.get(name) ?? 0) + 1);
  return sums;
}

/** The points take turns over the worlds, so that every one has its share. Some are passed once in a life, if at all: those come first. */
function planDeaths(count: number, world: number, points: readonly CrashPoint[], random: SeededRandom): Death[] {
  return Array.from({ length: count }, (_, index) => {
    const nthDeath = (world - 1) * KILLS_PER_WORLD + index;
    const point = points[nthDeath % points.length];
    const isEarly = nthDeath < FIRST_PASSAGES * points.length;
    if (point === undefined || (!isEarly && random.chance(MOMENT_SHARE))) return { kind: 'moment' };
    return { kind: 'point', plan: { point, nth: isEarly ? 1 : random.between(1, MAX_NTH) } };
  });
}
