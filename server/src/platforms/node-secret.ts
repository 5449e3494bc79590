/** The deployment's secrets: the one in use, as configured or made once beside the SQLite file, and those from before. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config/config.ts';
import { giveToOwnerOf } from './file-owner.ts';

const SECRET_BYTES = 32;

export interface DeploymentSecrets {
  secret: Uint8Array;
  /** Newest first. */
  previous: readonly Uint8Array[];
}

/** Throws if the file is there but is not one of ours: a new secret would make every stored number unreadable. */
export function readSecrets({ secret, previousSecrets, store }: Pick<Config, 'secret' | 'previousSecrets' | 'store'>): DeploymentSecrets {
  const previous = previousSecrets.map((one) => new TextEncoder().encode(one.reveal()));
  const isInMemory = store.path === ':memory:';
  const path = `${store.path}.secret`;
  if (secret === undefined) return { secret: isInMemory ? randomBytes(SECRET_BYTES) : readOrMakeSecret(path, store.path), previous };
  // A relay that began with a made secret and is given its own later keeps reading what it has stored.
  const made = !isInMemory && existsSync(path) ? [readSecret(path)] : [];
  return { secret: new TextEncoder().encode(secret.reveal()), previous: [...previous, ...made] };
}

function readOrMakeSecret(path: string, databasePath: string): Uint8Array {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(path, randomBytes(SECRET_BYTES).toString('base64'), { flag: 'wx', mode: 0o600 });
    giveToOwnerOf(databasePath, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readSecret(path);
}

function readSecret(path: string): Uint8Array {
  const secret = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64');
  if (secret.length !== SECRET_BYTES) {
    throw new Error(`${path} does not hold a secret of this relay. Put the right file back, or set RINGBACK_SECRET.`);
  }
  return secret;
}
