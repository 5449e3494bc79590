/** What counts once: solved proofs, and requests that were refused. */
import { query, type SqlUnit } from './sql-driver.ts';

const SELECT_NONCE = 'SELECT 1 FROM nonces WHERE nonce_key = ?';
const INSERT_NONCE = 'INSERT INTO nonces (nonce_key, expires_at) VALUES (?, ?) ON CONFLICT (nonce_key) DO NOTHING RETURNING 1';

/** False: it was used up before. */
export function* useUp(key: string, until: number): SqlUnit<boolean> {
  return (yield* query(INSERT_NONCE, [key, until])).length > 0;
}

export function* isUsedUp(keys: readonly string[]): SqlUnit<boolean> {
  for (const key of keys) {
    if ((yield* query(SELECT_NONCE, [key])).length > 0) return true;
  }
  return false;
}
