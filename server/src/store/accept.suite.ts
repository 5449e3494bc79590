/** S01–S15: one request becomes one call, or nothing at all. */
import { expect } from 'vitest';
import type { AcceptResult } from './acceptance.ts';
import type { DefineCase } from './case.suite.ts';
import { KEY_LIFE_MS } from './store.ts';

export function acceptCases(define: DefineCase): void {
  define('S01', 'an accepted call is due at once and stands as it was drafted', async ({ store, clock, draft }) => {
    const drafted = draft({ sealedDetails: 'details', locale: 'en', department: 'sales' });
    const result = await store.accept(drafted, { limits: [] });
    const now = clock.now();
    expect(result).toEqual({
      kind: 'accepted',
      call: {
        id: drafted.id,
        site: 'default',
        state: 'accepted',
        step: undefined,
        fault: undefined,
        sealedNumber: drafted.sealedNumber,
        sealedDetails: 'details',
        country: 'DE',
        locale: 'en',
        department: 'sales',
        acceptedAt: now,
        scheduledFor: undefined,
        dialBefore: now + 120_000,
        attempts: 0,
        fence: 0,
        dueStep: 'dial',
        dueAt: now,
        heldUntil: now + 140_000,
        provider: undefined,
        providerRef: undefined,
        controlRef: undefined,
        placedAt: undefined,
        endedAt: undefined,
      },
      room: [],
    });
    expect(await store.find(drafted.id)).toEqual(result.kind === 'accepted' && result.call);
    expect(await store.find('call-unknown')).toBeUndefined();
  });

  define('S02', 'a scheduled call is due at its slot, and its times count from there', async ({ store, clock, draft }) => {
    const slot = clock.now() + 3_600_000;
    const result = await store.accept(draft({ scheduledFor: slot }), { limits: [] });
    expect(result).toMatchObject({
      kind: 'accepted',
      call: { state: 'scheduled', scheduledFor: slot, dueStep: 'dial', dueAt: slot, dialBefore: slot + 120_000, heldUntil: slot + 140_000 },
    });
  });

  define('S03', 'fifty identical requests at once become one call', async ({ store, draft }) => {
    const drafted = draft();
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) => store.accept({ ...drafted, id: `twin-${index}` }, { limits: [] })),
    );
    const kinds = results.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'accepted')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'replayed')).toHaveLength(49);
    expect(new Set(results.map(idOf)).size).toBe(1);
    expect(await store.takeDue(100, (_, now) => ({ dueAt: now + 1_000 }))).toHaveLength(1);
  });

  define('S04', 'of a hundred requests at once for one number exactly one is accepted', async ({ store, clock, draft }) => {
    const results = await Promise.all(Array.from({ length: 100 }, () => store.accept(draft({ numberKey: 'same' }), { limits: [] })));
    expect(results.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    const refused = results.filter(({ kind }) => kind === 'limited');
    expect(refused).toHaveLength(99);
    for (const result of refused) expect(result).toEqual({ kind: 'limited', scope: 'number_active', retryAt: clock.now() + 140_000 });
  });

  define('S05', 'a number is held to the millisecond, on every site', async ({ store, clock, draft }) => {
    await store.accept(draft({ numberKey: 'same', site: 'one' }), { limits: [] });
    const heldUntil = clock.now() + 140_000;
    clock.set(heldUntil - 1);
    const refused = { kind: 'limited', scope: 'number_active', retryAt: heldUntil };
    expect(await store.accept(draft({ numberKey: 'same', site: 'two' }), { limits: [] })).toEqual(refused);
    clock.set(heldUntil);
    expect(await store.accept(draft({ numberKey: 'same', site: 'two' }), { limits: [] })).toMatchObject({ kind: 'accepted' });
  });

  define('S06', 'a hold follows the life of its call', async ({ store, clock, draft }) => {
    const first = draft({ numberKey: 'same' });
    await store.accept(first, { limits: [] });
    const longer = clock.now() + 86_400_000 * 3;
    await store.amend(first.id, () => ({ heldUntil: longer }));
    clock.set(longer - 1);
    // Others are accepted meanwhile, so that a store which sweeps up what has run out has had its chance.
    for (let count = 0; count < 70; count += 1) await store.accept(draft(), { limits: [] });
    expect(await store.accept(draft({ numberKey: 'same' }), { limits: [] })).toEqual({
      kind: 'limited',
      scope: 'number_active',
      retryAt: longer,
    });
    await store.amend(first.id, (_, now) => ({ heldUntil: now }));
    expect(await store.accept(draft({ numberKey: 'same' }), { limits: [] })).toMatchObject({ kind: 'accepted' });
  });

  define('S07', 'the longest of several holds on a number counts', async ({ store, clock, draft }) => {
    const older = draft({ numberKey: 'same', dialWithinMs: 0, holdMs: 0 });
    await store.accept(older, { limits: [] });
    await store.accept(draft({ numberKey: 'same', dialWithinMs: 0, holdMs: 1_000 }), { limits: [] });
    const later = clock.now() + 5_000;
    await store.amend(older.id, () => ({ heldUntil: later }));
    expect(await store.accept(draft({ numberKey: 'same' }), { limits: [] })).toEqual({
      kind: 'limited',
      scope: 'number_active',
      retryAt: later,
    });
  });

  define('S08', 'the same key with another request is a conflict and leaves the first untouched', async ({ store, draft }) => {
    const first = draft();
    const accepted = await store.accept(first, { limits: [] });
    expect(await store.accept(draft({ idempotencyKey: first.idempotencyKey }), { limits: [] })).toEqual({ kind: 'key_reused' });
    expect(await store.accept({ ...first, id: 'again' }, { limits: [] })).toEqual({
      kind: 'replayed',
      call: accepted.kind === 'accepted' && accepted.call,
    });
    expect(await store.find('again')).toBeUndefined();
  });

  define('S09', 'a key belongs to its site', async ({ store, draft }) => {
    const first = draft({ site: 'one' });
    const second = draft({ site: 'two', idempotencyKey: first.idempotencyKey });
    await store.accept(first, { limits: [] });
    expect(await store.accept(second, { limits: [] })).toMatchObject({ kind: 'accepted', call: { id: second.id } });
    expect((await store.findByKey('one', first.idempotencyKey))?.call.id).toBe(first.id);
    expect((await store.findByKey('two', first.idempotencyKey))?.call.id).toBe(second.id);
  });

  define('S10', 'a key is known for a day to the millisecond, then it is new', async ({ store, clock, draft }) => {
    const first = draft();
    const acceptedAt = clock.now();
    await store.accept(first, { limits: [] });
    clock.set(acceptedAt + KEY_LIFE_MS - 1);
    expect(await store.accept({ ...first, id: 'again' }, { limits: [] })).toMatchObject({ kind: 'replayed', call: { id: first.id } });
    expect(await store.findByKey(first.site, first.idempotencyKey)).toMatchObject({
      fingerprint: first.fingerprint,
      call: { id: first.id },
    });
    clock.set(acceptedAt + KEY_LIFE_MS);
    expect(await store.findByKey(first.site, first.idempotencyKey)).toBeUndefined();
    const other = draft({ idempotencyKey: first.idempotencyKey });
    expect(await store.accept(other, { limits: [] })).toMatchObject({ kind: 'accepted', call: { id: other.id } });
    expect(await store.findByKey(first.site, first.idempotencyKey)).toMatchObject({
      fingerprint: other.fingerprint,
      call: { id: other.id },
    });
    expect(await store.find(first.id)).toMatchObject({ id: first.id });
  });

  define('S11', 'a repeat is told how the call stands now, whatever the limits say by then', async ({ store, draft }) => {
    const first = draft();
    const limits = [{ scope: 'number', key: first.numberKey, windows: [{ max: 1, perMs: 60_000 }] }] as const;
    await store.accept(first, { limits });
    const cancelled = await store.amend(first.id, (_, now) => ({ state: 'cancelled', endedAt: now, dueStep: undefined, dueAt: undefined }));
    expect(await store.accept(first, { limits })).toEqual({ kind: 'replayed', call: cancelled });
  });

  define('S12', 'a refused request leaves nothing behind', async ({ store, clock, draft }) => {
    const limits = [{ scope: 'source', key: 'somebody', windows: [{ max: 1, perMs: 60_000 }] }] as const;
    await store.accept(draft({ id: 'first' }), { limits });
    await store.takeDue(10, () => ({ dueStep: undefined, dueAt: undefined }));
    const refused = draft();
    expect(await store.accept(refused, { limits })).toMatchObject({ kind: 'limited' });
    expect(await store.find(refused.id)).toBeUndefined();
    expect(await store.findByKey(refused.site, refused.idempotencyKey)).toBeUndefined();
    expect(await store.nextDueAt()).toBeUndefined();
    // The number was not held by it, and the key is free for another request.
    clock.set(clock.now() + 60_000);
    expect(await store.accept({ ...refused, fingerprint: 'another' }, { limits })).toMatchObject({ kind: 'accepted' });
  });

  define('S13', 'an accept that fails half-way leaves nothing behind', async ({ store, draft }) => {
    const first = draft({ id: 'taken-id' });
    await store.accept(first, { limits: [] });
    const second = draft({ id: 'taken-id' });
    const limits = [{ scope: 'source', key: 'somebody', windows: [{ max: 1, perMs: 60_000 }] }] as const;
    await expect(store.accept(second, { limits })).rejects.toThrow();
    expect(await store.findByKey(second.site, second.idempotencyKey)).toBeUndefined();
    expect(await store.accept({ ...second, id: 'free-id' }, { limits })).toMatchObject({ kind: 'accepted' });
  });

  define('S14', 'what was accepted is there after the store was closed and opened again', async ({ store, clock, draft, reopen }) => {
    const limits = [{ scope: 'source', key: 'somebody', windows: [{ max: 2, perMs: 60_000 }] }] as const;
    const [first, second] = [draft(), draft()];
    await store.accept(first, { limits });
    await store.accept(second, { limits });
    const [taken] = await store.takeDue(1, (_, now) => ({ state: 'dialing', attempts: 1, dueAt: now + 20_000 }));
    const opened = await reopen();
    expect(await opened.find(first.id)).toEqual(taken?.taken);
    expect(await opened.accept(first, { limits })).toEqual({ kind: 'replayed', call: taken?.taken });
    expect(await opened.accept(draft(), { limits })).toEqual({ kind: 'limited', scope: 'source', retryAt: clock.now() + 60_000 });
    expect(await opened.accept(draft({ numberKey: second.numberKey }), { limits: [] })).toMatchObject({
      kind: 'limited',
      scope: 'number_active',
    });
    expect(await opened.nextDueAt()).toBe(clock.now());
    expect(await opened.settle(first.id, taken?.taken.fence ?? -1, { state: 'placed' })).toMatchObject({ state: 'placed' });
  });

  define('S15', 'a store that can be written to says so, and one that is closed does not', async ({ store }) => {
    await expect(store.ping()).resolves.toBeUndefined();
    await store.close();
    await expect(store.ping()).rejects.toMatchObject({ name: 'StoreUnavailable', permanent: true });
    await expect(store.nextDueAt()).rejects.toMatchObject({ name: 'StoreUnavailable', permanent: true });
  });
}

const idOf = (result: AcceptResult): string | undefined => ('call' in result ? result.call.id : undefined);
