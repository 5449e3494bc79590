/** Opens the database file, or says in one sentence for the operator why it can't be used and what to do. */
import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { MIGRATIONS } from './sql-schema.ts';

/** Marks the file as ours (`PRAGMA application_id`), so that another program's database is left alone: "Ring". */
const APPLICATION_ID = 0x52696e67;
/** Up to 3.51.2 a checkpoint could, rarely, corrupt a database in WAL mode (https://sqlite.org/wal.html#walresetbug). */
const OLDEST_SQLITE = '3.51.3';
/** A relay that is being replaced may still be finishing its last calls. */
const LOCK_WAIT_MS = 2_000;
/** Some 70,000 calls, checked within about a second. A million would take a quarter of a minute. */
const WHOLE_UP_TO_BYTES = 64 * 1024 * 1024;

export interface OpenOptions {
  /** File, or `:memory:`. */
  path: string;
  migrations?: readonly (readonly string[])[];
  lockWaitMs?: number;
  wholeUpToBytes?: number;
}

export function openSqlite({
  path,
  migrations = MIGRATIONS,
  lockWaitMs = LOCK_WAIT_MS,
  wholeUpToBytes = WHOLE_UP_TO_BYTES,
}: OpenOptions): Database.Database {
  if (path !== ':memory:') makeFile(path);
  const database = new Database(path, { timeout: lockWaitMs });
  try {
    requireVersion(database);
    lockAndSet(database);
    requireSound(database, path, wholeUpToBytes);
    migrate(database, path, migrations);
    emptyLog(database);
    return database;
  } catch (error) {
    database.close();
    throw explain(error, path);
  }
}

/** Folder and file can be read by the relay's own user alone; SQLite gives the files that it makes beside it the same mode. */
function makeFile(path: string): void {
  const folder = dirname(resolve(path));
  try {
    const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
    closeSync(openSync(path, 'a', 0o600));
    // A name survives a power cut only once the folder that it stands in has been written.
    if (made !== undefined && process.platform !== 'win32') for (const name of [folder, dirname(made)]) syncFolder(name);
  } catch (error) {
    throw new Error(`The database ${path} can't be made or opened (${codeOf(error)}). Give the relay's user the right to write there.`, {
      cause: error,
    });
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function requireVersion(database: Database.Database): void {
  const version = database.prepare('SELECT sqlite_version()').pluck().get() as string;
  if (!isAtLeast(version, OLDEST_SQLITE)) {
    throw new Error(`SQLite ${version} can corrupt a database; Ringback needs ${OLDEST_SQLITE} or newer. Reinstall better-sqlite3.`);
  }
}

/** Compares dotted versions number by number. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [left, right] = [version, oldest].map((text) => text.split('.').map(Number));
  for (let index = 0; index < 3; index += 1) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function lockAndSet(database: Database.Database): void {
  // Before the first access, so that the lock is the system's own, held for life, and gone with the process even after kill -9.
  database.pragma('locking_mode = EXCLUSIVE');
  const journal = database.pragma('journal_mode = WAL', { simple: true });
  database.exec('BEGIN EXCLUSIVE; COMMIT');

  const settings = { synchronous: 2, secure_delete: 1, foreign_keys: 1, trusted_schema: 0 };
  for (const [name, value] of Object.entries(settings)) {
    database.pragma(`${name} = ${value}`);
    const found = database.pragma(name, { simple: true });
    if (found !== value) throw new Error(`SQLite did not take ${name} = ${value} but says ${found}: accepted calls would not be safe.`);
  }
  if (journal !== (database.memory ? 'memory' : 'wal')) {
    throw new Error(
      `The file system under ${database.name} does not take SQLite's WAL mode (${journal}). Put the database on a local disk.`,
    );
  }
  // macOS alone: there an ordinary fsync leaves the bytes in the drive's own memory.
  database.pragma('fullfsync = 1');
  database.pragma('checkpoint_fullfsync = 1');
  // A page that many accepts touch is then carried over into the database once for all of them. 4,000 pages are 16 MB.
  database.pragma('wal_autocheckpoint = 4000');
  // Personal data is not to spill into temporary files.
  database.pragma('temp_store = MEMORY');
}

/** Of a large one only the pages are looked at, and no entry of an index is held against its row: a start is not to take half a minute. */
function requireSound(database: Database.Database, path: string, wholeUpToBytes: number): void {
  const bytes = Number(database.pragma('page_count', { simple: true })) * Number(database.pragma('page_size', { simple: true }));
  const found = database.pragma(bytes <= wholeUpToBytes ? 'integrity_check(1)' : 'quick_check(1)', { simple: true });
  if (found !== 'ok') throw new Error(DAMAGED(path));
}

/** Brings the tables up to date, each step in a transaction of its own. */
function migrate(database: Database.Database, path: string, migrations: readonly (readonly string[])[]): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  const application = database.pragma('application_id', { simple: true });
  const tables = database.prepare('SELECT COUNT(*) FROM sqlite_schema').pluck().get() as number;
  const isNew = version === 0 && tables === 0 && application === 0;
  if (!isNew && application !== APPLICATION_ID) {
    throw new Error(`${path} is the database of another program. Name another file for the relay.`);
  }
  if (version > migrations.length) {
    throw new Error(
      `${path} was written by a newer Ringback (schema ${version}; this one knows ${migrations.length}). ` +
        'Start the newer version, or restore a copy from before the upgrade.',
    );
  }
  migrations.slice(version).forEach((statements, index) => {
    database.transaction(() => {
      for (const statement of statements) database.exec(statement);
      database.pragma(`application_id = ${APPLICATION_ID}`);
      database.pragma(`user_version = ${version + index + 1}`);
    })();
  });
}

/** Whoever was killed may have left in the log what was forgotten in the database. A full disk keeps nobody from starting. */
function emptyLog(database: Database.Database): void {
  try {
    database.pragma('wal_checkpoint(TRUNCATE)');
  } catch (error) {
    if (codeOf(error) !== 'SQLITE_FULL') throw error;
  }
}

function explain(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (code === 'SQLITE_BUSY' || code.startsWith('SQLITE_BUSY_')) {
    return new Error(
      `${path} is in use by another process. A SQLite database serves one relay at a time: stop the other one ` +
        `(\`fuser ${path}\` names it on Linux) or give this one a file of its own.`,
      { cause: error },
    );
  }
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) return new Error(DAMAGED(path), { cause: error });
  if (code.startsWith('SQLITE_'))
    return new Error(`${path} can't be opened (${code}). Look at the disk and at who may write there.`, { cause: error });
  return error;
}

const DAMAGED = (path: string) =>
  `${path} is damaged or is no SQLite database; the relay does not start with it. Move it and its -wal file away for ` +
  'rescue, then restore a copy or start with a new file.';

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
