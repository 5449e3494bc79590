/** S50–S69: a call only moves forward, whoever moves it (I8). */
import fc from 'fast-check';
import { expect } from 'vitest';
import { CALL_STATES, type Call, type CallState, MOVES } from './call.ts';
import { type DefineCase, type OpenStore, takeOne, withStore } from './case.suite.ts';

export function changeCases(define: DefineCase, open: OpenStore): void {
  define('S50', 'an amendment changes a call out of turn and leaves the fence to its holder', async ({ store, draft }) => {
    const drafted = draft();
    await store.accept(drafted, { limits: [] });
    const only = await takeOne(store, (_, now) => ({ state: 'dialing', dueAt: now + 20_000 }));
    const amended = await store.amend(drafted.id, (call) => (call.state === 'dialing' ? { fault: 'seen' } : undefined));
    expect(amended).toEqual({ ...only.taken, fault: 'seen' });
    const settled = await store.settle(drafted.id, only.taken.fence, { state: 'placed' });
    expect(settled).toEqual({ ...amended, state: 'placed' });
    expect(await store.find(drafted.id)).toEqual(settled);
  });

  define('S51', 'an amendment may decline, and one of an unknown call does nothing', async ({ store, clock, draft }) => {
    const drafted = draft();
    await store.accept(drafted, { limits: [] });
    const seen: [Call, number][] = [];
    const declined = await store.amend(drafted.id, (call, now) => {
      seen.push([call, now]);
      return undefined;
    });
    expect(declined).toBeUndefined();
    expect(seen).toEqual([[await store.find(drafted.id), clock.now()]]);
    expect(await store.amend('call-unknown', () => ({ state: 'cancelled' }))).toBeUndefined();
  });

  define('S52', 'of a cancel and a claim at once exactly one wins', async ({ store, draft }) => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = draft();
      await store.accept({ ...draft(), id }, { limits: [] });
      const cancel = () => store.amend(id, (call) => (call.state === 'accepted' ? { state: 'cancelled', dueAt: undefined } : undefined));
      const take = () => store.takeDue(1, (_, now) => ({ state: 'dialing', dueAt: now + 20_000 }));
      const [first, second] = round % 2 === 0 ? [cancel, take] : [take, cancel];
      const results = await Promise.all([first(), second()]);
      const won = results.filter((result) => (Array.isArray(result) ? result.length > 0 : result !== undefined));
      expect(won).toHaveLength(1);
      expect((await store.find(id))?.state).toBe(Array.isArray(won[0]) ? 'dialing' : 'cancelled');
    }
  });

  define('S53', "of a provider's event and a settlement at once neither undoes the other", async ({ store, draft }) => {
    for (const eventFirst of [true, false]) {
      const { id } = draft();
      await store.accept({ ...draft(), id }, { limits: [] });
      const only = await takeOne(store, (_, now) => ({ state: 'dialing', dueStep: 'dial', dueAt: now + 20_000 }));
      const event = () =>
        store.amend(id, (call) => (call.state === 'placed' ? { state: 'connected', dueStep: undefined, dueAt: undefined } : undefined));
      const settle = () => store.settle(id, only.taken.fence, { state: 'placed', dueStep: 'check' });
      const [first, second] = eventFirst ? [event, settle] : [settle, event];
      await Promise.all([first(), second()]);
      expect((await store.find(id))?.state).toBe(eventFirst ? 'placed' : 'connected');
      expect(await settle()).toEqual(eventFirst ? await store.find(id) : undefined);
    }
  });

  define('S54', 'a call is found by what the provider calls it', async ({ store, draft }) => {
    const drafted = draft();
    await store.accept(drafted, { limits: [] });
    await store.accept(draft(), { limits: [] });
    expect(await store.findByRef('portal', 'ref')).toBeUndefined();
    const placed = await store.amend(drafted.id, () => ({ provider: 'portal', providerRef: 'ref' }));
    expect(await store.findByRef('portal', 'ref')).toEqual(placed);
    expect(await store.findByRef('other', 'ref')).toBeUndefined();
    expect(await store.findByRef('portal', 'other')).toBeUndefined();
  });

  define('S55', 'a state that stays is no move', async ({ store, draft }) => {
    const drafted = draft();
    await store.accept(drafted, { limits: [] });
    await store.amend(drafted.id, () => ({ state: 'cancelled' }));
    expect(await store.amend(drafted.id, () => ({ state: 'cancelled', fault: 'noted' }))).toMatchObject({ fault: 'noted' });
  });

  define('S56', 'no run of changes, by whatever verb, takes a way that is not known', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { minLength: 5, maxLength: 60 }), (steps) => moveLikeTheTable(open, steps)),
      { numRuns: 25 },
    );
  });

  define('S57', 'how long was talked and what was charged stays, even of a forgotten call', async ({ store, clock, draft }) => {
    const asked = draft();
    const reported = { talkedMs: 61_000, charged: 12, currency: 'EUR' };
    await store.accept(asked, { limits: [] });
    await store.amend(asked.id, (_, now) => ({ state: 'dialing', dueAt: now }));
    await store.amend(asked.id, () => ({ state: 'placed' }));
    const connected = await store.amend(asked.id, () => ({ state: 'connected', endedAt: clock.now(), ...reported }));
    expect(connected).toMatchObject(reported);
    expect(await store.find(asked.id)).toEqual(connected);
    await store.amend(asked.id, () => ({ forget: true }));
    expect(await store.find(asked.id)).toMatchObject({ sealedNumber: '', ...reported });
  });
}

interface Step {
  verb: 'settle' | 'settle stale' | 'amend' | 'takeDue';
  to: CallState;
}

const STEP = fc.record<Step>({
  verb: fc.constantFrom('settle', 'settle', 'settle stale', 'amend', 'takeDue'),
  to: fc.constantFrom(...CALL_STATES),
});

/** Always due, so that `takeDue` meets it whatever happened before. */
function moveLikeTheTable(open: OpenStore, steps: readonly Step[]): Promise<void> {
  return withStore(open, async ({ store, clock, draft }) => {
    const { id } = draft();
    await store.accept({ ...draft(), id }, { limits: [] });
    let state: CallState = 'accepted';
    let fence = 0;
    for (const { verb, to } of steps) {
      clock.set(clock.now() + 60_000);
      const change = { state: to, dueStep: 'check', dueAt: clock.now() } as const;
      const isKnown = to === state || MOVES[state].includes(to);
      const done = await {
        settle: () => store.settle(id, fence, change),
        'settle stale': () => store.settle(id, fence - 1, change),
        amend: () => store.amend(id, () => change),
        takeDue: async () => (await store.takeDue(1, () => change))[0]?.taken,
      }[verb]();

      expect(done !== undefined, `${verb} from ${state} to ${to}`).toBe(isKnown && verb !== 'settle stale');
      if (done !== undefined) {
        state = to;
        if (verb === 'takeDue') fence += 1;
      }
      expect(await store.find(id)).toMatchObject({ state, fence });
    }
  });
}
