/** S130–S139: a slot never takes more calls than it has places, and calls are found by slot and by number. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { AcceptGuard, CallDraft } from './acceptance.ts';
import type { CallState, Change } from './call.ts';
import { type DefineCase, type OpenStore, takeOne, withStore } from './case.suite.ts';

const HOUR_MS = 3_600_000;
const guardOf = (capacity: number): AcceptGuard => ({ limits: [], slot: { capacity } });

export function slotCases(define: DefineCase, open: OpenStore): void {
  define('S130', 'of many requests at once exactly as many get a place as there are', async ({ store, clock, draft }) => {
    const scheduledFor = clock.now() + HOUR_MS;
    const asks = Array.from({ length: 40 }, () => store.accept(draft({ scheduledFor }), guardOf(3)));
    const kinds = (await Promise.all(asks)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(3);
    expect(kinds.filter((kind) => kind === 'slot_taken')).toHaveLength(37);
    expect(await store.countScheduled('default', undefined, scheduledFor, scheduledFor + 1)).toEqual(new Map([[scheduledFor, 3]]));
  });

  define('S131', 'whatever is asked for at once: each slot of each site and department is filled, and not beyond', async () => {
    const place = fc.record({
      site: fc.constantFrom('one', 'two'),
      department: fc.constantFrom(undefined, 'sales', ''),
      inMs: fc.constantFrom(HOUR_MS, 2 * HOUR_MS),
    });
    const property = fc.asyncProperty(fc.array(place, { maxLength: 40 }), fc.integer({ min: 0, max: 4 }), (places, capacity) =>
      withStore(open, async ({ store, clock, draft }) => {
        const start = clock.now();
        const asks = places.map(({ inMs, ...rest }) => store.accept(draft({ ...rest, scheduledFor: start + inMs }), guardOf(capacity)));
        const results = await Promise.all(asks);
        const asked = new Map<string, number>();
        places.forEach(({ site, department, inMs }, index) => {
          const key = JSON.stringify([site, department, inMs]);
          const before = asked.get(key) ?? 0;
          expect(results[index]?.kind).toBe(before < capacity ? 'accepted' : 'slot_taken');
          asked.set(key, before + 1);
        });
        for (const { site, department, inMs } of places) {
          const counted = await store.countScheduled(site, department, start + inMs, start + inMs + 1);
          const count = Math.min(capacity, asked.get(JSON.stringify([site, department, inMs])) ?? 0);
          expect(counted).toEqual(count === 0 ? new Map() : new Map([[start + inMs, count]]));
        }
      }),
    );
    await fc.assert(property, { numRuns: 30 });
  });

  define(
    'S132',
    'a cancelled call gives its place back; one that expired, failed or was missed has used it',
    async ({ store, clock, draft }) => {
      const ways: Partial<Record<CallState, readonly Change[]>> = {
        cancelled: [{ state: 'cancelled' }],
        expired: [{ state: 'expired' }],
        refused: [{ state: 'dialing' }, { state: 'refused' }],
        missed: [{ state: 'dialing' }, { state: 'placed' }, { state: 'missed' }],
      };
      for (const [end, changes] of Object.entries(ways)) {
        const wishes = { scheduledFor: clock.now() + HOUR_MS, department: end };
        const first = draft(wishes);
        await store.accept(first, guardOf(1));
        for (const change of changes) expect(await store.amend(first.id, () => change)).toMatchObject(change);
        expect(await store.accept(draft(wishes), guardOf(1)), end).toMatchObject({ kind: end === 'cancelled' ? 'accepted' : 'slot_taken' });
      }
    },
  );

  define('S133', 'a full slot consumes nothing, and asks nobody to work for it', async ({ store, clock, draft }) => {
    const scheduledFor = clock.now() + HOUR_MS;
    const limits = [{ scope: 'source', key: 'somebody', windows: [{ max: 2, perMs: HOUR_MS }] }] as const;
    const purse = { scope: 'site_budget', key: 'purse', amount: 5, ceiling: 10, resetsAt: clock.now() + HOUR_MS } as const;
    const proof = { nonceKey: 'nonce', expiresAt: scheduledFor, level: 1 } as const;
    const guard = { limits, reservations: [purse], slot: { capacity: 1 } };
    const holder = draft({ scheduledFor });
    await store.accept(holder, guard);
    const late = draft({ scheduledFor });
    expect(await store.accept(late, { ...guard, proofFloor: 1 })).toEqual({ kind: 'slot_taken' });
    for (let count = 0; count < 3; count += 1) expect(await store.accept(late, { ...guard, proof })).toEqual({ kind: 'slot_taken' });
    expect(await store.find(late.id)).toBeUndefined();
    expect(await store.accept(holder, guard)).toMatchObject({ kind: 'replayed', call: { id: holder.id } });
    expect(await store.accept(late, { ...guard, proof, slot: { capacity: 2 } })).toMatchObject({ kind: 'accepted' });
  });

  define('S134', 'limits speak before slots, and a call as soon as possible needs no place', async ({ store, clock, draft }) => {
    const limits = [{ scope: 'source', key: 'somebody', windows: [{ max: 0, perMs: HOUR_MS }] }] as const;
    const scheduledFor = clock.now() + HOUR_MS;
    expect(await store.accept(draft({ scheduledFor }), { ...guardOf(0), limits })).toMatchObject({ kind: 'limited' });
    expect(await store.accept(draft({ scheduledFor }), guardOf(0))).toEqual({ kind: 'slot_taken' });
    expect(await store.accept(draft(), guardOf(0))).toMatchObject({ kind: 'accepted' });
  });

  define('S138', 'whoever asks for a number with an appointment is not told when that is', async ({ store, clock, draft }) => {
    const start = clock.now();
    const asked = draft({ numberKey: 'same', scheduledFor: start + 50 * HOUR_MS });
    await store.accept(asked, { limits: [] });
    for (const afterMs of [0, 7_000, 30 * HOUR_MS, 50 * HOUR_MS - 1]) {
      clock.set(start + afterMs);
      const refused = { kind: 'limited', scope: 'number_active', retryAt: clock.now() + HOUR_MS };
      expect(await store.accept(draft({ numberKey: 'same' }), { limits: [] })).toEqual(refused);
    }
    await store.amend(asked.id, (_, now) => ({ state: 'dialing', heldUntil: now + 1_000 }));
    const ringing = { kind: 'limited', scope: 'number_active', retryAt: clock.now() + 1_000 };
    expect(await store.accept(draft({ numberKey: 'same' }), { limits: [] })).toEqual(ringing);
  });

  define('S135', 'a call is dialled some time into its slot, and its deadline stays that of the slot', async ({ store, clock, draft }) => {
    const slot = clock.now() + HOUR_MS;
    const asked: CallDraft = draft({ scheduledFor: slot, dialWithinMs: 300_000, dialAfterMs: 45_000 });
    expect(await store.accept(asked, guardOf(1))).toMatchObject({
      call: { state: 'scheduled', scheduledFor: slot, dueAt: slot + 45_000, dialBefore: slot + 300_000, heldUntil: slot + 320_000 },
    });
    clock.set(slot + 44_999);
    expect(await store.takeDue(1, () => ({ state: 'dialing' }))).toEqual([]);
    clock.set(slot + 45_000);
    await takeOne(store, () => ({ state: 'dialing', dueAt: slot + 65_000 }));
    const now = draft({ dialAfterMs: 45_000 });
    expect(await store.accept(now, { limits: [] })).toMatchObject({ call: { dueAt: clock.now() } });
  });

  define('S136', 'slots are counted from a time until before another, without those that nobody took', async ({ store, clock, draft }) => {
    const start = clock.now();
    for (const [inMs, department] of [
      [1, undefined],
      [2, undefined],
      [2, undefined],
      [2, 'sales'],
      [3, undefined],
      [4, undefined],
    ] as const)
      await store.accept(draft({ scheduledFor: start + inMs, department }), { limits: [] });
    const gone = draft({ scheduledFor: start + 3 });
    await store.accept(gone, { limits: [] });
    await store.accept(draft(), { limits: [] });
    await store.amend(gone.id, () => ({ state: 'cancelled' }));
    const expected = [
      [start + 2, 2],
      [start + 3, 1],
    ] as const;
    expect(await store.countScheduled('default', undefined, start + 2, start + 4)).toEqual(new Map(expected));
    expect(await store.countScheduled('default', 'sales', start, start + 9)).toEqual(new Map([[start + 2, 1]]));
    expect(await store.countScheduled('other', undefined, start, start + 9)).toEqual(new Map());
  });

  define('S137', 'calls to a number are found under each of its keys, newest first, until they are forgotten', async (given) => {
    const { store, clock, draft } = given;
    const start = clock.now();
    const ids: string[] = [];
    for (const numberKey of ['old', 'new', 'old', 'other']) {
      const asked = draft({ numberKey, holdMs: 0, dialWithinMs: 0 });
      await store.accept(asked, { limits: [] });
      ids.push(asked.id);
      clock.set(clock.now() + 1);
    }
    const find = async (keys: readonly string[], since: number) => (await store.findByNumber(keys, since)).map(({ id }) => id);
    expect(await find(['new', 'old'], start)).toEqual([ids[2], ids[1], ids[0]]);
    expect(await find(['new', 'old'], start + 1)).toEqual([ids[2], ids[1]]);
    expect(await find(['new'], start + 2)).toEqual([]);
    await store.amend(ids[2] ?? '', () => ({ state: 'cancelled', dueStep: undefined, dueAt: undefined, forget: true }));
    expect(await find(['old', '', 'unknown'], start)).toEqual([ids[0]]);
  });

  define('S139', 'whether purses have room is told as accepting would find it, and takes nothing', async ({ store, clock, draft }) => {
    const resetsAt = clock.now() + 86_400_000;
    const purse = (key: string, amount: number) => ({ scope: 'site_budget', key, amount, ceiling: 10, resetsAt }) as const;
    await store.accept(draft(), { limits: [], reservations: [purse('today', 7)] });
    const asked = [[purse('today', 3)], [purse('today', 4)], [purse('tomorrow', 10)], [purse('tomorrow', 1), purse('today', 4)], []];
    const rooms = [true, false, true, false, true];
    expect(await store.haveRoom(asked)).toEqual(rooms);
    expect(await store.haveRoom(asked)).toEqual(rooms);
    expect(await store.accept(draft(), { limits: [], reservations: asked[1] })).toMatchObject({ kind: 'over_budget' });
    expect(await store.accept(draft(), { limits: [], reservations: asked[0] })).toMatchObject({ kind: 'accepted' });
    expect(await store.haveRoom(asked)).toEqual([false, false, true, false, true]);
  });
}
