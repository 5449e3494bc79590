/** S150–S159: what an account was given at run time is changed by one at a time, and is never lost. */
import { expect } from 'vitest';
import type { DefineCase } from './case.suite.ts';
import type { Store } from './store.ts';

const PARALLEL = 50;

export function credentialCases(define: DefineCase): void {
  define('S150', 'a credential is kept by its key alone, and its version grows', async ({ store }) => {
    expect(await store.readCredential('one')).toBeUndefined();
    expect(await store.swapCredential('one', undefined, 'first')).toBe(true);
    const first = await versionOf(store, 'one');
    expect(await store.readCredential('one')).toEqual({ sealed: 'first', version: first });
    expect(await store.readCredential('other')).toBeUndefined();
    expect(await store.swapCredential('one', first, 'second')).toBe(true);
    expect(await store.readCredential('one')).toEqual({ sealed: 'second', version: expect.any(Number) });
    expect(await versionOf(store, 'one')).toBeGreaterThan(first);
  });

  define('S151', 'who has not read the newest changes nothing', async ({ store }) => {
    await store.swapCredential('one', undefined, 'first');
    const first = await versionOf(store, 'one');
    for (const stale of [undefined, first - 1, first + 1]) {
      expect(await store.swapCredential('one', stale, 'stolen')).toBe(false);
      expect(await store.swapCredential('one', stale, undefined)).toBe(false);
    }
    expect(await store.readCredential('one')).toEqual({ sealed: 'first', version: first });
    for (const version of [0, 1]) expect(await store.swapCredential('nothing', version, 'stolen')).toBe(false);
    expect(await store.readCredential('nothing')).toBeUndefined();
  });

  define('S152', 'a version that was erased does not come again', async ({ store }) => {
    await store.swapCredential('one', undefined, 'first');
    const first = await versionOf(store, 'one');
    expect(await store.swapCredential('one', first, undefined)).toBe(true);
    expect(await store.readCredential('one')).toBeUndefined();
    expect(await store.swapCredential('one', undefined, undefined)).toBe(true);
    expect(await store.swapCredential('one', first, 'late')).toBe(false);
    expect(await store.swapCredential('one', undefined, 'anew')).toBe(true);
    expect(await versionOf(store, 'one')).toBeGreaterThan(first);
    // Whoever still works with what was erased may not put it back.
    expect(await store.swapCredential('one', first, 'late')).toBe(false);
    expect(await store.readCredential('one')).toMatchObject({ sealed: 'anew' });
  });

  define('S153', `of ${PARALLEL} swaps at once from one version exactly one wins`, async ({ store }) => {
    const race = async (version: number | undefined, name: string) => {
      const tries = Array.from({ length: PARALLEL }, (_, index) => store.swapCredential('one', version, `${name}-${index}`));
      const winners = (await Promise.all(tries)).flatMap((won, index) => (won ? [`${name}-${index}`] : []));
      expect(winners).toHaveLength(1);
      expect(await store.readCredential('one')).toMatchObject({ sealed: winners[0] });
    };
    await race(undefined, 'begun');
    await race(await versionOf(store, 'one'), 'changed');
  });

  define('S154', 'a swap that was answered outlives the process', async ({ store, reopen }) => {
    await store.swapCredential('one', undefined, 'first');
    await store.swapCredential('gone', undefined, 'first');
    await store.swapCredential('gone', await versionOf(store, 'gone'), undefined);
    const before = await store.readCredential('one');
    const next = await reopen();
    expect(await next.readCredential('one')).toEqual(before);
    expect(await next.readCredential('gone')).toBeUndefined();
    expect(await next.swapCredential('one', before?.version, 'second')).toBe(true);
  });
}

async function versionOf(store: Store, key: string): Promise<number> {
  const credential = await store.readCredential(key);
  if (credential === undefined) throw new Error(`There is no credential ${key}.`);
  return credential.version;
}
