/** The embedded store: one SQLite file, one process. */
import type { Clock } from '../clock.ts';
import { sqlStore } from './sql-store.ts';
import { sqliteDriver } from './sqlite-driver.ts';
import { openSqlite } from './sqlite-file.ts';
import type { Store, StoreUnavailable } from './store.ts';

export interface SqliteStoreOptions {
  /** File that is made if absent, with its folders; `:memory:` for one that ends with the process. */
  path: string;
  clock: Clock;
  /** Told once when the store can no longer promise anything. The process has to stop and be started anew. */
  onFatal?: ((error: StoreUnavailable) => void) | undefined;
  /** For how long another process may still hold the file. */
  lockWaitMs?: number | undefined;
}

/** Throws an `Error` for the operator, naming the file and what to do, if the file cannot be used. */
export function sqliteStore({ path, clock, onFatal, lockWaitMs }: SqliteStoreOptions): Store {
  return sqlStore(sqliteDriver(openSqlite({ path, ...(lockWaitMs !== undefined && { lockWaitMs }) }), onFatal), clock);
}
