/** S150–S154: where calls to one member crowd out the others, the next is taken with a proof alone, and the operator is told. */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Alert, Limit, Share, Teller } from './acceptance.ts';
import { type DefineCase, type OpenStore, withStore } from './case.suite.ts';

const DAY_MS = 86_400_000;
const USUAL: Share = { last: 50, perMs: 7 * DAY_MS, calls: 10, percent: 40, level: 3 };

const crowd = (member: string, share: Share = USUAL): Limit => ({ scope: 'destination', key: 'all', windows: [], member, share });
/** What counts all calls under the same key stands beside it. */
const everybody: Limit = { scope: 'deployment', key: 'all', windows: [{ max: 1_000, perMs: DAY_MS }] };

let nonces = 0;
const proved = (level: 1 | 2 | 3) => ({ nonceKey: `nonce-${++nonces}`, expiresAt: 4_000_000_000_000, level });

export function shareCases(define: DefineCase, open: OpenStore): void {
  define('S150', 'more than ten calls and more than the share: the next needs the hardest proof', async ({ store, draft }) => {
    const ask = (member: string) => store.accept(draft(), { limits: [everybody, crowd(member)] });
    for (let count = 0; count < 11; count += 1) expect(await ask('a')).toMatchObject({ kind: 'accepted' });
    expect(await ask('a')).toEqual({ kind: 'proof_wanted', level: 3 });
    expect(await store.accept(draft(), { limits: [everybody, crowd('a')], proof: proved(2) })).toEqual({ kind: 'proof_wanted', level: 3 });
    expect(await store.accept(draft(), { limits: [everybody, crowd('a')], proof: proved(3) })).toMatchObject({ kind: 'accepted' });
    // Twelve of thirty are forty percent, and no more.
    for (let count = 0; count < 18; count += 1) expect(await ask(`b${count % 3}`)).toMatchObject({ kind: 'accepted' });
    expect(await ask('a')).toMatchObject({ kind: 'accepted' });
  });

  define('S151', 'only the latest calls are looked at, and none that is too old', async ({ store, clock, draft }) => {
    const ask = (member: string) => store.accept(draft(), { limits: [everybody, crowd(member)] });
    const start = clock.now();
    for (let count = 0; count < 11; count += 1) await ask('a');
    clock.set(start + USUAL.perMs - 1);
    expect(await ask('a')).toEqual({ kind: 'proof_wanted', level: 3 });
    for (let count = 0; count < 40; count += 1) await ask(`b${count}`);
    expect(await ask('a')).toMatchObject({ kind: 'accepted' });
    clock.set(start + USUAL.perMs);
    for (let count = 0; count < 10; count += 1) expect(await ask('a')).toMatchObject({ kind: 'accepted' });
  });

  define('S152', 'who passes it is told of once, and a refusal tells nobody', async ({ store, draft }) => {
    const told: Alert[] = [];
    const draftNotice = () => [{ topic: 'crowd', channel: 'mail', text: 'Look.', quietMs: DAY_MS }];
    const teller: Teller = { draft: draftNotice, told: (alert) => told.push(alert) };
    const limits = [everybody, crowd('a')];
    for (let count = 0; count < 10; count += 1) await store.accept(draft(), { limits, teller });
    expect(told).toEqual([]);
    await store.accept(draft(), { limits, teller });
    expect(told).toEqual([{ kind: 'destination', country: 'DE', calls: 11, of: 11 }]);
    for (let count = 0; count < 3; count += 1) expect((await store.accept(draft(), { limits, teller })).kind).toBe('proof_wanted');
    await store.accept(draft(), { limits, teller, proof: proved(3) });
    expect(told).toHaveLength(1);
    expect(await store.listMessages({}, 10)).toHaveLength(1);
  });

  define('S153', 'where no proof is asked for it is told of all the same', async ({ store, draft }) => {
    const told: Alert[] = [];
    const teller: Teller = { draft: () => [], told: (alert) => told.push(alert) };
    const limits = [everybody, crowd('a', { ...USUAL, level: 0 })];
    for (let count = 0; count < 15; count += 1) expect(await store.accept(draft(), { limits, teller })).toMatchObject({ kind: 'accepted' });
    expect(told).toHaveLength(1);
  });

  define('S154', 'a member goes on under the names that it had, and any run is judged as a plain list would judge it', async () => {
    const share: Share = { last: 8, perMs: 40, calls: 2, percent: 40, level: 3 };
    const asks = fc.array(fc.record({ waitMs: fc.nat({ max: 6 }), member: fc.constantFrom('a', 'b', 'c'), isOld: fc.boolean() }), {
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(asks, (list) =>
        withStore(open, async ({ store, clock, draft }) => {
          const accepted: { at: number; member: string }[] = [];
          for (const { waitMs, member, isOld } of list) {
            clock.set(clock.now() + waitMs);
            const now = clock.now();
            const limit: Limit = isOld
              ? { ...crowd(`old-${member}`, share), key: 'all' }
              : { ...crowd(member, share), key: 'all', alsoMembers: [`old-${member}`] };
            const seen = isOld
              ? accepted.map((past) => (past.member === `old-${member}` ? member : undefined))
              : accepted.map((past) => past.member.replace('old-', ''));
            const latest = accepted
              .map(({ at }, index) => ({ at, member: seen[index] }))
              .filter(({ at }) => at > now - share.perMs)
              .slice(-share.last);
            const own = latest.filter((past) => past.member === member).length;
            const isPast = own > share.calls && own * 100 > share.percent * latest.length;
            const result = await store.accept(draft(), { limits: [limit] });
            expect(result.kind).toBe(isPast ? 'proof_wanted' : 'accepted');
            if (!isPast) accepted.push({ at: now, member: isOld ? `old-${member}` : member });
          }
        }),
      ),
      { numRuns: 25 },
    );
  });
}
