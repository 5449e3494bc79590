import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fakeClock } from '../simulators/fake-clock.ts';
import type { OpenStore } from './case.suite.ts';
import { sqliteStore } from './sqlite-store.ts';
import { storeSuite } from './store.suite.ts';

const openOnFile: OpenStore = async (clock) => {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-store-'));
  const path = join(folder, 'ringback.db');
  let store = sqliteStore({ path, clock });
  return {
    store,
    async reopen() {
      await store.close();
      store = sqliteStore({ path, clock });
      return store;
    },
    async dispose() {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
};

storeSuite('SQLite on a file', openOnFile);

test('a store in memory needs no file', async () => {
  const clock = fakeClock();
  const store = sqliteStore({ path: ':memory:', clock });
  await store.ping();
  expect(await store.nextDueAt()).toBeUndefined();
  await store.close();
});
