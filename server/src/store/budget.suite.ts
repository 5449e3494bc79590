/** S80–S89: reservations never pass the ceiling (I7), costs settle them once, and no site rings more often than it may. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Alert, BudgetAlert, Reservation, Teller } from './acceptance.ts';
import type { Decide } from './call.ts';
import { type DefineCase, type OpenStore, takeOne, withStore } from './case.suite.ts';

const RESETS_AT = 4_000_000_000_000;

const purse = (amount: number, ceiling: number, key = 'purse'): Reservation => ({
  scope: 'site_budget',
  key,
  amount,
  ceiling,
  resetsAt: RESETS_AT,
});
const guardOf = (...reservations: Reservation[]) => ({ limits: [], reservations });
const over = { kind: 'over_budget', scope: 'site_budget', retryAt: RESETS_AT };

export function budgetCases(define: DefineCase, open: OpenStore): void {
  define('S80', 'fifty requests at once take exactly what the purse holds, whatever each takes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: 200 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 50, maxLength: 50 }),
        (ceiling, amounts) =>
          withStore(open, async ({ store, draft }) => {
            const results = await Promise.all(amounts.map((amount) => store.accept(draft(), guardOf(purse(amount, ceiling)))));
            let spent = 0;
            results.forEach(({ kind }, index) => {
              const amount = amounts[index] ?? 0;
              expect(kind).toBe(spent + amount <= ceiling ? 'accepted' : 'over_budget');
              if (kind === 'accepted') spent += amount;
            });
            expect(spent).toBeLessThanOrEqual(ceiling);
          }),
      ),
      { numRuns: 10 },
    );
  });

  define('S81', 'half, four fifths and all of a purse are each told of once, even when money comes back', async ({ store, draft }) => {
    const told: number[][] = [];
    const accept = async () => {
      const asked = draft();
      const percents: number[] = [];
      const teller: Teller = { draft: () => [], told: (alert) => alert.kind === 'budget' && percents.push(alert.percent) };
      const result = await store.accept(asked, { ...guardOf(purse(10, 100)), teller });
      if (result.kind === 'accepted') told.push(percents);
      return asked.id;
    };
    let last = '';
    for (let count = 0; count < 10; count += 1) last = await accept();
    expect(told).toEqual([[], [], [], [], [50], [], [], [80], [], [100]]);
    await store.amend(last, () => ({ cost: 0 }));
    await accept();
    expect(told.at(-1)).toEqual([]);
    expect(await store.accept(draft(), guardOf(purse(10, 100)))).toEqual(over);
  });

  define('S82', 'a cost takes the place of the reservation once, in every purse', async ({ store, draft }) => {
    const both = guardOf(purse(60, 100, 'site'), { ...purse(60, 100, 'all'), scope: 'deployment_budget' });
    const first = draft();
    await store.accept(first, both);
    expect(await store.accept(draft(), both)).toEqual(over);
    await store.amend(first.id, () => ({ cost: 40 }));
    // Later news of the cost changes nothing, or a doubled event would make room.
    for (const cost of [0, 0, 90]) await store.amend(first.id, () => ({ cost }));
    for (const scope of ['site_budget', 'deployment_budget'] as const) {
      const key = scope === 'site_budget' ? 'site' : 'all';
      expect((await store.accept(draft(), guardOf({ ...purse(61, 100, key), scope }))).kind).toBe('over_budget');
    }
    expect(await store.accept(draft(), both)).toMatchObject({ kind: 'accepted' });
  });

  define(
    'S87',
    'what is charged on top of a settled cost comes from every purse, and nothing while the reservation stands',
    async ({ store, draft }) => {
      const first = draft();
      await store.accept(first, guardOf(purse(40, 100)));
      await store.amend(first.id, () => ({ extraCost: 30 }));
      expect(await store.accept(draft(), guardOf(purse(61, 100)))).toEqual(over);
      await store.amend(first.id, () => ({ cost: 10 }));
      await store.amend(first.id, () => ({ extraCost: 30 }));
      expect(await store.accept(draft(), guardOf(purse(61, 100)))).toEqual(over);
      expect(await store.accept(draft(), guardOf(purse(60, 100)))).toMatchObject({ kind: 'accepted' });
    },
  );

  define('S83', 'only a real cost takes a purse past its ceiling, and then nothing more is taken', async ({ store, draft }) => {
    const first = draft();
    await store.accept(first, guardOf(purse(10, 100)));
    await store.amend(first.id, () => ({ cost: 120 }));
    expect(await store.accept(draft(), guardOf(purse(1, 100)))).toEqual(over);
    expect(await store.accept(draft(), guardOf(purse(1, 100, 'tomorrow')))).toMatchObject({ kind: 'accepted' });
  });

  define('S84', 'a change that is not made settles nothing', async ({ store, draft }) => {
    const first = draft();
    await store.accept(first, guardOf(purse(100, 100)));
    expect(await store.settle(first.id, 7, { cost: 0 })).toBeUndefined();
    expect(await store.amend(first.id, () => ({ state: 'connected', cost: 0 }))).toBeUndefined();
    expect(await store.accept(draft(), guardOf(purse(1, 100)))).toEqual(over);
    await store.amend(first.id, () => ({ state: 'cancelled', cost: 0 }));
    expect(await store.accept(draft(), guardOf(purse(100, 100)))).toMatchObject({ kind: 'accepted' });
  });

  define('S87', 'a purse without room for one more call is told of as empty, whatever is left in it', async ({ store, draft }) => {
    const { teller, told } = listen();
    for (let count = 0; count < 4; count += 1) await store.accept(draft(), { ...guardOf(purse(30, 100)), teller });
    expect(told.map(({ percent }) => percent)).toEqual([50, 80, 100]);
  });

  define('S88', 'a real cost that uses a purse up is told of, and once', async ({ store, draft }) => {
    const { teller, told } = listen();
    const both = guardOf(purse(10, 100, 'site'), { ...purse(10, 1_000, 'all'), scope: 'deployment_budget' });
    const [first, second] = [draft(), draft()];
    for (const asked of [first, second]) await store.accept(asked, both);
    await store.amend(first.id, () => ({ cost: 60, teller }));
    expect(told).toEqual([{ kind: 'budget', scope: 'site_budget', key: 'site', percent: 50 }]);
    await store.amend(first.id, () => ({ cost: 90, teller }));
    await store.amend(second.id, () => ({ cost: 60, teller }));
    expect(told.map(({ percent }) => percent)).toEqual([50, 80, 100]);
    expect((await store.listMessages({}, 10)).map(({ topic }) => topic).toSorted()).toEqual(['site:100', 'site:50', 'site:80']);
    expect(await store.accept(draft(), both)).toMatchObject({ kind: 'over_budget', scope: 'site_budget' });
  });

  define('S89', 'a notice is kept with the acceptance that it tells of, or neither is', async ({ store, reopen, draft }) => {
    const broken: Teller = {
      draft: () => {
        throw new Error('There are no words.');
      },
      told: () => {},
    };
    const asked = draft();
    await expect(store.accept(asked, { ...guardOf(purse(60, 100)), teller: broken })).rejects.toThrow();
    expect(await store.find(asked.id)).toBeUndefined();
    const { teller, told } = listen();
    await store.accept(asked, { ...guardOf(purse(60, 100)), teller });
    expect(told.map(({ percent }) => percent)).toEqual([50, 100]);
    expect(await (await reopen()).listMessages({}, 10)).toMatchObject([{ state: 'waiting' }, { state: 'waiting' }]);
  });

  define('S85', 'ten takers at once never pass what a site may ring at once', async ({ store, clock, draft }) => {
    for (let count = 0; count < 12; count += 1) await store.accept(draft({ site: count % 3 === 0 ? 'small' : 'large' }), { limits: [] });
    const most = { small: 1, large: 3 } as Record<string, number>;
    const hauls = await Promise.all(Array.from({ length: 10 }, () => store.takeDue(5, claimWithin(most))));
    const sites = hauls.flat().flatMap(({ taken }) => (taken.state === 'dialing' ? [taken.site] : []));
    expect(sites.filter((site) => site === 'small')).toHaveLength(1);
    expect(sites.filter((site) => site === 'large')).toHaveLength(3);
    clock.set(clock.now() + 1_000);
    const later = await store.takeDue(20, claimWithin(most));
    expect(later.filter(({ taken }) => taken.state === 'dialing')).toEqual([]);
  });

  define('S86', 'a slot that nobody gives back is free when its hold has run out, to the millisecond', async ({ store, clock, draft }) => {
    await store.accept(draft(), { limits: [] });
    const { taken } = await takeOne(store, (_, now) => ({ state: 'dialing', dueAt: now + 20_000 }));
    const heldUntil = clock.now() + 90_000;
    const busyNow = async () => {
      let seen = -1;
      await store.amend(waiting.id, (_call, _now, { busy }) => {
        seen = busy;
        return undefined;
      });
      return seen;
    };
    const waiting = draft({ scheduledFor: clock.now() + 3_600_000 });
    await store.accept(waiting, { limits: [] });
    expect(await busyNow()).toBe(1);
    await store.settle(taken.id, taken.fence, { state: 'uncertain', heldUntil, dueStep: 'reconcile', dueAt: heldUntil * 2 });
    clock.set(heldUntil - 1);
    expect(await busyNow()).toBe(1);
    clock.set(heldUntil);
    expect(await busyNow()).toBe(0);
  });
}

/** Keeps a notice of each alert, and what it was told once it stood. */
function listen(): { teller: Teller; told: BudgetAlert[] } {
  const told: BudgetAlert[] = [];
  const draft = (alert: Alert) =>
    alert.kind === 'budget' ? [{ topic: `${alert.key}:${alert.percent}`, channel: 'mail', text: 'Look.', quietMs: 0 }] : [];
  return { teller: { draft, told: (alert) => alert.kind === 'budget' && told.push(alert) }, told };
}

const claimWithin =
  (most: Readonly<Record<string, number>>): Decide =>
  (call, now, { busy }) =>
    call.state === 'accepted' && busy < (most[call.site] ?? 0) ? { state: 'dialing', dueAt: now + 20_000 } : { dueAt: now + 500 };
