/** S30–S49: each due call goes to one taker, and whoever's time has passed can settle nothing (I1, I3). */
import { expect } from 'vitest';
import type { Call, Change, Decide } from './call.ts';
import { type DefineCase, takeOne } from './case.suite.ts';
import { SET_ASIDE_MS } from './store.ts';

const LEASE_MS = 20_000;

const claim = (call: Call, now: number): Change => ({
  state: 'dialing',
  attempts: call.attempts + 1,
  dueStep: 'dial',
  dueAt: now + LEASE_MS,
});

export function dueCases(define: DefineCase): void {
  define('S30', 'taking claims: the fence grows, before and after are told, and the claim is kept', async ({ store, clock, draft }) => {
    const drafted = draft();
    await store.accept(drafted, { limits: [] });
    const [only, ...more] = await store.takeDue(10, claim);
    expect(more).toEqual([]);
    expect(only?.before).toMatchObject({ id: drafted.id, state: 'accepted', fence: 0, attempts: 0 });
    expect(only?.taken).toMatchObject({ id: drafted.id, state: 'dialing', fence: 1, attempts: 1, dueAt: clock.now() + LEASE_MS });
    expect(await store.find(drafted.id)).toEqual(only?.taken);
  });

  define('S31', 'ten takers at once get each call once', async ({ store, draft }) => {
    for (let count = 0; count < 25; count += 1) await store.accept(draft(), { limits: [] });
    const hauls = await Promise.all(Array.from({ length: 10 }, () => store.takeDue(4, claim)));
    const ids = hauls.flat().map(({ taken }) => taken.id);
    expect(ids).toHaveLength(25);
    expect(new Set(ids).size).toBe(25);
  });

  define('S32', 'the oldest are taken first, and no more than asked for', async ({ store, clock, draft }) => {
    const now = clock.now();
    for (const [id, at] of [
      ['d', 4],
      ['b', 2],
      ['c', 2],
      ['a', 3],
    ] as const)
      await store.accept(draft({ id, scheduledFor: now + at }), { limits: [] });
    clock.set(now + 10);
    const idsOf = async (limit: number) => (await store.takeDue(limit, claim)).map(({ taken }) => taken.id);
    expect(await idsOf(0)).toEqual([]);
    expect(await idsOf(3)).toEqual(['b', 'c', 'a']);
    expect(await idsOf(3)).toEqual(['d']);
  });

  define('S33', 'nothing is taken before it is due, to the millisecond', async ({ store, clock, draft }) => {
    const slot = clock.now() + 3_600_000;
    await store.accept(draft({ scheduledFor: slot }), { limits: [] });
    clock.set(slot - 1);
    expect(await store.takeDue(10, claim)).toEqual([]);
    clock.set(slot);
    expect(await store.takeDue(10, claim)).toHaveLength(1);
  });

  define('S34', 'a claim whose lease has ended is handed out again, and the former holder can settle nothing', async (given) => {
    const { store, clock, draft } = given;
    await store.accept(draft(), { limits: [] });
    const stale = await takeOne(store, claim);
    clock.set(clock.now() + LEASE_MS - 1);
    expect(await store.takeDue(1, claim)).toEqual([]);
    clock.set(clock.now() + 1);
    const fresh = await takeOne(store, (_, now) => ({ state: 'uncertain', dueStep: 'reconcile', dueAt: now + 1_000 }));
    expect(fresh.taken).toMatchObject({ state: 'uncertain', fence: 2 });
    expect(await store.settle(stale.taken.id, stale.taken.fence, { state: 'placed' })).toBeUndefined();
    expect(await store.find(fresh.taken.id)).toEqual(fresh.taken);
    expect(await store.settle(fresh.taken.id, fresh.taken.fence, { state: 'placed' })).toMatchObject({ state: 'placed', fence: 2 });
  });

  define('S35', 'settling changes what is named, clears what is undefined, and leaves the rest', async ({ store, clock, draft }) => {
    const drafted = draft({ locale: 'en' });
    await store.accept(drafted, { limits: [] });
    const only = await takeOne(store, (call, now) => ({ ...claim(call, now), fault: 'portal_busy' }));
    const placedAt = clock.now() + 5;
    const change = {
      state: 'placed',
      fault: undefined,
      provider: 'portal',
      providerRef: 'ref',
      placedAt,
      dueStep: 'check',
      dueAt: placedAt + 9,
    } as const;
    const settled = await store.settle(drafted.id, only.taken.fence, change);
    expect(settled).toEqual({ ...only.taken, ...change });
    expect(await store.find(drafted.id)).toEqual(settled);
    expect(await store.settle('call-unknown', 0, change)).toBeUndefined();
  });

  define('S36', 'a call whose decision is to leave it keeps nobody waiting and comes up again later', async ({ store, clock, draft }) => {
    const [declined, wanted] = [draft(), draft()];
    await store.accept(declined, { limits: [] });
    clock.set(clock.now() + 1);
    await store.accept(wanted, { limits: [] });
    const untouched = await store.find(declined.id);
    const unlessDeclined: Decide = (call, now) => (call.id === declined.id ? undefined : claim(call, now));
    expect((await store.takeDue(1, unlessDeclined)).map(({ taken }) => taken.id)).toEqual([wanted.id]);
    expect(await store.find(declined.id)).toEqual(untouched);

    const again = clock.now() + SET_ASIDE_MS;
    expect(await store.takeDue(10, unlessDeclined)).toEqual([]);
    expect(await store.nextDueAt()).toBe(Math.min(again, clock.now() + LEASE_MS));
    clock.set(again);
    expect((await store.takeDue(10, claim)).map(({ taken }) => taken.id)).toContain(declined.id);
  });

  define('S37', 'a call that was left is looked at as soon as a change makes it due', async ({ store, clock, draft }) => {
    const drafted = draft();
    await store.accept(drafted, { limits: [] });
    expect(await store.takeDue(1, () => undefined)).toEqual([]);
    expect(await store.nextDueAt()).toBe(clock.now() + SET_ASIDE_MS);
    await store.amend(drafted.id, (_, now) => ({ dueAt: now }));
    expect(await store.nextDueAt()).toBe(clock.now());
    expect(await store.takeDue(1, claim)).toHaveLength(1);
  });

  define('S38', 'taking never moves a call backwards', async ({ store, draft }) => {
    const [ended, fine] = [draft(), draft()];
    await store.accept(ended, { limits: [] });
    await store.accept(fine, { limits: [] });
    const cancelled = await store.amend(ended.id, () => ({ state: 'cancelled' }));
    expect((await store.takeDue(10, claim)).map(({ taken }) => taken.id)).toEqual([fine.id]);
    expect(await store.find(ended.id)).toEqual(cancelled);
  });

  define('S39', 'when one decision throws, nothing was taken', async ({ store, draft }) => {
    const [first, second] = [draft(), draft()];
    await store.accept(first, { limits: [] });
    await store.accept(second, { limits: [] });
    const failing = store.takeDue(10, (call, now) => {
      if (call.id === second.id) throw new Error('a fault in a decision');
      return claim(call, now);
    });
    await expect(failing).rejects.toThrow('a fault in a decision');
    expect(await store.find(first.id)).toMatchObject({ state: 'accepted', fence: 0 });
    expect(await store.takeDue(10, claim)).toHaveLength(2);
  });

  define('S41', 'who waits for a turn keeps the place, and is asked before a call of the same site that was due later', async (given) => {
    const { store, clock, draft } = given;
    const start = clock.now();
    const idsOf = (taken: readonly { taken: Call }[]) => taken.map(({ taken: { id, state } }) => [id, state]);
    const waits: Decide = (_, now) => ({ lookAt: now + 1_000 });
    for (const id of ['second', 'first', 'elsewhere']) {
      await store.accept(draft({ id, ...(id === 'elsewhere' && { site: 'other' }) }), { limits: [] });
      // The order of the ids is not that of the times.
      if (id === 'second') await store.amend(id, (_, now) => ({ dueAt: now + 1 }));
    }
    clock.set(start + 1);
    expect(await store.takeDue(10, waits)).toHaveLength(3);
    expect(await store.find('first')).toMatchObject({ state: 'accepted', dueAt: start });
    expect(await store.nextDueAt()).toBe(start + 1_001);

    clock.set(start + 500);
    await store.accept(draft({ id: 'new' }), { limits: [] });
    const asked: string[] = [];
    const oneOnly: Decide = (call, now, { busy }) => {
      asked.push(call.id);
      return busy > 0 ? waits(call, now, { busy }) : { ...claim(call, now), heldUntil: now + LEASE_MS };
    };
    // What only waits on is left as it was, for its own time.
    expect(idsOf(await store.takeDue(10, oneOnly))).toEqual([
      ['first', 'dialing'],
      ['new', 'accepted'],
    ]);
    expect(asked).toEqual(['first', 'second', 'new']);
    expect(await store.nextDueAt()).toBe(start + 1_001);
    expect(await store.find('second')).toMatchObject({ fence: 1 });
  });

  define('S40', 'the next due time is the earliest, and none when nothing is due', async ({ store, clock, draft }) => {
    expect(await store.nextDueAt()).toBeUndefined();
    const now = clock.now();
    await store.accept(draft({ scheduledFor: now + 500 }), { limits: [] });
    await store.accept(draft({ scheduledFor: now + 300 }), { limits: [] });
    expect(await store.nextDueAt()).toBe(now + 300);
    clock.set(now + 400);
    expect(await store.nextDueAt()).toBe(now + 300);
    await store.takeDue(1, () => ({ state: 'expired', dueStep: undefined, dueAt: undefined }));
    expect(await store.nextDueAt()).toBe(now + 500);
    clock.set(now + 500);
    await store.takeDue(1, () => ({ state: 'expired', dueStep: undefined, dueAt: undefined }));
    expect(await store.nextDueAt()).toBeUndefined();
  });
}
