/** Calls of one site that wait for a line: who goes next, whatever the arrivals, the talks and the moments at which the drain looks. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Provider } from '../providers/provider.ts';
import { exampleSite } from '../simulators/example-site.ts';
import { fakeClock } from '../simulators/fake-clock.ts';
import { plainProvider } from '../simulators/plain-provider.ts';
import type { Call } from '../store/call.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import { vault } from '../store/vault.ts';
import { acceptCall } from './accept-call.ts';
import { callRules } from './call-rules.ts';
import type { CallsContext } from './calls.ts';
import { drainCalls } from './drain-calls.ts';
import { earlyNews } from './early-news.ts';
import { providerGate } from './provider-gate.ts';

interface Visitor {
  /** Since the beginning. */
  arrivesMs: number;
  talksMs: number;
  /** Has taken the slot rather than to be called at once. */
  plansAhead: boolean;
}

interface Surroundings {
  concurrency: number;
  pace?: Provider['pace'];
}

interface Dialled {
  call: Call;
  at: number;
  /** How many were due before it and still waited when it was dialled. */
  passedOver: number;
}

const SLOT_MS = 40_000;

/** Works through a busy hour, and looks only when something arrives or is to be looked at: the end of a talk wakes nobody. */
async function workThrough(visitors: readonly Visitor[], { concurrency, pace }: Surroundings) {
  const clock = fakeClock();
  const start = clock.now();
  const store = sqliteStore({ path: ':memory:', clock });
  const accepted: Call[] = [];
  const dials: Dialled[] = [];
  const ends: { id: string; at: number }[] = [];
  const numberOf = (index: number) => `+49151234560${String(index).padStart(2, '0')}`;

  const dial = async ({ number }: { number: string }) => {
    const index = visitors.findIndex((_, each) => numberOf(each) === number);
    const [call, visitor] = [accepted[index], visitors[index]];
    if (call === undefined || visitor === undefined) throw new Error('Nobody has asked for this call.');
    const older = accepted.filter((each) => (each.dueAt ?? 0) < (call.dueAt ?? 0));
    const states = await Promise.all(older.map(async ({ id }) => (await store.find(id))?.state ?? ''));
    dials.push({ call, at: clock.now(), passedOver: states.filter((state) => ['accepted', 'scheduled'].includes(state)).length });
    ends.push({ id: call.id, at: clock.now() + visitor.talksMs });
    return { kind: 'placed', ref: call.id } as const;
  };
  const sites = new Map([['default', exampleSite({ origins: [], provider: 'pbx', concurrency })]]);
  const context: CallsContext = {
    store,
    vault: vault(new Uint8Array(32).fill(7)),
    clock,
    log: () => {},
    sites,
    providers: new Map([['pbx', { ...plainProvider(dial), pace }]]),
    rulesOf: callRules({ sites, cooldownMs: 0, random: () => 0, switches: () => ({ paused: false, pausedSites: new Set() }) }),
    early: earlyNews(clock),
    gate: providerGate(clock),
    notify: async () => {},
  };
  const drain = drainCalls(context);

  async function ask({ plansAhead }: Visitor): Promise<void> {
    const e164 = numberOf(accepted.length);
    const asked = { request: { site: 'default', phone: e164 }, idempotencyKey: crypto.randomUUID(), e164, country: 'DE', details: {} };
    const slotAt = plansAhead ? start + SLOT_MS : undefined;
    const result = await acceptCall({ ...asked, numberKeys: context.vault.keysOf('number', e164), slotAt, guard: { limits: [] } }, context);
    if (result.kind !== 'accepted') throw new Error(result.kind);
    accepted.push(result.call);
  }

  const isOpen = async ({ id }: Call) => ['accepted', 'scheduled', 'dialing'].includes((await store.find(id))?.state ?? '');
  for (;;) {
    const arrival = visitors[accepted.length];
    const arrivesAt = arrival && start + arrival.arrivesMs;
    const isAnyoneWaiting = (await Promise.all(accepted.map(isOpen))).includes(true);
    if (arrivesAt === undefined && !isAnyoneWaiting) break;
    const nextEnd = ends.toSorted((one, other) => one.at - other.at)[0];
    const dueAt = (await store.nextDueAt()) ?? Number.POSITIVE_INFINITY;
    const next = Math.min(arrivesAt ?? Number.POSITIVE_INFINITY, dueAt);
    if (nextEnd !== undefined && nextEnd.at <= next) {
      clock.set(Math.max(clock.now(), nextEnd.at));
      ends.splice(ends.indexOf(nextEnd), 1);
      await store.amend(nextEnd.id, (_, now) => ({ state: 'connected', endedAt: now, dueStep: undefined, dueAt: undefined }));
      continue;
    }
    clock.set(Math.max(clock.now(), next));
    if (arrival !== undefined && arrivesAt === next) await ask(arrival);
    await drain.run();
  }
  const states = await Promise.all(accepted.map(async ({ id }) => (await store.find(id))?.state));
  await store.close();
  return { dials, states };
}

const visitors = fc
  .array(
    fc.record({
      arrivesMs: fc.integer({ min: 0, max: 90_000 }),
      talksMs: fc.integer({ min: 100, max: 30_000 }),
      plansAhead: fc.boolean(),
    }),
    { minLength: 2, maxLength: 14 },
  )
  // Slots are taken before they begin.
  .map((all) => all.map((each) => ({ ...each, plansAhead: each.plansAhead && each.arrivesMs < SLOT_MS })))
  .map((all) => all.toSorted((one, other) => one.arrivesMs - other.arrivesMs));

test('whoever was due first is dialled first, and nobody after the deadline', async () => {
  const around = fc.record({ concurrency: fc.integer({ min: 1, max: 3 }) });
  await fc.assert(
    fc.asyncProperty(visitors, around, async (all, surroundings) => {
      const { dials, states } = await workThrough(all, surroundings);
      for (const { call, at, passedOver } of dials) {
        expect(passedOver).toBe(0);
        expect(at).toBeLessThan(call.dialBefore);
      }
      expect(new Set(dials.map(({ call }) => call.id)).size).toBe(dials.length);
      expect(dials.length + states.filter((state) => state === 'expired').length).toBe(all.length);
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('nor does the pace of a provider let anybody pass', async () => {
  const slow = { concurrency: 3, pace: { host: 'pbx.example', perSecond: 2, burst: 1 } };
  await fc.assert(
    fc.asyncProperty(visitors, async (all) => {
      const { dials } = await workThrough(all, slow);
      expect(dials.filter(({ passedOver }) => passedOver > 0)).toEqual([]);
    }),
    { numRuns: 30 },
  );
}, 60_000);

test('a line that becomes free between two looks goes to who waits, not to who has just come', async () => {
  const { dials } = await workThrough(
    [
      { arrivesMs: 0, talksMs: 10_500, plansAhead: false },
      { arrivesMs: 10, talksMs: 1_000, plansAhead: false },
      { arrivesMs: 10_600, talksMs: 1_000, plansAhead: false },
    ],
    { concurrency: 1 },
  );
  expect(dials.map(({ call }) => call.acceptedAt)).toEqual(dials.map(({ call }) => call.acceptedAt).toSorted((a, b) => a - b));
  expect(dials).toHaveLength(3);
});
