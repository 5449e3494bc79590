/**
 * What the SQL store asks of a database: run one unit of work as if nothing else ran beside it. A unit is a generator that
 * yields statements and is handed their rows, so one text serves engines that answer at once and engines that answer later.
 * Statements keep to what SQLite and PostgreSQL both understand; placeholders are `?`.
 */
export type SqlValue = string | number | null;
/** Values in the order in which the statement names its columns. */
export type SqlRow = readonly SqlValue[];

export interface SqlStatement {
  /** One of few fixed texts, so that a driver may keep it prepared. Values never stand in it. */
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** May be run again from the start when its transaction has failed, so it must have no effect but its statements. */
export type SqlUnit<T> = Generator<SqlStatement, T, SqlRow[]>;

export interface SqlDriver {
  /**
   * Runs the unit in a transaction; the answer comes after a durable commit. What the unit throws undoes it and comes out.
   * Rejects with `StoreUnavailable` where the database is the trouble.
   */
  run<T>(unit: () => SqlUnit<T>): Promise<T>;
  /**
   * What was erased is gone from logs and free space as well when this is answered. To be called when the unit that erased has been
   * answered. Rejects with `StoreUnavailable` like `run`.
   */
  scrub(): Promise<void>;
  /** The same within a minute: asking often costs no more. What is not done by the end of the process is done by its next start. */
  scrubSoon(): void;
  /** Waits for what was begun, then lets go of the database. */
  close(): Promise<void>;
}

/** One statement of a unit; `Row` is what its author knows of the columns. */
export function* query<Row extends SqlRow = SqlRow>(sql: string, params: readonly SqlValue[]): SqlUnit<Row[]> {
  return (yield { sql, params }) as unknown as Row[];
}
