/**
 * One world: a database file, everything around it, and a relay that is killed over and over. When the last of them is dead, one
 * more is left alone until every call must have ended.
 */
import { join } from 'node:path';
import { SLOT_DIAL_WITHIN_MS } from '../../calls/accept-call.ts';
import type { CrashPlan } from './crash-points.ts';
import { FURTHEST_SLOT_MS } from './crash-settings.ts';
import type { KeptCall } from './evidence.ts';
import { ProcessDied, type RelayProcess, type RelayProcesses } from './relay-process.ts';
import { type SeededRandom, seededRandom } from './seeded-random.ts';
import { type Surroundings, surroundings } from './surroundings.ts';
import type { Freeze, OperatorVerb } from './wire.ts';
import { type Fault, worldJudge } from './world-judge.ts';

/** How a relay dies: at a point of its own code, or at any moment, after so much real time in the middle of some action. */
export type Death = { readonly kind: 'point'; readonly plan: CrashPlan } | { readonly kind: 'moment' };

export interface WorldOptions {
  /** Everything is drawn from it. Real time alone decides when a death at a `moment` strikes, and what else of an instant comes before a death. */
  seed: string;
  /** One relay each, in this order. */
  deaths: readonly Death[];
  processes: RelayProcesses;
  /** Where the database is made. */
  folder: string;
}

export interface WorldReport {
  /** For each death where it struck. */
  readonly kills: readonly string[];
  readonly calls: readonly KeptCall[];
  readonly rings: number;
  readonly faults: readonly Fault[];
}

/** How long nobody runs after a death: not at all, past a lease, past the deadline, past the first looks. */
const DOWN_MS = [0, 0, 0, 500, 15_000, 25_000, 130_000, 1_000_000];
/** Besides the last deadline: the hour in which an unclear call is looked up, and the repeats of what is told about it. */
const ENDS_WITHIN_MS = 75 * 60_000;

export async function runWorld({ seed, deaths, processes, folder }: WorldOptions): Promise<WorldReport> {
  const random = seededRandom(seed);
  const downtimes = random.branch('downtimes');
  const around = surroundings(random);
  const path = join(folder, 'ringback.db');
  const judge = worldJudge(path, around);
  const kills: string[] = [];

  /** One relay from its start to its death; true if it died before it was through with what it had to do. */
  async function live(life: number, { plan, freeze }: Fate, act: (relay: RelayProcess) => Promise<void>): Promise<boolean> {
    const seedOfLife = `${seed}/relay ${life}`;
    const relay = processes.open({ path, now: around.clock.now(), plan, freeze, seed: seedOfLife, ...around.hooks(life) });
    around.connect(relay);
    const died = await relay.opened.then(() => act(relay)).then(isAlive, isDeath);
    if (!died) relay.kill();
    around.connect(undefined);
    const { killed, said } = await relay.gone;
    if (!killed) judge.blameEnd(life, said);
    around.tell(undefined, `relay ${life} is dead`);
    return died;
  }

  for (const [index, death] of deaths.entries()) {
    const life = index + 1;
    around.tell(undefined, `relay ${life} starts, to die at ${describeDeath(death)}`);
    const plan = death.kind === 'point' ? death.plan : undefined;
    const since = around.clock.now();
    const chances = random.branch(`life ${life}`);
    const freeze = chances.chance(FREEZING_SHARE) ? drawFreeze(chances) : undefined;
    const died = await live(life, { plan, freeze }, (relay) => beBusy(relay, around, chances, death));
    kills.push(death.kind === 'moment' ? 'any moment' : died ? death.plan.point : 'no point reached');
    await judge.examine(life, since, false);
    await around.clock.advance(downtimes.pick(DOWN_MS));
  }

  const last = deaths.length + 1;
  around.tell(undefined, `relay ${last} starts, and is left alone`);
  around.recover();
  const since = around.clock.now();
  await live(last, { plan: undefined, freeze: undefined }, (relay) => beLeftAlone(relay, around));
  await judge.examine(last, since, true);
  return { kills, calls: judge.calls, rings: around.evidence().rings.length, faults: judge.faults };
}

interface Fate {
  plan: CrashPlan | undefined;
  freeze: Freeze | undefined;
}

function drawFreeze(random: SeededRandom): Freeze {
  return { point: random.pick(FREEZING_POINTS), nth: random.between(1, 4), ms: random.pick(FREEZES_MS) };
}

const isAlive = () => false;

function isDeath(error: unknown): true {
  if (error instanceof ProcessDied) return true;
  throw error;
}

function describeDeath(death: Death): string {
  return death.kind === 'moment' ? 'some moment' : `${death.plan.point}, the ${death.plan.nth}. time`;
}

const ACTIONS = 30;
const ACTS_AT_ONCE = [0, 1, 1, 1, 3];
/** From a blink to the time after which the relay tells the company of an unclear call. */
const PAUSES_MS = [50, 300, 1_000, 1_000, 4_000, 10_000, 21_000, 60_000];
/** Some relays also live to see the late looks at a call, up to an hour after it. */
const LONG_PAUSES_MS = [200_000, 700_000];
const PATIENT_SHARE = 0.25;
const FREEZE_SHARE = 0.03;
/** Of relays that stand still once at a point of their own: between the claim and the dial, between an answer and its settling. */
const FREEZING_SHARE = 0.4;
const FREEZING_POINTS = ['takeDue:after', 'dial:before', 'dial:answered', 'takeMessages:after'] as const;
const OPERATOR_SHARE = 0.05;
/** In lives that are to end at what only an operator sets off. */
const WISHED_SHARE = 0.25;
const OPERATOR_VERBS: readonly OperatorVerb[] = ['optOut', 'forgetNumber', 'retryQuarantined'];
/** Past the time limit of a dial, past its lease, past the deadline. */
const FREEZES_MS = [16_000, 21_000, 130_000];
const MOMENT_WITHIN_MS = 6;

/** What happens to a relay until it dies: at a moment in the middle of one of the actions, or at its point. */
async function beBusy(relay: RelayProcess, around: Surroundings, random: SeededRandom, death: Death): Promise<void> {
  const isPatient = random.chance(PATIENT_SHARE);
  const strikesAt = death.kind === 'moment' ? random.between(1, ACTIONS - 5) : undefined;
  const wished = OPERATOR_VERBS.find((verb) => death.kind === 'point' && death.plan.point.startsWith(`${verb}:`));
  for (let action = 1; action <= ACTIONS; action += 1) {
    if (action === strikesAt) relay.kill(random.next() * MOMENT_WITHIN_MS);
    const acting = Promise.all(Array.from({ length: random.pick(ACTS_AT_ONCE) }, () => around.crowd.act(relay)));
    // The answer needs the relay's time to go on, and may never come.
    acting.catch(() => {});
    if (random.chance(wished === undefined ? OPERATOR_SHARE : WISHED_SHARE)) operate(wished ?? random.pick(OPERATOR_VERBS), relay, around);
    if (random.chance(FREEZE_SHARE)) await freeze(random.pick(FREEZES_MS), relay, around);
    await pass(random.pick(isPatient && random.chance(PATIENT_SHARE) ? LONG_PAUSES_MS : PAUSES_MS), relay, around);
    await acting;
  }
}

/** Nobody comes back with a request to a number that is to be forgotten or left alone: for the relay it would be a new one. */
function operate(verb: OperatorVerb, relay: RelayProcess, { crowd, tell }: Surroundings): void {
  const number = verb === 'retryQuarantined' ? '' : crowd.retire();
  if (number === undefined) return;
  tell(undefined, `the operator asks for ${verb} ${number}`.trimEnd());
  relay.operate(verb, number);
}

/** Long enough for everything to end; then everybody asks once more, and must be told what he was told before. */
async function beLeftAlone(relay: RelayProcess, around: Surroundings): Promise<void> {
  await pass(FURTHEST_SLOT_MS + SLOT_DIAL_WITHIN_MS + ENDS_WITHIN_MS, relay, around);
  const repeated = around.crowd.repeatAll(relay);
  repeated.catch(() => {});
  await pass(1_000, relay, around);
  await repeated;
}

/** Relay and world go through the same moments; whichever has something to do first stops the other. */
async function pass(ms: number, relay: RelayProcess, { clock }: Surroundings): Promise<void> {
  const until = clock.now() + ms;
  do {
    const next = Math.min(until, clock.nextTimerAt() ?? until);
    const reached = await relay.advance(Math.max(clock.now(), next));
    await clock.advance(reached - clock.now());
    await relay.advance(clock.now());
  } while (clock.now() < until);
}

/** The world goes on without the relay. */
async function freeze(ms: number, relay: RelayProcess, { clock }: Surroundings): Promise<void> {
  await clock.advance(ms);
  relay.freeze(clock.now());
}
