/** A token among the credentials of the account. Without a store that can be read or written, calls go on with what is in memory. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Secret } from '../../config/secret.ts';
import type { Credentials } from '../credentials.ts';
import { isRecord } from '../exchange.ts';

export interface KnownToken {
  token: string;
  /** Not used from then on, epoch ms. */
  until: number;
}

export interface KeptToken {
  /** Undefined: none is kept, or one that is not for these settings. */
  known: KnownToken | undefined;
  version: number | undefined;
}

export interface KeptTokens {
  read(): Promise<KeptToken>;
  /** Keeps `given` in place of what was read. Where somebody was faster, the token which that one has kept. */
  replace(before: KeptToken, given: KnownToken): Promise<KnownToken | undefined>;
}

export interface KeptTokensOptions {
  name: string;
  origin: string;
  appId: string;
  appSecret: Secret;
  credentials: Credentials | undefined;
}

export function keptTokens({ name, origin, appId, appSecret, credentials }: KeptTokensOptions): KeptTokens {
  const key = `telphin:${name}`;
  // With other settings the account is another one: its token is neither sent to another host, nor does it hide a wrong secret.
  const owner = digestOf([origin, appId, appSecret.reveal()]);

  async function read(): Promise<KeptToken> {
    try {
      const kept = await credentials?.read(key);
      return { known: kept?.text === undefined ? undefined : readText(kept.text, owner), version: kept?.version };
    } catch {
      return { known: undefined, version: undefined };
    }
  }

  return {
    read,
    async replace({ version }, { token, until }) {
      const text = JSON.stringify({ owner: owner, token, until: Number.isFinite(until) ? until : null });
      try {
        if (credentials === undefined || (await credentials.swap(key, version, text))) return undefined;
      } catch {
        return undefined;
      }
      return (await read()).known;
    },
  };
}

function readText(text: string, owner: string): KnownToken | undefined {
  const kept: unknown = JSON.parse(text);
  if (!isRecord(kept) || kept.owner !== owner || typeof kept.token !== 'string') return undefined;
  return { token: kept.token, until: typeof kept.until === 'number' ? kept.until : Number.POSITIVE_INFINITY };
}

function digestOf(parts: readonly string[]): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(parts))));
}
