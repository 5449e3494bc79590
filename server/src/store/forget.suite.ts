/** S90–S99, S182, S183: who asked not to be called is not called, and who asked to be forgotten is. */
import { expect } from 'vitest';
import type { Change } from './call.ts';
import { type DefineCase, takeOne } from './case.suite.ts';
import { KEY_LIFE_MS } from './store.ts';

const HOUR_MS = 3_600_000;
const END: Change = { state: 'cancelled', dueStep: undefined, dueAt: undefined };

export function forgetCases(define: DefineCase): void {
  define('S90', 'a number that opted out is refused to the millisecond, on every site', async ({ store, clock, draft }) => {
    const until = clock.now() + HOUR_MS;
    await store.optOut(['same'], until);
    clock.set(until - 1);
    for (const site of ['one', 'two'])
      expect(await store.accept(draft({ numberKey: 'same', site }), { limits: [] })).toEqual({ kind: 'opted_out' });
    expect(await store.accept(draft(), { limits: [] })).toMatchObject({ kind: 'accepted' });
    expect([await store.isOptedOut(['other', 'same']), await store.isOptedOut(['other'])]).toEqual([true, false]);
    clock.set(until);
    expect(await store.isOptedOut(['same'])).toBe(false);
    expect(await store.accept(draft({ numberKey: 'same' }), { limits: [] })).toMatchObject({ kind: 'accepted' });
  });

  define('S91', 'an opt-out ends the calls that wait, and gives back what they reserved', async ({ store, clock, draft }) => {
    const purse = { scope: 'site_budget', key: 'purse', amount: 5, ceiling: 5, resetsAt: clock.now() + HOUR_MS } as const;
    const waiting = draft({ numberKey: 'same', scheduledFor: clock.now() + HOUR_MS });
    await store.accept(waiting, { limits: [], reservations: [purse] });
    await store.optOut(['same'], clock.now() + HOUR_MS);
    expect(await store.find(waiting.id)).toMatchObject({ state: 'cancelled', fault: 'opted_out', endedAt: clock.now(), dueStep: 'forget' });
    expect(await store.accept(draft(), { limits: [], reservations: [purse] })).toMatchObject({ kind: 'accepted' });
  });

  define('S92', 'a dial that was not sent does not come back after an opt-out', async ({ store, clock, draft }) => {
    const asked = draft({ numberKey: 'same' });
    await store.accept(asked, { limits: [] });
    const [only] = await store.takeDue(1, (_, now) => ({ state: 'dialing', dueAt: now + 20_000 }));
    await store.optOut(['same'], clock.now() + HOUR_MS);
    expect(await store.find(asked.id)).toMatchObject({ state: 'dialing' });
    const settled = await store.settle(asked.id, only?.taken.fence ?? -1, { state: 'accepted', dueAt: clock.now() });
    expect(settled).toMatchObject({ state: 'cancelled', fault: 'opted_out' });
    expect(await store.find(asked.id)).toEqual(settled);
  });

  define(
    'S93',
    'of a forgotten call only id, times, site and end stay, and the request is known for as long as its key lives',
    async ({ store, clock, draft }) => {
      const asked = draft({ sealedDetails: 'details', locale: 'de', department: 'sales' });
      await store.accept(asked, { limits: [] });
      const ended = await store.amend(asked.id, () => ({ ...END, provider: 'portal', providerRef: 'ref', controlRef: 'control' }));
      const forgotten = await store.amend(asked.id, () => ({ forget: true }));
      expect(forgotten).toEqual({
        ...ended,
        sealedNumber: '',
        sealedDetails: undefined,
        country: '',
        locale: undefined,
        department: undefined,
        providerRef: undefined,
        controlRef: undefined,
        dueStep: 'forget',
        dueAt: clock.now() + KEY_LIFE_MS,
      });
      expect(await store.find(asked.id)).toEqual(forgotten);
      expect(await store.findByRef('portal', 'ref')).toBeUndefined();
      expect(await store.forgetNumber([asked.numberKey])).toBe(0);

      clock.set(clock.now() + KEY_LIFE_MS - 1);
      expect(await store.accept(asked, { limits: [] })).toEqual({ kind: 'replayed', call: forgotten });
      expect(await store.accept({ ...asked, fingerprint: 'other' }, { limits: [] })).toEqual({ kind: 'key_reused' });
      expect(await store.takeDue(1, () => ({ forget: true }))).toEqual([]);
      clock.set(clock.now() + 1);
      const { taken } = await takeOne(store, () => ({ forget: true }));
      expect(taken).toEqual({ ...forgotten, fence: 1, dueStep: undefined, dueAt: undefined });
      expect(await store.nextDueAt()).toBeUndefined();
      clock.set(clock.now() - 1);
      expect(await store.findByKey(asked.site, asked.idempotencyKey)).toBeUndefined();
    },
  );

  define('S97', 'a call that was taken back and forgotten at once is not taken a second time', async ({ store, clock, draft }) => {
    const asked = draft();
    await store.accept(asked, { limits: [] });
    await store.amend(asked.id, (_, now) => ({ state: 'cancelled', heldUntil: now, dueStep: 'forget', dueAt: now }));
    await takeOne(store, () => ({ forget: true }));
    expect(await store.accept(asked, { limits: [] })).toMatchObject({ kind: 'replayed', call: { id: asked.id, state: 'cancelled' } });
    expect(await store.nextDueAt()).toBe(clock.now() + KEY_LIFE_MS);
  });

  define('S94', 'forgetting opens neither a window nor a hold', async ({ store, clock, draft }) => {
    const limits = [{ scope: 'number', key: 'same', windows: [{ max: 1, perMs: HOUR_MS }] }] as const;
    const asked = draft({ numberKey: 'same' });
    const start = clock.now();
    await store.accept(asked, { limits });
    await store.amend(asked.id, () => ({ ...END, heldUntil: start + 1_000, forget: true }));
    const ask = () => store.accept(draft({ numberKey: 'same' }), { limits });
    clock.set(start + 999);
    expect(await ask()).toEqual({ kind: 'limited', scope: 'number_active', retryAt: start + 1_000 });
    clock.set(start + 1_000);
    expect(await ask()).toEqual({ kind: 'limited', scope: 'number', retryAt: start + HOUR_MS });
  });

  define(
    'S95',
    'a call that may be ringing is not forgotten, but as soon as it ends if its number asked for it',
    async ({ store, draft }) => {
      const [ended, open, other] = [draft({ numberKey: 'same', holdMs: 0, dialWithinMs: 0 }), draft({ numberKey: 'same' }), draft()];
      for (const asked of [ended, open, other]) await store.accept(asked, { limits: [] });
      await store.amend(ended.id, () => END);
      await store.amend(open.id, () => ({ state: 'dialing' }));
      expect(await store.amend(open.id, () => ({ forget: true }))).toBeUndefined();
      expect(await store.forgetNumber(['same'])).toBe(1);
      expect(await store.find(ended.id)).toMatchObject({ sealedNumber: '' });
      expect(await store.find(open.id)).toMatchObject({ state: 'dialing', sealedNumber: open.sealedNumber });
      expect(await store.amend(open.id, () => ({ ...END, state: 'refused' }))).toMatchObject({ state: 'refused', sealedNumber: '' });
      expect(await store.find(other.id)).toMatchObject({ sealedNumber: other.sealedNumber });
    },
  );

  define('S182', 'a call that waits ends as cancelled when its number asks to be forgotten, undialled and untold', async (given) => {
    const { store, clock, draft } = given;
    const purse = { scope: 'site_budget', key: 'purse', amount: 5, ceiling: 5, resetsAt: clock.now() + HOUR_MS } as const;
    const [now, planned] = [draft({ numberKey: 'same', holdMs: 0 }), draft({ numberKey: 'same', scheduledFor: clock.now() + HOUR_MS })];
    await store.accept(now, { limits: [] });
    await store.amend(now.id, () => ({ heldUntil: 0 }));
    await store.accept(planned, { limits: [], reservations: [purse] });
    expect(await store.forgetNumber(['same'])).toBe(2);
    for (const { id } of [now, planned]) {
      expect(await store.find(id)).toMatchObject({
        state: 'cancelled',
        fault: 'forgotten',
        endedAt: clock.now(),
        sealedNumber: '',
        // All that is left of it is what a repeat is known by, until that has lived out.
        dueStep: 'forget',
        dueAt: clock.now() + KEY_LIFE_MS,
      });
    }
    clock.set(clock.now() + HOUR_MS - 1);
    expect(await store.takeDue(10, () => ({ state: 'dialing' }))).toEqual([]);
    expect(await store.listMessages({}, 10)).toEqual([]);
    expect(await store.accept(draft(), { limits: [], reservations: [purse] })).toMatchObject({ kind: 'accepted' });
  });

  define('S183', 'a dial that was not sent does not come back once its number asked to be forgotten', async ({ store, clock, draft }) => {
    const asked = draft({ numberKey: 'same' });
    await store.accept(asked, { limits: [] });
    const [only] = await store.takeDue(1, (_, now) => ({ state: 'dialing', dueAt: now + 20_000 }));
    expect(await store.forgetNumber(['same'])).toBe(0);
    const settled = await store.settle(asked.id, only?.taken.fence ?? -1, { state: 'accepted', dueAt: clock.now() });
    expect(settled).toMatchObject({ state: 'cancelled', fault: 'forgotten', sealedNumber: '' });
    expect(await store.takeDue(1, () => ({ state: 'dialing' }))).toEqual([]);
  });

  define('S96', 'an opt-out outlives forgetting, and is taken back by a later word', async ({ store, clock, draft }) => {
    await store.optOut(['same'], clock.now() + HOUR_MS);
    await store.forgetNumber(['same']);
    expect(await store.accept(draft({ numberKey: 'same' }), { limits: [] })).toEqual({ kind: 'opted_out' });
    await store.optOut(['same'], clock.now());
    expect(await store.accept(draft({ numberKey: 'same' }), { limits: [] })).toMatchObject({ kind: 'accepted' });
  });

  define('S98', 'a shorter retention brings the forgetting of ended calls forward, a batch at a time, and of no others', async (given) => {
    const { store, clock, draft } = given;
    const DAY_MS = 24 * HOUR_MS;
    const start = clock.now();
    const endedAfter = new Map<string, number>();
    for (let count = 0; count < 300; count += 1) {
      const asked = draft({ site: count % 10 === 0 ? 'elsewhere' : 'default' });
      await store.accept(asked, { limits: [] });
      const afterMs = (count % 7) * HOUR_MS;
      await store.amend(asked.id, () => ({ ...END, endedAt: start + afterMs, dueStep: 'forget', dueAt: start + afterMs + 365 * DAY_MS }));
      endedAfter.set(asked.id, afterMs);
    }
    const [early, open] = [draft(), draft({ scheduledFor: start + 30 * DAY_MS })];
    await store.accept(early, { limits: [] });
    await store.amend(early.id, () => ({ ...END, endedAt: start, dueStep: 'forget', dueAt: start + DAY_MS }));
    await store.accept(open, { limits: [] });

    let walks = 0;
    for (let place = await store.hastenForgets(undefined, sevenDays); place !== undefined; walks += 1) {
      place = await store.hastenForgets(place, sevenDays);
    }
    expect(walks).toBeGreaterThan(1);
    for (const [id, afterMs] of endedAfter) {
      const call = await store.find(id);
      expect(call?.dueAt).toBe(start + afterMs + (call?.site === 'default' ? 7 : 365) * DAY_MS);
    }
    expect(await store.find(early.id)).toMatchObject({ dueAt: start + DAY_MS });
    expect(await store.find(open.id)).toMatchObject({ dueStep: 'dial', dueAt: start + 30 * DAY_MS });

    clock.set(start + 7 * DAY_MS);
    await store.takeDue(1_000, () => ({ forget: true, dueStep: undefined, dueAt: undefined }));
    expect(await store.find('call-0008')).toMatchObject({ sealedNumber: '' });
    // The second ended an hour later.
    expect(await store.find('call-0002')).toMatchObject({ sealedNumber: 'sealed-2' });

    function sevenDays(site: string): number | undefined {
      return site === 'default' ? 7 * DAY_MS : undefined;
    }
  });
}
