/**
 * Runs units of work on SQLite, many in one commit. A commit costs one wait for the disk however much it holds, so units that
 * are asked for within one turn of the event loop share it; none is answered before it is on the disk.
 */
import Database from 'better-sqlite3';
import type { SqlDriver, SqlRow, SqlStatement, SqlUnit } from './sql-driver.ts';
import { StoreUnavailable } from './store.ts';

/** Keeps one commit, during which nothing else runs in the process, to a few milliseconds. */
const MAX_UNITS_PER_COMMIT = 256;

/** A checkpoint costs two waits for the disk, so not every erasure has one of its own. */
const SCRUB_EVERY_MS = 60_000;

/**
 * After these the file, or what the system remembers of it, is no longer what it was: an fsync that failed may not be tried
 * again, because the system may have dropped what it could not write.
 */
const FATAL_CODES = ['SQLITE_IOERR', 'SQLITE_CORRUPT', 'SQLITE_NOTADB', 'SQLITE_READONLY', 'SQLITE_CANTOPEN'];
/** The database could not do it now: disk full, locked, out of memory. */
const PASSING_CODES = ['SQLITE_FULL', 'SQLITE_BUSY', 'SQLITE_LOCKED', 'SQLITE_NOMEM', 'SQLITE_PROTOCOL', 'SQLITE_INTERRUPT'];

interface Job {
  unit: () => SqlUnit<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** `database` is the driver's alone from now on. `onFatal` is told once, when nothing further will work. */
export function sqliteDriver(database: Database.Database, onFatal: (error: StoreUnavailable) => void = () => {}): SqlDriver {
  const statements = new Map<string, Database.Statement>();
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');
  let waiting: Job[] = [];
  let flushing = false;
  let over: StoreUnavailable | undefined;
  let closed: Promise<void> | undefined;
  let scrubbedAt = Number.NEGATIVE_INFINITY;
  let nextScrub: NodeJS.Timeout | undefined;

  function flushLater(): void {
    if (flushing || waiting.length === 0) return;
    flushing = true;
    setImmediate(() => {
      flushing = false;
      const jobs = waiting.slice(0, MAX_UNITS_PER_COMMIT);
      waiting = waiting.slice(MAX_UNITS_PER_COMMIT);
      runTogether(jobs);
      flushLater();
    });
  }

  /** One that fails takes the others' work back with it, so each is then run by itself and only the guilty one fails. */
  function runTogether(jobs: readonly Job[]): void {
    let values: unknown[];
    try {
      if (over) throw over;
      begin.run();
      values = jobs.map(({ unit }) => runUnit(unit()));
      commit.run();
    } catch (error) {
      const reason = undo(error);
      const [first] = jobs;
      if (jobs.length === 1) first?.reject(reason);
      else for (const job of jobs) runTogether([job]);
      return;
    }
    jobs.forEach((job, index) => {
      job.resolve(values[index]);
    });
  }

  function runUnit<T>(unit: SqlUnit<T>): T {
    let step = unit.next();
    while (!step.done) step = unit.next(rowsOf(step.value));
    return step.value;
  }

  function rowsOf({ sql, params }: SqlStatement): SqlRow[] {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      if (statement.reader) statement.raw();
      statements.set(sql, statement);
    }
    if (statement.reader) return statement.all(params) as SqlRow[];
    statement.run(params);
    return [];
  }

  /** Takes back what the failed transaction did, and says what its units are to be told. */
  function undo(error: unknown): unknown {
    const reason = reasonOf(error);
    const lost = reason instanceof StoreUnavailable && reason.permanent;
    try {
      if (database.inTransaction) rollback.run();
    } catch (failure) {
      // What half a transaction left behind can't be built upon.
      return stop(lost ? reason : new StoreUnavailable(LOST, { permanent: true, cause: failure }));
    }
    return lost ? stop(reason) : reason;
  }

  /** secure_delete has overwritten what stood in the database; the write-ahead log still holds the pages as they were. */
  async function scrub(): Promise<void> {
    if (over) throw over;
    clearTimeout(nextScrub);
    nextScrub = undefined;
    scrubbedAt = performance.now();
    try {
      database.pragma('wal_checkpoint(TRUNCATE)');
    } catch (error) {
      throw undo(error);
    }
  }

  /** Nobody waits for it: what stays now goes with the next one, or at the next start. */
  function scrubUnasked(): void {
    scrub().catch(() => {});
  }

  function stop(reason: StoreUnavailable): StoreUnavailable {
    if (over) return over;
    over = reason;
    onFatal(reason);
    return reason;
  }

  async function close(): Promise<void> {
    while (waiting.length > 0) await new Promise<void>((resolve) => setImmediate(resolve));
    clearTimeout(nextScrub);
    over ??= new StoreUnavailable('The store has been closed.', { permanent: true });
    database.close();
  }

  return {
    run<T>(unit: () => SqlUnit<T>) {
      return new Promise<T>((resolve, reject) => {
        if (over || closed) return reject(over ?? new StoreUnavailable('The store is being closed.', { permanent: true }));
        waiting.push({ unit, resolve: (value) => resolve(value as T), reject });
        flushLater();
      });
    },
    scrub,
    scrubSoon() {
      if (nextScrub !== undefined || closed) return;
      const waitMs = scrubbedAt + SCRUB_EVERY_MS - performance.now();
      if (waitMs <= 0) scrubUnasked();
      else nextScrub = setTimeout(scrubUnasked, waitMs).unref();
    },
    close() {
      closed ??= close();
      return closed;
    },
  };
}

const LOST = 'The database can no longer be trusted to keep what it is given. Look at the disk, then start the relay anew.';
const BUSY = 'The database could not be written to.';

/** Broken rules of the schema and faults in a unit come out as they are; trouble of the database is named. */
function reasonOf(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const isOneOf = (codes: readonly string[]) => codes.some((code) => error.code === code || error.code.startsWith(`${code}_`));
  if (isOneOf(FATAL_CODES)) return new StoreUnavailable(`${LOST} (${error.code})`, { permanent: true, cause: error });
  if (isOneOf(PASSING_CODES)) return new StoreUnavailable(`${BUSY} (${error.code})`, { permanent: false, cause: error });
  return error;
}
