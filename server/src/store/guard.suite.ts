/** S70–S79: soft windows, distinct members, proofs, and what is left; a refusal consumes nothing (I10). */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { AcceptGuard, Limit, ProofLevel, Teller } from './acceptance.ts';
import { type DefineCase, type OpenStore, withStore } from './case.suite.ts';

const HOUR_MS = 3_600_000;
const FAR = 4_000_000_000_000;

const proofOf = (nonceKey: string, level: ProofLevel) => ({ nonceKey, expiresAt: FAR, level });

export function guardCases(define: DefineCase, open: OpenStore): void {
  define('S70', 'past a soft window a proof of its level is wanted, to the millisecond', async ({ store, clock, draft }) => {
    const limits: Limit[] = [
      {
        scope: 'source',
        key: 'somebody',
        windows: [{ max: 10, perMs: HOUR_MS }],
        soft: [
          { max: 1, perMs: HOUR_MS, level: 1 },
          { max: 2, perMs: HOUR_MS, level: 3 },
        ],
      },
    ];
    const ask = (proof?: AcceptGuard['proof']) => store.accept(draft(), { limits, proof });
    const start = clock.now();
    expect(await ask()).toMatchObject({ kind: 'accepted' });
    clock.set(start + 1);
    expect(await ask()).toEqual({ kind: 'proof_wanted', level: 1 });
    expect(await ask(proofOf('a', 1))).toMatchObject({ kind: 'accepted' });
    expect(await ask(proofOf('b', 2))).toEqual({ kind: 'proof_wanted', level: 3 });
    expect(await ask(proofOf('b', 3))).toMatchObject({ kind: 'accepted' });
    clock.set(start + 1 + HOUR_MS - 1);
    expect(await ask()).toEqual({ kind: 'proof_wanted', level: 3 });
    clock.set(start + 1 + HOUR_MS);
    expect(await ask()).toMatchObject({ kind: 'accepted' });
  });

  define(
    'S71',
    'a full hard window refuses whatever proof is shown, and a floor asks whatever the counts',
    async ({ store, clock, draft }) => {
      const limits: Limit[] = [
        { scope: 'source', key: 'somebody', windows: [{ max: 1, perMs: HOUR_MS }], soft: [{ max: 0, perMs: HOUR_MS, level: 1 }] },
      ];
      const guard = (level: ProofLevel): AcceptGuard => ({ limits, proof: proofOf('nonce', level), proofFloor: 2 });
      expect(await store.accept(draft(), { limits, proofFloor: 2 })).toEqual({ kind: 'proof_wanted', level: 2 });
      expect(await store.accept(draft(), guard(1))).toEqual({ kind: 'proof_wanted', level: 2 });
      expect(await store.accept(draft(), guard(2))).toMatchObject({ kind: 'accepted' });
      const refused = { kind: 'limited', scope: 'source', retryAt: clock.now() + HOUR_MS };
      expect(await store.accept(draft(), guard(3))).toEqual(refused);
      expect(await store.accept(draft(), { limits })).toEqual(refused);
    },
  );

  define('S72', 'of a hundred requests at once with one proof exactly one passes', async ({ store, draft }) => {
    const results = await Promise.all(Array.from({ length: 100 }, () => store.accept(draft(), { limits: [], proof: proofOf('same', 1) })));
    const kinds = results.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'proof_used')).toHaveLength(99);
  });

  define(
    'S73',
    'a spent proof stays spent for as long as it could be shown, whatever else is accepted',
    async ({ store, clock, draft }) => {
      const proof = { nonceKey: 'same', expiresAt: clock.now() + 600_000, level: 1 } as const;
      await store.accept(draft(), { limits: [], proof });
      for (let count = 0; count < 200; count += 1) {
        await store.accept(draft(), { limits: [], proof: { ...proof, nonceKey: `other-${count}`, expiresAt: clock.now() } });
      }
      clock.set(proof.expiresAt - 1);
      for (let count = 0; count < 40; count += 1) await store.accept(draft(), { limits: [] });
      expect(await store.accept(draft(), { limits: [], proof })).toEqual({ kind: 'proof_used' });
    },
  );

  define('S74', 'a repeat needs no proof, and its own proof is not counted as a replay', async ({ store, draft }) => {
    const first = draft();
    const guard = { limits: [], proofFloor: 1, proof: proofOf('nonce', 1) } as const;
    await store.accept(first, guard);
    expect(await store.accept(first, guard)).toMatchObject({ kind: 'replayed' });
    expect(await store.accept(first, { limits: [], proofFloor: 3 })).toMatchObject({ kind: 'replayed' });
  });

  define('S75', 'what is left is told of the closest window of the number and of the source', async ({ store, clock, draft }) => {
    const [short, long] = [{ max: 5, perMs: 60_000 } as const, { max: 6, perMs: HOUR_MS } as const];
    const limits: Limit[] = [
      { scope: 'number', key: 'n', windows: [{ max: 9, perMs: HOUR_MS }] },
      { scope: 'source', key: 'wide', windows: [{ max: 50, perMs: HOUR_MS }] },
      { scope: 'source', key: 'near', windows: [short, long] },
      { scope: 'site', key: 's', windows: [{ max: 3, perMs: HOUR_MS }] },
    ];
    const start = clock.now();
    expect(await store.accept(draft({ dialWithinMs: 0 }), { limits })).toMatchObject({
      room: [
        { scope: 'number', remaining: 8, resetAt: start + HOUR_MS },
        { scope: 'source', window: short, remaining: 4, resetAt: start + 60_000 },
      ],
    });
    clock.set(start + 60_000);
    await store.accept(draft({ dialWithinMs: 0 }), { limits });
    clock.set(start + 120_000);
    expect(await store.accept(draft({ dialWithinMs: 0 }), { limits })).toMatchObject({
      room: [
        { scope: 'number', remaining: 6, resetAt: start + HOUR_MS },
        { scope: 'source', window: long, remaining: 3, resetAt: start + HOUR_MS },
      ],
    });
  });

  define('S76', 'no refusal of any kind consumes anything', async ({ store, clock, draft }) => {
    const start = clock.now();
    await store.accept(draft({ numberKey: 'held' }), { limits: [] });
    await store.accept(draft(), { limits: [], proof: proofOf('spent', 1) });
    await store.optOut(['out'], FAR);
    const windows = [{ max: 1, perMs: HOUR_MS }];
    const limits: Limit[] = [
      { scope: 'source', key: 'x', windows },
      { scope: 'source_numbers', key: 'x', member: 'm', windows },
      { scope: 'site', key: 's', windows },
    ];
    const purse = { scope: 'site_budget', key: 'purse', amount: 10, ceiling: 10, resetsAt: start + HOUR_MS } as const;
    const guard: AcceptGuard = { limits, reservations: [purse], proof: proofOf('fresh', 1) };
    const full: Limit = { scope: 'deployment', key: 'full', windows: [{ max: 0, perMs: HOUR_MS }] };
    const refusals: [Partial<Parameters<typeof draft>[0]>, AcceptGuard, string][] = [
      [{ numberKey: 'out' }, guard, 'opted_out'],
      [{ numberKey: 'held' }, guard, 'limited'],
      [{}, { ...guard, limits: [...limits, full] }, 'limited'],
      [{}, { ...guard, proofFloor: 2 }, 'proof_wanted'],
      [{}, { ...guard, proof: proofOf('spent', 1) }, 'proof_used'],
      [{}, { ...guard, reservations: [purse, { ...purse, key: 'small', ceiling: 9 }] }, 'over_budget'],
    ];
    for (const [wishes, refusing, kind] of refusals) expect((await store.accept(draft(wishes), refusing)).kind).toBe(kind);
    const told: number[] = [];
    const teller: Teller = { draft: () => [], told: (alert) => alert.kind === 'budget' && told.push(alert.percent) };
    expect(await store.accept(draft(), { ...guard, teller })).toMatchObject({ kind: 'accepted' });
    expect(told).toEqual([50, 80, 100]);
  });

  define('S77', 'different numbers of a source are judged as a plain list of acceptances would judge them', async () => {
    const ask = fc.record({ waitMs: fc.nat({ max: 9 }), member: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f') });
    await fc.assert(
      fc.asyncProperty(fc.array(ask, { maxLength: 80 }), (asks) => countLikeAList(open, asks)),
      { numRuns: 25 },
    );
  });
}

function countLikeAList(open: OpenStore, asks: readonly { waitMs: number; member: string }[]): Promise<void> {
  const windows = [
    { max: 2, perMs: 10 },
    { max: 4, perMs: 40 },
  ];
  const soft = [{ max: 2, perMs: 30, level: 2 }] as const;
  return withStore(open, async ({ store, clock, draft }) => {
    const accepted: { at: number; member: string }[] = [];
    const membersAt = (at: number, perMs: number) =>
      new Set(accepted.filter((past) => past.at > at - perMs && past.at <= at).map((past) => past.member));
    const isFull = (at: number, now: number, member: string, max: number, perMs: number) =>
      !membersAt(now, perMs).has(member) && membersAt(at, perMs).size >= max;
    for (const [index, { waitMs, member }] of asks.entries()) {
      clock.set(clock.now() + waitMs);
      const now = clock.now();
      let retryAt = now;
      while (windows.some(({ max, perMs }) => isFull(retryAt, now, member, max, perMs))) retryAt += 1;
      const isPastSoft = soft.some(({ max, perMs }) => isFull(now, now, member, max, perMs));

      const limits: Limit[] = [{ scope: 'source_numbers', key: 'x', member, windows, soft }];
      const bare = await store.accept(draft({ dialWithinMs: 0, holdMs: 0 }), { limits });
      if (retryAt > now) expect(bare).toEqual({ kind: 'limited', scope: 'source_numbers', retryAt });
      else if (!isPastSoft) expect(bare.kind).toBe('accepted');
      else {
        expect(bare).toEqual({ kind: 'proof_wanted', level: 2 });
        const proven = { limits, proof: proofOf(`nonce-${index}`, 2) };
        expect(await store.accept(draft({ dialWithinMs: 0, holdMs: 0 }), proven)).toMatchObject({ kind: 'accepted' });
      }
      if (retryAt === now) accepted.push({ at: now, member });
    }
  });
}
