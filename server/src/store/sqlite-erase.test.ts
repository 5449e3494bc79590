/** What was forgotten is not in the files either: neither in the database nor in its log. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import type { CallDraft } from './acceptance.ts';
import { sqliteStore } from './sqlite-store.ts';
import { KEY_LIFE_MS, type Store } from './store.ts';

let folder: string;
let path: string;
let clock: FakeClock;
let store: Store;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  folder = mkdtempSync(join(tmpdir(), 'ringback-erase-'));
  path = join(folder, 'ringback.db');
  clock = fakeClock();
  store = sqliteStore({ path, clock });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
  vi.useRealTimers();
});

/** Every text of a visitor's own carries the mark of its call. */
const draftOf = (mark: string): CallDraft => ({
  id: `call-${mark}`,
  site: 'default',
  idempotencyKey: `key<${mark}>`,
  fingerprint: `fingerprint<${mark}>`,
  numberKey: `number<${mark}>`,
  sealedNumber: `sealed<${mark}>`,
  sealedDetails: `details<${mark}>`.repeat(20),
  country: 'DE',
  locale: `locale<${mark}>`,
  department: `department<${mark}>`,
  dialWithinMs: 0,
  holdMs: 0,
});

async function acceptAndEnd(mark: string): Promise<void> {
  await store.accept(draftOf(mark), { limits: [{ scope: 'source', key: 'somebody', windows: [{ max: 1_000, perMs: 1_000 }] }] });
  await store.amend(`call-${mark}`, () => ({
    state: 'cancelled',
    provider: 'portal',
    providerRef: `ref<${mark}>`,
    dueStep: undefined,
    dueAt: undefined,
    leads: ['crm'],
  }));
  // What the channel calls what it made of the lead, and what kept the other one from it, tell of the visitor as well.
  const [lead] = await store.takeMessages(1, 1_000);
  await store.settleMessage(`call-${mark}.crm`, lead?.fence ?? -1, { state: 'delivered', receipt: `receipt<${mark}>` });
}

const KINDS = ['key', 'fingerprint', 'number', 'sealed', 'details', 'locale', 'department', 'ref', 'receipt'];

/** By these a request is known again: a random key and a keyed hash, for as long as the key lives. */
const KEY_KINDS = KINDS.slice(0, 2);

/** Which texts of a call stand anywhere in the files. */
function traces(mark: string, file = path): string[] {
  const bytes = [file, `${file}-wal`].map((name) => readFileSync(name, 'latin1')).join('');
  return KINDS.filter((kind) => bytes.includes(`${kind}<${mark}>`));
}

test('the bytes of a forgotten number are gone from database and log when the forgetting is answered', async () => {
  for (let count = 100; count < 400; count += 1) await acceptAndEnd(`mark-${count}`);
  expect(traces('mark-250')).toEqual(KINDS);
  expect(await store.forgetNumber(['number<mark-250>'])).toBe(1);
  expect(traces('mark-250')).toEqual(KEY_KINDS);
  expect(traces('mark-251')).toEqual(KINDS);
});

/** Database and log as a kill leaves them. */
function copyAsKilled(): string {
  const copy = join(folder, 'killed.db');
  for (const end of ['', '-wal']) copyFileSync(`${path}${end}`, `${copy}${end}`);
  return copy;
}

test('each forgetting on request has cleared the log by the time that it is answered, however many there are', async () => {
  for (const mark of ['one', 'two', 'three']) await acceptAndEnd(mark);
  await store.forgetNumber(['number<one>']);
  await acceptAndEnd('four');
  await store.forgetNumber(['number<two>']);
  expect(traces('two', copyAsKilled())).toEqual(KEY_KINDS);
  // One that was interrupted between forgetting and clearing is asked for again.
  await store.amend('call-three', () => ({ forget: true }));
  expect(await store.forgetNumber(['number<three>'])).toBe(0);
  expect(traces('three', copyAsKilled())).toEqual(KEY_KINDS);
  expect(traces('four')).toEqual(KINDS);
});

test('what was forgotten before a kill is gone from the log as soon as the relay runs again', async () => {
  for (const mark of ['one', 'two']) await acceptAndEnd(mark);
  await store.forgetNumber(['number<one>']);
  await acceptAndEnd('three');
  await store.amend('call-two', () => ({ forget: true }));
  const killed = copyAsKilled();
  expect(traces('two', killed)).toEqual(expect.arrayContaining(['number']));
  const again = sqliteStore({ path: killed, clock: fakeClock() });
  expect(traces('two', killed)).toEqual(KEY_KINDS);
  expect(await again.find('call-three')).toMatchObject({ sealedNumber: 'sealed<three>' });
  await again.close();
});

test('the bytes of an idempotency key that has lived out are gone as well', async () => {
  await acceptAndEnd('one');
  await store.forgetNumber(['number<one>']);
  vi.advanceTimersByTime(60_000);
  clock.set(clock.now() + KEY_LIFE_MS);
  await store.takeDue(1, () => ({ forget: true }));
  vi.advanceTimersByTime(60_000);
  expect(traces('one')).toEqual([]);
});

test('much forgetting shares one clearing of the log a minute', async () => {
  for (const mark of ['one', 'two', 'three']) await acceptAndEnd(mark);
  await store.forgetNumber(['number<one>']);
  expect(statSync(`${path}-wal`).size).toBe(0);
  await store.amend('call-two', () => ({ forget: true }));
  await store.takeDue(1, () => undefined);
  await store.amend('call-three', () => ({ forget: true }));
  vi.advanceTimersByTime(59_999);
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
  vi.advanceTimersByTime(1);
  expect(statSync(`${path}-wal`).size).toBe(0);
  for (const mark of ['two', 'three']) expect(traces(mark)).toEqual(KEY_KINDS);
  await acceptAndEnd('four');
  vi.advanceTimersByTime(600_000);
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
});

test('neither a token that was used up nor one that was erased stays in database or log', async () => {
  const stays = (text: string) => [path, `${path}-wal`].some((name) => readFileSync(name, 'latin1').includes(text));
  const sealed = (mark: string) => `token<${mark}>`.repeat(300);
  await store.swapCredential('portal', undefined, sealed('first'));
  expect(stays('token<first>')).toBe(true);
  await store.swapCredential('portal', 1, sealed('second'));
  expect(stays('token<first>')).toBe(false);
  expect(stays('token<second>')).toBe(true);
  await store.swapCredential('portal', 2, undefined);
  vi.advanceTimersByTime(60_000);
  expect(stays('token<second>')).toBe(false);
});
