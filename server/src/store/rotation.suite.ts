/** S100–S109: after the secret has changed, what was kept under the old keys still counts. */
import { expect } from 'vitest';
import type { Limit } from './acceptance.ts';
import type { Change } from './call.ts';
import type { DefineCase } from './case.suite.ts';

const HOUR_MS = 3_600_000;
const FAR = 4_000_000_000_000;
const END: Change = { state: 'cancelled', dueStep: undefined, dueAt: undefined };
/** Never held: what refuses is a window. */
const UNHELD = { dialWithinMs: 0, holdMs: 0 };

export function rotationCases(define: DefineCase): void {
  define('S100', 'windows count what was accepted under a former key, to the millisecond', async ({ store, clock, draft }) => {
    const windows = [{ max: 3, perMs: HOUR_MS }];
    const limitOf = (key: string, alsoKeys: string[] = []): Limit => ({ scope: 'source', key, alsoKeys, windows });
    const ask = (limit: Limit) => store.accept(draft(UNHELD), { limits: [limit] });
    const start = clock.now();
    await ask(limitOf('old'));
    clock.set(start + 1_000);
    await ask(limitOf('newer', ['old']));
    clock.set(start + 2_000);
    const now = limitOf('new', ['newer', 'old']);
    expect(await ask(now)).toMatchObject({ kind: 'accepted', room: [{ remaining: 0, resetAt: start + HOUR_MS }] });
    expect(await ask(now)).toEqual({ kind: 'limited', scope: 'source', retryAt: start + HOUR_MS });
    clock.set(start + HOUR_MS - 1);
    expect(await ask(now)).toEqual({ kind: 'limited', scope: 'source', retryAt: start + HOUR_MS });
    clock.set(start + HOUR_MS);
    expect(await ask(now)).toMatchObject({ kind: 'accepted' });
    expect(await ask(now)).toEqual({ kind: 'limited', scope: 'source', retryAt: start + 1_000 + HOUR_MS });
  });

  define('S101', 'what is accepted now is counted under the newest key alone', async ({ store, draft }) => {
    const windows = [{ max: 1, perMs: HOUR_MS }];
    const ask = (key: string, alsoKeys?: string[]) => store.accept(draft(UNHELD), { limits: [{ scope: 'site', key, alsoKeys, windows }] });
    expect(await ask('new', ['old'])).toMatchObject({ kind: 'accepted' });
    expect(await ask('old')).toMatchObject({ kind: 'accepted' });
    expect(await ask('new')).toMatchObject({ kind: 'limited' });
  });

  define('S102', 'a soft window counts under former keys too', async ({ store, draft }) => {
    const soft = [{ max: 1, perMs: HOUR_MS, level: 2 }] as const;
    const ask = (key: string, alsoKeys?: string[]) =>
      store.accept(draft(UNHELD), { limits: [{ scope: 'source', key, alsoKeys, windows: [{ max: 9, perMs: HOUR_MS }], soft }] });
    await ask('old');
    expect(await ask('new', ['old'])).toEqual({ kind: 'proof_wanted', level: 2 });
  });

  define('S103', 'a number that was counted under its former name is no further number', async ({ store, draft }) => {
    const windows = [{ max: 2, perMs: HOUR_MS }];
    const ask = (limit: Pick<Limit, 'key' | 'alsoKeys' | 'member' | 'alsoMembers'>) =>
      store.accept(draft(UNHELD), { limits: [{ scope: 'source_numbers', windows, ...limit }] });
    const rotated = (number: string) => ask({ key: 'new', alsoKeys: ['old'], member: `${number}-new`, alsoMembers: [`${number}-old`] });
    await ask({ key: 'old', member: 'a-old' });
    for (let count = 0; count < 3; count += 1) expect(await rotated('a')).toMatchObject({ kind: 'accepted' });
    expect(await rotated('b')).toMatchObject({ kind: 'accepted' });
    expect(await rotated('b')).toMatchObject({ kind: 'accepted' });
    expect(await rotated('a')).toMatchObject({ kind: 'accepted' });
    expect(await rotated('c')).toMatchObject({ kind: 'limited', scope: 'source_numbers' });
  });

  define('S104', 'a number is held by its call from before, and by what a forgotten one left', async ({ store, clock, draft }) => {
    const ask = () => store.accept(draft({ numberKey: 'new', formerNumberKeys: ['newer', 'old'] }), { limits: [] });
    const before = draft({ numberKey: 'old' });
    await store.accept(before, { limits: [] });
    const heldUntil = clock.now() + HOUR_MS;
    await store.amend(before.id, () => ({ ...END, heldUntil }));
    const held = { kind: 'limited', scope: 'number_active', retryAt: heldUntil };
    expect(await ask()).toEqual(held);
    await store.amend(before.id, () => ({ forget: true }));
    expect(await ask()).toEqual(held);
    clock.set(heldUntil);
    expect(await ask()).toMatchObject({ kind: 'accepted' });
  });

  define('S105', 'an opt-out from before counts, and a later word under all keys takes it back', async ({ store, clock, draft }) => {
    const ask = () => store.accept(draft({ numberKey: 'new', formerNumberKeys: ['old'] }), { limits: [] });
    await store.optOut(['old'], FAR);
    expect(await ask()).toEqual({ kind: 'opted_out' });
    await store.optOut(['new', 'old'], clock.now());
    expect(await ask()).toMatchObject({ kind: 'accepted' });
  });

  define('S106', 'an opt-out of today ends calls from before, also one that was being dialled', async ({ store, clock, draft }) => {
    const [waiting, dialled] = [draft({ numberKey: 'old', scheduledFor: clock.now() + HOUR_MS }), draft({ numberKey: 'older' })];
    for (const asked of [waiting, dialled]) await store.accept(asked, { limits: [] });
    const [only] = await store.takeDue(1, (_, now) => ({ state: 'dialing', dueAt: now + 20_000 }));
    await store.optOut(['new', 'old', 'older'], FAR);
    expect(await store.find(waiting.id)).toMatchObject({ state: 'cancelled', fault: 'opted_out' });
    const settled = await store.settle(dialled.id, only?.taken.fence ?? -1, { state: 'accepted', dueAt: clock.now() });
    expect(settled).toMatchObject({ state: 'cancelled', fault: 'opted_out' });
  });

  define('S107', 'a number is forgotten under all of its keys', async ({ store, draft }) => {
    const [old, recent] = [draft({ numberKey: 'old' }), draft({ numberKey: 'new' })];
    for (const asked of [old, recent]) {
      await store.accept(asked, { limits: [] });
      await store.amend(asked.id, () => END);
    }
    expect(await store.forgetNumber(['new', 'old'])).toBe(2);
    for (const { id } of [old, recent]) expect(await store.find(id)).toMatchObject({ sealedNumber: '' });
  });

  define('S108', 'a request is known again by its former fingerprint', async ({ store, draft }) => {
    const first = draft({ fingerprint: 'old' });
    await store.accept(first, { limits: [] });
    const again = { ...first, fingerprint: 'new', formerFingerprints: ['old'] };
    expect(await store.accept(again, { limits: [] })).toMatchObject({ kind: 'replayed', call: { id: first.id } });
    expect(await store.accept({ ...again, formerFingerprints: ['other'] }, { limits: [] })).toEqual({ kind: 'key_reused' });
  });

  define('S109', 'a proof that was spent before stays spent', async ({ store, draft }) => {
    const proof = { nonceKey: 'old', expiresAt: FAR, level: 1 } as const;
    await store.accept(draft(), { limits: [], proof });
    const again = { ...proof, nonceKey: 'new', alsoNonceKeys: ['old'] };
    expect(await store.accept(draft(), { limits: [], proof: again })).toEqual({ kind: 'proof_used' });
  });
}
