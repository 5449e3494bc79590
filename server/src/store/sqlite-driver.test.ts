import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { query, type SqlDriver, type SqlUnit } from './sql-driver.ts';
import { sqliteDriver } from './sqlite-driver.ts';
import { openSqlite } from './sqlite-file.ts';
import { StoreUnavailable } from './store.ts';

let folder: string;
let path: string;
let database: Database.Database;
let driver: SqlDriver;
let fatal: StoreUnavailable[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringback-driver-'));
  path = join(folder, 'notes.db');
  database = openSqlite({ path, migrations: [['CREATE TABLE notes (id INTEGER NOT NULL PRIMARY KEY, note TEXT NOT NULL)']] });
  fatal = [];
  driver = sqliteDriver(database, (error) => fatal.push(error));
});
afterEach(async () => {
  await driver.close();
  rmSync(folder, { recursive: true });
});

const INSERT = 'INSERT INTO notes (id, note) VALUES (?, ?)';

function* write(id: number, note = 'note'): SqlUnit<number> {
  yield* query(INSERT, [id, note]);
  return id;
}

function* writeThenThrow(id: number, error: Error): SqlUnit<never> {
  yield* write(id);
  throw error;
}

function* readIds(): SqlUnit<number[]> {
  const rows = yield* query<[number]>('SELECT id FROM notes ORDER BY id', []);
  return rows.map(([id]) => id);
}

/** Commits that stand in the write-ahead log: the last frame of each says how many pages the database has. */
function countCommits(): number {
  const [header, frame] = [32, 24 + 4096];
  const log = existsSync(`${path}-wal`) ? readFileSync(`${path}-wal`) : Buffer.alloc(0);
  let commits = 0;
  for (let at = header; at + frame <= log.length; at += frame) if (log.readUInt32BE(at + 4) > 0) commits += 1;
  return commits;
}

test('units asked for in one turn share one commit, and none is answered before it', async () => {
  const before = countCommits();
  const seen: number[] = [];
  const answers = Array.from({ length: 50 }, (_, id) =>
    driver
      .run(() => write(id))
      .then((answer) => {
        seen.push(countCommits() - before);
        return answer;
      }),
  );
  expect(countCommits()).toBe(before);
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 50 }, (_, id) => id));
  expect(new Set(seen)).toEqual(new Set([1]));
});

test('more units than one commit takes are all done, in the order they were asked for', async () => {
  const done: number[] = [];
  await Promise.all(Array.from({ length: 700 }, (_, id) => driver.run(() => write(id)).then((answer) => done.push(answer))));
  expect(done).toEqual(Array.from({ length: 700 }, (_, id) => id));
});

test('a unit sees what those before it wrote', async () => {
  const [, ids] = await Promise.all([driver.run(() => write(1)), driver.run(readIds)]);
  expect(ids).toEqual([1]);
});

test('of units that share a commit only the one that throws fails, and nothing of it stays', async () => {
  const fault = new Error('a fault in one unit');
  const results = await Promise.allSettled([
    driver.run(() => write(1)),
    driver.run(() => writeThenThrow(2, fault)),
    driver.run(() => write(3)),
  ]);
  expect(results).toEqual([
    { status: 'fulfilled', value: 1 },
    { status: 'rejected', reason: fault },
    { status: 'fulfilled', value: 3 },
  ]);
  expect(await driver.run(readIds)).toEqual([1, 3]);
  expect(fatal).toEqual([]);
});

test('a broken rule of the schema is a fault of the unit and not of the store', async () => {
  await driver.run(() => write(1));
  const again = driver.run(() => write(1));
  await expect(again).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_PRIMARYKEY' });
  await expect(again).rejects.not.toBeInstanceOf(StoreUnavailable);
  expect(await driver.run(() => write(2))).toBe(2);
});

test('when the disk is full that call fails, reading goes on, and with room again so does writing', async () => {
  await driver.run(() => write(1));
  const pages = database.pragma('page_count', { simple: true });
  database.pragma(`max_page_count = ${pages}`);
  const [full, small, ids] = await Promise.allSettled([
    driver.run(() => write(2, 'x'.repeat(50_000))),
    driver.run(() => write(3)),
    driver.run(readIds),
  ]);
  expect(full).toMatchObject({
    status: 'rejected',
    reason: { name: 'StoreUnavailable', permanent: false, cause: { code: 'SQLITE_FULL' } },
  });
  expect(small).toEqual({ status: 'fulfilled', value: 3 });
  expect(ids).toEqual({ status: 'fulfilled', value: [1, 3] });
  expect(fatal).toEqual([]);
  database.pragma('max_page_count = 1000000');
  expect(await driver.run(() => write(2, 'x'.repeat(50_000)))).toBe(2);
});

test('after an error of the disk nothing is promised any more, and the process is told once', async () => {
  await driver.run(() => write(1));
  const results = await Promise.allSettled([
    driver.run(() => write(2)),
    driver.run(() => writeThenThrow(3, new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_FSYNC'))),
    driver.run(() => write(4)),
  ]);
  for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: { name: 'StoreUnavailable', permanent: true } });
  await expect(driver.run(readIds)).rejects.toMatchObject({ name: 'StoreUnavailable', permanent: true });
  expect(fatal).toHaveLength(1);
  expect(fatal[0]?.message).toContain('SQLITE_IOERR_FSYNC');
  expect(database.prepare('SELECT id FROM notes').pluck().all()).toEqual([1]);
});

test('closing waits for what was begun and takes nothing more', async () => {
  const begun = driver.run(() => write(1));
  const closing = driver.close();
  await expect(driver.run(() => write(2))).rejects.toMatchObject({ name: 'StoreUnavailable', permanent: true });
  expect(await begun).toBe(1);
  await closing;
  await driver.close();
  const reopened = new Database(path);
  expect(reopened.prepare('SELECT id FROM notes').pluck().all()).toEqual([1]);
  reopened.close();
  expect(fatal).toEqual([]);
});
