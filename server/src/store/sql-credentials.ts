/** What provider accounts were given at run time: read with its version, and changed only by who has read the newest. */
import { query, type SqlUnit } from './sql-driver.ts';
import type { Credential } from './store.ts';

const SELECT = 'SELECT sealed, version FROM credentials WHERE credential_key = ?';
const UPSERT = `INSERT INTO credentials (credential_key, sealed, version) VALUES (?, ?, ?)
  ON CONFLICT (credential_key) DO UPDATE SET sealed = excluded.sealed, version = excluded.version`;

export function* selectCredential(key: string): SqlUnit<Credential | undefined> {
  const [row] = yield* query<[string | null, number]>(SELECT, [key]);
  if (row === undefined) return undefined;
  const [sealed, version] = row;
  return sealed === null ? undefined : { sealed, version };
}

/** `erased` is told when an earlier text is gone, whether another took its place or not: a token that was used up is still a secret. */
export function* swapCredential(
  key: string,
  version: number | undefined,
  sealed: string | undefined,
  erased: () => void,
): SqlUnit<boolean> {
  const [row] = yield* query<[string | null, number]>(SELECT, [key]);
  const [text, newest] = row ?? [null, 0];
  const standing = text === null ? undefined : newest;
  if (standing !== version) return false;
  // There is nothing to erase, and nothing has changed.
  if (text === null && sealed === undefined) return true;
  yield* query(UPSERT, [key, sealed ?? null, newest + 1]);
  if (text !== null) erased();
  return true;
}
