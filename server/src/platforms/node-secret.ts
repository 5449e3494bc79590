/** The deployment's secret: as configured, or made once beside the SQLite file. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Secret } from '../config/secret.ts';

const SECRET_BYTES = 32;

/** Throws if the file is there but is not one of ours: a new secret would make every stored number unreadable. */
export function readOrMakeSecret(configured: Secret | undefined, databasePath: string): Uint8Array {
  if (configured !== undefined) return new TextEncoder().encode(configured.reveal());
  if (databasePath === ':memory:') return randomBytes(SECRET_BYTES);
  const path = `${databasePath}.secret`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(path, randomBytes(SECRET_BYTES).toString('base64'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const secret = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64');
  if (secret.length !== SECRET_BYTES) {
    throw new Error(`${path} does not hold a secret of this relay. Put the right file back, or set RINGBACK_SECRET.`);
  }
  return secret;
}
