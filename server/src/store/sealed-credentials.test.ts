import { expect, test } from 'vitest';
import { fakeClock } from '../simulators/fake-clock.ts';
import { sealedCredentials } from './sealed-credentials.ts';
import { sqliteStore } from './sqlite-store.ts';
import { vault } from './vault.ts';

const OLD = new Uint8Array(32).fill(1);
const NEW = new Uint8Array(32).fill(2);

test('a token stands sealed in the store, and a former secret still opens it', async () => {
  const store = sqliteStore({ path: ':memory:', clock: fakeClock() });
  const before = sealedCredentials(store, vault(OLD));
  expect(await before.swap('portal', undefined, 'canary-token')).toBe(true);
  expect((await store.readCredential('portal'))?.sealed).not.toContain('canary');
  expect(await before.read('portal')).toEqual({ text: 'canary-token', version: 1 });

  const after = sealedCredentials(store, vault(NEW, [OLD]));
  expect(await after.read('portal')).toEqual({ text: 'canary-token', version: 1 });
  expect(await after.swap('portal', 1, undefined)).toBe(true);
  expect(await after.read('portal')).toBeUndefined();
  await store.close();
});

test('what cannot be opened is nobody else’s token, and can be replaced', async () => {
  const store = sqliteStore({ path: ':memory:', clock: fakeClock() });
  const credentials = sealedCredentials(store, vault(OLD));
  await credentials.swap('one', undefined, 'canary-token');
  const sealed = (await store.readCredential('one'))?.sealed;
  await store.swapCredential('two', undefined, sealed);
  expect(await credentials.read('two')).toEqual({ text: undefined, version: 1 });
  expect(await sealedCredentials(store, vault(NEW)).read('one')).toEqual({ text: undefined, version: 1 });
  expect(await credentials.swap('two', 1, 'anew')).toBe(true);
  expect(await credentials.read('two')).toEqual({ text: 'anew', version: 2 });
  await store.close();
});
