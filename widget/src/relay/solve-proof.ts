/**
 * The page's side of a proof of work. WebCrypto derives its keys outside the main thread by itself, so several under way at once
 * use the whole machine without a worker, and the page stays smooth.
 */
import type { Challenge } from '../../../server/src/contract/challenge.ts';

/** What the relay puts in `parameters`; bytes are hexadecimal digits. Its keys are made by PBKDF2 with SHA-256 and have 256 bits. */
interface PowParameters {
  nonce: string;
  salt: string;
  cost: number;
  keyPrefix: string;
}

/** More gain nothing; on a machine with fewer threads they wait in the browser's own queue. */
const AT_ONCE = 8;

/** Far beyond what a relay asks: a challenge without a solution must not run a visitor's battery down. */
const MAX_COUNTER = 1e5;

/**
 * The text for `proof`. Rejects with the reason of `signal` when that aborts, and where the page has no `crypto.subtle`, as on
 * plain http, and for a challenge of another kind.
 */
export async function solveProof(challenge: Challenge, { signal }: { signal: AbortSignal }): Promise<string> {
  // No other kind of challenge has parameters, and none can be solved here: reading them then is the rejection.
  const { parameters, signature } = challenge as Extract<Challenge, { kind: 'pow' }>;
  const { nonce, salt, cost, keyPrefix } = parameters as unknown as PowParameters;
  const { subtle } = crypto;
  if (!subtle) throw new Error('Proof needs https');
  let counter = 0;
  let proof = '';

  async function search(): Promise<void> {
    while (!proof && counter < MAX_COUNTER) {
      signal.throwIfAborted();
      const solution = { counter: counter++, derivedKey: '' };
      const password = toBytes(nonce + toHex(solution.counter, 8));
      const key = await subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
      const bits = await subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: toBytes(salt), iterations: cost }, key, 256);
      solution.derivedKey = Array.from(new Uint8Array(bits), (byte) => toHex(byte, 2)).join('');
      if (solution.derivedKey.startsWith(keyPrefix)) proof = JSON.stringify({ challenge: { parameters, signature }, solution });
    }
  }

  await Promise.all(Array.from({ length: AT_ONCE }, search));
  if (!proof) throw new Error('No solution');
  // Base64url: `+` and `/` come only of `>`, `?` and `~` in ASCII, and a challenge has none of them.
  return btoa(proof).replace(/=+/, '');
}

const toHex = (number: number, digits: number) => number.toString(16).padStart(digits, '0');

const toBytes = (hex: string) => Uint8Array.from(hex.match(/../g) as string[], (pair) => parseInt(pair, 16));
