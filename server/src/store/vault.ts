/**
 * What the store may know of a number: a keyed hash to count by, and a sealed copy to dial. Both hang on one secret that
 * never stands in the store, so a stolen database names nobody. Synchronous and the same on every runtime.
 */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { bytesToUtf8, randomBytes, utf8ToBytes } from '@noble/ciphers/utils.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';

export interface Vault {
  /** 128-bit keyed hash of `value`, base64url. `kind` keeps the hashes of one value for two purposes apart. */
  keyOf(kind: string, value: string): string;
  /** The same hash under every secret, newest first: what was kept before a rotation is found under one of the others. */
  keysOf(kind: string, value: string): readonly [string, ...string[]];
  /** ChaCha20-Poly1305 (RFC 8439), which needs no hardware to be fast; `context` (the call's id) must be given again to open. */
  seal(text: string, context: string): string;
  /** Throws if the text was sealed by a secret that is not among ours, for another context, or altered. */
  open(sealed: string, context: string): string;
}

const NONCE_BYTES = 12;

/**
 * `secret`: at least 32 random bytes; it seals and counts. `previous`: secrets that were in use before it, newest first; they
 * only open, and find what was counted by them.
 */
export function vault(secret: Uint8Array, previous: readonly Uint8Array[] = []): Vault {
  const newest = keyring(secret);
  const former = previous.map(keyring);
  const all = [newest, ...former];
  const nextNonce = nonces();

  return {
    keyOf: newest.keyOf,
    keysOf(kind, value) {
      const key = newest.keyOf(kind, value);
      if (former.length === 0) return [key];
      const others = new Set(former.map(({ keyOf }) => keyOf(kind, value)));
      others.delete(key);
      return [key, ...others];
    },
    seal(text, context) {
      const nonce = nextNonce();
      const body = chacha20poly1305(newest.sealing, nonce, utf8ToBytes(context)).encrypt(utf8ToBytes(text));
      const sealed = new Uint8Array(NONCE_BYTES + body.length);
      sealed.set(nonce);
      sealed.set(body, NONCE_BYTES);
      return toBase64Url(sealed);
    },
    open(sealed, context) {
      const bytes = fromBase64Url(sealed);
      const [nonce, body] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES)];
      let failure: unknown;
      for (const { sealing } of all) {
        try {
          return bytesToUtf8(chacha20poly1305(sealing, nonce, utf8ToBytes(context)).decrypt(body));
        } catch (error) {
          // The tag of another secret's text does not fit, which is how we learn whose it is.
          failure = error;
        }
      }
      throw failure;
    },
  };
}

function keyring(secret: Uint8Array) {
  const subkey = (purpose: string) => hkdf(sha256, secret, undefined, utf8ToBytes(`ringback/${purpose}`), 32);
  const counting = hmac.create(sha256, subkey('count'));
  return {
    sealing: subkey('seal'),
    keyOf(kind: string, value: string): string {
      const digest = counting
        .clone()
        .update(utf8ToBytes(`${kind}\0${value}`))
        .digest();
      return toBase64Url(digest.subarray(0, 16));
    },
  };
}

/** Asking the system for random bytes costs more than sealing does, so they are taken from it by the thousand. */
function nonces(): () => Uint8Array {
  let pool = new Uint8Array();
  return () => {
    if (pool.length < NONCE_BYTES) pool = randomBytes(NONCE_BYTES * 256);
    const nonce = pool.subarray(0, NONCE_BYTES);
    pool = pool.subarray(NONCE_BYTES);
    return nonce;
  };
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
}
