import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import type { LogEntry } from '../log.ts';
import type { Reply } from '../providers/bitrix24/bitrix24-client.ts';
import { fakeClock } from '../simulators/fake-clock.ts';
import type { AcceptResult, CallDraft } from '../store/acceptance.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import { vault } from '../store/vault.ts';
import { watchControl } from './control-watch.ts';
import { controlFolder } from './node-control.ts';
import type { RelayDesk } from './relay-desk.ts';

const NUMBER = '+4915112345678';
const secretOf = (byte: number) => new Uint8Array(32).fill(byte);
const root = mkdtempSync(join(tmpdir(), 'ringback-control-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;

function watched(safe = vault(secretOf(1))) {
  const folder = controlFolder(join(root, `${count++}.db`));
  const clock = fakeClock();
  const store = sqliteStore({ path: ':memory:', clock });
  const said: LogEntry[] = [];
  let changes = 0;
  const start = () => watchControl({ folder, store, vault: safe, clock, log: (entry) => said.push(entry), onChange: () => (changes += 1) });
  onTestFinished(() => store.close());
  return { folder, clock, store, said, start, vault: safe, changes: () => changes };
}

function draftOf(id: string, numberKey: string): CallDraft {
  const keys = { idempotencyKey: id, fingerprint: id, numberKey };
  return { id, site: 'default', ...keys, sealedNumber: 'sealed', country: 'DE', dialWithinMs: 120_000, holdMs: 1_000 };
}

const kindOf = async (result: Promise<AcceptResult>) => (await result).kind;

test('a pause is heeded within a second, outlasts a restart, and ends when it is taken back', async () => {
  const { folder, clock, start, said, changes } = watched();
  const first = start();
  expect(first.switches()).toMatchObject({ paused: false, pausedSites: new Set() });
  folder.pause(undefined);
  folder.pause('shop');
  await clock.advance(1_000);
  expect(first.switches()).toMatchObject({ paused: true, pausedSites: new Set(['shop']) });
  expect(changes()).toBe(1);
  expect(said.map(({ event, site }) => [event, site])).toEqual([
    ['control.paused', undefined],
    ['control.paused', 'shop'],
  ]);
  await first.stop();
  expect(clock.nextTimerAt()).toBeUndefined();

  const second = start();
  expect(second.switches().paused).toBe(true);
  folder.resume(undefined);
  folder.resume('shop');
  folder.resume('shop');
  await clock.advance(1_000);
  expect(second.switches()).toMatchObject({ paused: false, pausedSites: new Set() });
  await second.stop();
});

test('while its folder cannot be read everything is paused, from the start on, and no longer', async () => {
  const { folder, clock, start, said, changes } = watched();
  writeFileSync(folder.path, 'no folder');
  const watch = start();
  expect(watch.switches().paused).toBe(true);
  await clock.advance(3_000);
  expect(watch.switches().paused).toBe(true);
  expect(said.filter(({ event }) => event === 'control.unreadable')).toHaveLength(1);

  rmSync(folder.path);
  folder.make();
  await clock.advance(1_000);
  expect(watch.switches().paused).toBe(false);
  rmSync(folder.path, { recursive: true });
  writeFileSync(folder.path, 'no folder');
  const before = changes();
  await clock.advance(1_000);
  expect(watch.switches().paused).toBe(true);
  expect(changes()).toBe(before + 1);
  expect(said.filter(({ event }) => event === 'control.unreadable')).toHaveLength(2);
  await watch.stop();
});

test('the folder is there as soon as the relay is, for commands of other users', async () => {
  const { folder, start } = watched();
  const watch = start();
  expect(statSync(folder.path).mode & 0o777).toBe(0o700);
  await watch.stop();
});

test('an order that cannot be read now is no order of another relay: it is tried again, and told', async () => {
  const { folder, clock, store, start, said, vault: safe } = watched();
  const id = folder.leave({ kind: 'opt_out', number: NUMBER, until: clock.now() + 86_400_000 }, safe);
  const file = join(folder.path, `request.${id}.json`);
  const text = readFileSync(file);
  rmSync(file);
  mkdirSync(file);
  const watch = start();
  await clock.advance(30_000);
  expect(folder.stateOf(id)).toBe('waiting');
  const failed = said.filter(({ event }) => event === 'control.failed');
  expect(failed[0]?.message).toContain('EISDIR');
  expect(failed.length).toBeLessThan(7);

  rmSync(file, { recursive: true });
  writeFileSync(file, text);
  await clock.advance(1_000);
  expect(folder.stateOf(id)).toBe('gone');
  const draft = draftOf('b', safe.keyOf('number', NUMBER));
  expect(await kindOf(store.accept(draft, { limits: [] }))).toBe('opted_out');
  await watch.stop();
});

test('a pause stays while its folder cannot be read', async () => {
  const { folder, clock, start, said } = watched();
  folder.pause(undefined);
  const watch = start();
  rmSync(folder.path, { recursive: true });
  writeFileSync(folder.path, 'no folder');
  await clock.advance(3_000);
  expect(watch.switches().paused).toBe(true);
  expect(said.filter(({ event }) => event === 'control.unreadable')).toHaveLength(1);
  await watch.stop();
});

test('an opt-out and a forgetting are carried out and removed; the number lies nowhere in clear', async () => {
  const { folder, clock, store, start, said, vault: safe } = watched();
  const key = safe.keyOf('number', NUMBER);
  await store.accept(draftOf('a', key), { limits: [] });
  await store.amend('a', () => ({ state: 'cancelled', dueStep: 'forget', dueAt: clock.now() + 1e9 }));

  folder.leave({ kind: 'forget', number: NUMBER }, safe);
  folder.leave({ kind: 'opt_out', number: NUMBER, until: clock.now() + 86_400_000 }, safe);
  for (const name of readdirSync(folder.path)) {
    expect(readFileSync(join(folder.path, name), 'utf8')).not.toContain('15112345678');
    expect(statSync(join(folder.path, name)).mode & 0o777).toBe(0o600);
  }
  expect(statSync(folder.path).mode & 0o777).toBe(0o700);

  const watch = start();
  await clock.advance(0);
  expect(readdirSync(folder.path)).toEqual([]);
  expect(await kindOf(store.accept(draftOf('b', key), { limits: [] }))).toBe('opted_out');
  expect(said).toContainEqual({ level: 'info', event: 'number.forgotten', calls: 1 });
  expect(JSON.stringify(said)).not.toContain('15112345678');
  await watch.stop();
});

test('an order reaches what was stored before the secret was changed', async () => {
  const rotated = vault(secretOf(2), [secretOf(1)]);
  const { folder, clock, store, start } = watched(rotated);
  const old = vault(secretOf(1));
  folder.leave({ kind: 'opt_out', number: NUMBER, until: clock.now() + 86_400_000 }, old);
  const watch = start();
  await clock.advance(0);
  for (const key of rotated.keysOf('number', NUMBER)) {
    expect(await kindOf(store.accept(draftOf(key, key), { limits: [] }))).toBe('opted_out');
  }
  await watch.stop();
});

test('what cannot be opened is put aside once, and the others are still carried out', async () => {
  const { folder, clock, start, said, vault: safe } = watched();
  const foreign = folder.leave({ kind: 'forget', number: NUMBER }, vault(secretOf(9)));
  const swapped = folder.leave({ kind: 'forget', number: NUMBER }, safe);
  const ours = folder.leave({ kind: 'forget', number: NUMBER }, safe);
  // A sealed number opens in its own file alone.
  writeFileSync(join(folder.path, `request.${swapped}.json`), readFileSync(join(folder.path, `request.${ours}.json`)));
  writeFileSync(join(folder.path, 'request.broken.json'), '{');
  chmodSync(join(folder.path, 'request.broken.json'), 0o600);

  const watch = start();
  await clock.advance(5_000);
  expect([foreign, swapped, 'broken'].map((id) => folder.stateOf(id))).toEqual(['rejected', 'rejected', 'rejected']);
  expect(folder.stateOf(ours)).toBe('gone');
  expect(said.filter(({ event }) => event === 'control.rejected')).toHaveLength(3);
  await watch.stop();
});

test('a pause does not wait for an order that waits for a portal', async () => {
  const { folder, clock, store, vault: safe } = watched();
  let answer = (_: Reply) => {};
  const portal = { call: () => new Promise<Reply>((resolve) => (answer = resolve)) };
  const accounts = () => new Map([['app', { provider: { verify: async () => [] }, bitrix24: portal }]]);
  const relay = {
    askByHand: async () => undefined,
    cancel: async () => undefined,
    hangUp: async () => ({ kind: 'unknown_call' as const }),
  };
  const desk = {
    relay,
    store,
    accounts,
    report: () => ({ startedAt: 0, url: '', sightings: [], paused: false, pausedSites: [] }),
    now: () => clock.now(),
  };
  const id = folder.leave({ kind: 'ask_portal', account: 'app', method: 'scope', params: {} }, safe);
  const options = { folder, store, vault: safe, clock, log: () => {}, onChange: () => {} };
  let open: RelayDesk | undefined;
  const watch = watchControl({ ...options, desk: () => open });
  await clock.advance(1_000);
  expect(folder.stateOf(id)).toBe('waiting');
  open = desk;
  await clock.advance(1_000);
  folder.pause(undefined);
  await clock.advance(2_000);
  expect(watch.switches().paused).toBe(true);
  expect(folder.stateOf(id)).toBe('waiting');
  answer({ kind: 'result', result: ['telephony'], operatingResetAt: undefined });
  await watch.stop();
  expect(folder.stateOf(id)).toBe('gone');
  expect(folder.takeAnswer(id)).toMatchObject({ result: ['telephony'] });
});

test('an order that the store did not take is tried again', async () => {
  const { folder, clock, store, said, vault: safe } = watched();
  let attempts = 0;
  const flaky = {
    ...store,
    forgetNumber: (keys: readonly string[]) => (++attempts < 3 ? Promise.reject(new Error('busy')) : store.forgetNumber(keys)),
  };
  const id = folder.leave({ kind: 'forget', number: NUMBER }, safe);
  const watch = watchControl({ folder, store: flaky, vault: safe, clock, log: (entry) => said.push(entry), onChange: () => {} });
  await clock.advance(500);
  expect(folder.stateOf(id)).toBe('waiting');
  await clock.advance(2_000);
  expect(folder.stateOf(id)).toBe('gone');
  expect(said.filter(({ event }) => event === 'control.failed')).toHaveLength(2);
  await watch.stop();
});
