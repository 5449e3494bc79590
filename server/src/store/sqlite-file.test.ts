import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MIGRATIONS } from './sql-schema.ts';
import { isAtLeast, openSqlite } from './sqlite-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringback-file-'));
  path = join(folder, 'made', 'for', 'it', 'ringback.db');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Name and text of everything in the schema. */
const schemaOf = (database: Database.Database) => database.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all();

test('every setting that accepted calls rely on is in force', () => {
  const database = openSqlite({ path });
  const settingOf = (name: string) => database.pragma(name, { simple: true });
  expect(settingOf('journal_mode')).toBe('wal');
  expect(settingOf('synchronous')).toBe(2);
  expect(settingOf('locking_mode')).toBe('exclusive');
  expect(settingOf('secure_delete')).toBe(1);
  expect(settingOf('foreign_keys')).toBe(1);
  expect(settingOf('trusted_schema')).toBe(0);
  expect(settingOf('temp_store')).toBe(2);
  expect(settingOf('user_version')).toBe(MIGRATIONS.length);
  expect(isAtLeast(String(database.prepare('SELECT sqlite_version()').pluck().get()), '3.51.3')).toBe(true);
  database.close();
});

test.skipIf(process.platform === 'win32')("the file, its folder and what SQLite makes beside it are the relay's alone", () => {
  const database = openSqlite({ path });
  const modeOf = (name: string) => statSync(name).mode & 0o777;
  expect(modeOf(path)).toBe(0o600);
  expect(modeOf(`${path}-wal`)).toBe(0o600);
  for (const name of ['made', 'made/for', 'made/for/it']) expect(modeOf(join(folder, name))).toBe(0o700);
  database.close();
});

test('a place where nothing can be made is named', () => {
  writeFileSync(join(folder, 'made'), 'a file, no folder');
  expect(() => openSqlite({ path })).toThrow(/ringback\.db can't be made or opened \((ENOTDIR|EEXIST)\)/);
});

test('a database of a newer version is refused and left as it is', () => {
  const newer = openSqlite({ path, migrations: [...MIGRATIONS, ['CREATE TABLE from_the_future (id TEXT)']] });
  const schema = schemaOf(newer);
  newer.close();
  expect(() => openSqlite({ path })).toThrow(
    `was written by a newer Ringback (schema ${MIGRATIONS.length + 1}; this one knows ${MIGRATIONS.length})`,
  );
  const reopened = new Database(path);
  expect(schemaOf(reopened)).toEqual(schema);
  reopened.close();
});

test("another program's database is refused and left as it is", () => {
  path = join(folder, 'theirs.db');
  const theirs = new Database(path);
  theirs.exec('CREATE TABLE their_data (id TEXT)');
  theirs.close();
  expect(() => openSqlite({ path })).toThrow(/theirs\.db is the database of another program/);
  const reopened = new Database(path);
  expect(schemaOf(reopened)).toEqual([{ name: 'their_data', sql: 'CREATE TABLE their_data (id TEXT)' }]);
  reopened.close();
});

test('a file that is no database is refused', () => {
  path = join(folder, 'text.db');
  writeFileSync(path, 'This is a text and no database. '.repeat(200));
  expect(() => openSqlite({ path })).toThrow(/text\.db is damaged or is no SQLite database/);
});

test('a database with a page that is none any more is refused', () => {
  const database = openSqlite({ path });
  const insert = database.prepare('INSERT INTO counts (counted_key, counted_at, nth, member, expires_at) VALUES (?, ?, ?, ?, ?)');
  database.transaction(() => {
    for (let count = 0; count < 2_000; count += 1) insert.run(`key-${count}`, count, 1, `member-${count}`, count);
  })();
  database.close();
  const sound = readFileSync(path);
  for (const page of [2, 10, Math.floor(sound.length / 4096) - 1]) {
    const damaged = Buffer.from(sound);
    damaged.fill(0xff, page * 4096, page * 4096 + 64);
    writeFileSync(path, damaged);
    expect(() => openSqlite({ path }), `page ${page}`).toThrow(/is damaged or is no SQLite database/);
  }
  writeFileSync(path, sound);
  openSqlite({ path }).close();
});

test('a row and its index that say different things are refused, unless the database is too large to look at every entry', () => {
  const database = openSqlite({ path });
  const insert = database.prepare(
    `INSERT INTO calls (id, site, state, number_key, sealed_number, country, accepted_at, dial_before, attempts, fence, held_until,
       idempotency_key, fingerprint) VALUES (?, 'shop', 'accepted', ?, 'sealed', 'DE', 1, 2, 0, 0, 3, ?, 'print')`,
  );
  for (let count = 0; count < 100; count += 1) insert.run(`call-${count}`, `number-${count}`, `key-${count}`);
  database.close();
  const sound = readFileSync(path);
  const places = [sound.indexOf('number-50'), sound.lastIndexOf('number-50')];
  expect(new Set(places).size).toBe(2);
  for (const place of places) {
    const damaged = Buffer.from(sound);
    damaged.write('x', place + 2);
    writeFileSync(path, damaged);
    expect(() => openSqlite({ path })).toThrow(/is damaged or is no SQLite database/);
    openSqlite({ path, wholeUpToBytes: 0 }).close();
  }
});

test('a second opening is refused while the first is there, and not after', () => {
  const first = openSqlite({ path });
  expect(() => openSqlite({ path, lockWaitMs: 10 })).toThrow(/is in use by another process/);
  first.close();
  openSqlite({ path }).close();
});

test('every earlier version becomes the present one, with what it held', () => {
  const fresh = openSqlite({ path: ':memory:' });
  const present = schemaOf(fresh);
  fresh.close();
  for (const version of MIGRATIONS.keys()) {
    path = join(folder, `version-${version}.db`);
    openSqlite({ path, migrations: MIGRATIONS.slice(0, version) }).close();
    const upgraded = openSqlite({ path });
    expect(schemaOf(upgraded), `from ${version}`).toEqual(present);
    expect(upgraded.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    upgraded.close();
  }
});

test('steps are taken once, in order, and one that fails is taken back whole', () => {
  const steps = [['CREATE TABLE one (id TEXT)'], ["INSERT INTO one VALUES ('kept')"], ['ALTER TABLE one ADD COLUMN more TEXT']];
  openSqlite({ path, migrations: steps.slice(0, 2) }).close();
  const failing = [...steps, ['CREATE TABLE half (id TEXT)', 'INSERT INTO nowhere VALUES (1)']];
  expect(() => openSqlite({ path, migrations: failing })).toThrow();
  const database = openSqlite({ path, migrations: steps });
  expect(database.pragma('user_version', { simple: true })).toBe(3);
  expect(database.prepare('SELECT * FROM one').all()).toEqual([{ id: 'kept', more: null }]);
  expect(schemaOf(database)).toHaveLength(1);
  database.close();
});

test('versions are compared number by number', () => {
  expect(isAtLeast('3.51.3', '3.51.3')).toBe(true);
  expect(isAtLeast('3.53.0', '3.51.3')).toBe(true);
  expect(isAtLeast('4.0', '3.51.3')).toBe(true);
  expect(isAtLeast('3.51.2', '3.51.3')).toBe(false);
  expect(isAtLeast('3.9.30', '3.51.3')).toBe(false);
  expect(isAtLeast('3.51', '3.51.3')).toBe(false);
});
