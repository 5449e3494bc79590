import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../config/read-config.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import { vault } from '../store/vault.ts';
import { askSwitches } from './ask-switches.ts';
import { watchControl } from './control-watch.ts';
import { systemClock } from './node-clock.ts';
import { controlFolder } from './node-control.ts';
import { readSecrets } from './node-secret.ts';
import type { RelayDesk } from './relay-desk.ts';

const root = mkdtempSync(join(tmpdir(), 'ringback-switches-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;

/** A process that holds the database, as a relay does. */
function held() {
  const path = join(root, `${count++}.db`);
  const read = readConfig({ env: { RINGBACK_STORE: `sqlite:${path}` }, readFile: () => '' });
  if (!read.ok) throw new Error('These settings are right.');
  const store = sqliteStore({ path, clock: systemClock });
  onTestFinished(() => store.close());
  return { path, config: read.config, store, folder: controlFolder(path) };
}

test('where the relay does not answer, nobody is told that it heeds a pause, and the question is not left behind', async () => {
  const { path, config, folder } = held();
  folder.pause(undefined);
  expect(await askSwitches(config, ({ paused }) => paused, 100)).toEqual({ kind: 'silent' });
  expect(readdirSync(folder.path)).toEqual(['paused']);
  // A kill switch needs no secret, and must not make one that is the wrong user's.
  expect(existsSync(`${path}.secret`)).toBe(false);
});

test('what the relay says counts, not what the folder says', async () => {
  const { config, store, folder } = held();
  const { secret } = readSecrets(config);
  const desk: RelayDesk = {
    relay: { askByHand: async () => undefined, cancel: async () => undefined, hangUp: async () => ({ kind: 'unknown_call' as const }) },
    store,
    accounts: () => new Map(),
    report: () => ({ startedAt: 0, url: '', sightings: [], paused: false, pausedSites: ['shop'] }),
    now: () => systemClock.now(),
  };
  const options = { folder, store, vault: vault(secret), clock: systemClock, log: () => {}, onChange: () => {} };
  const watch = watchControl({ ...options, desk: () => desk });
  folder.pause(undefined);
  const heeded = await askSwitches(config, ({ paused }) => paused);
  expect(heeded).toEqual({ kind: 'heeded', switches: { paused: false, pausedSites: ['shop'] } });
  await watch.stop();
});

test('without a relay that is said at once', async () => {
  const { config, store } = held();
  await store.close();
  expect(await askSwitches(config, () => true)).toEqual({ kind: 'not_running' });
});
