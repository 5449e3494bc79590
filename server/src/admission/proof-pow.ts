/**
 * Proof of work without a third party: the page looks for the counter whose PBKDF2 key begins with a given prefix. Challenges
 * are signed and kept nowhere; a solved one is worth one call, because the store spends its id together with the acceptance.
 *
 * Counters are drawn evenly from 1 up. A range that began higher would cost honest pages the walk to its start and attackers
 * nothing, since they know where it starts. Work is halfway on average: about 250, 1,000 or 4,000 keys by level, where a desktop
 * makes some 1,300 a second on each core and a cheap phone some 500 in all.
 */
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, randomBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { createChallenge, verifySolution } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2';
import type { Clock } from '../clock.ts';
import type { ProofLevel } from '../store/acceptance.ts';
import type { ProofCheck, ProofRequest, Prover } from './proof.ts';
import { POW_ACTION, POW_ALGORITHM, POW_KEY_BYTES, type PowData, type PowProof, readPowProof } from './proof-pow-text.ts';

export interface PowProverOptions {
  /** The deployment's secret, at least 32 random bytes. Every relay of a deployment reads the challenges of the others. */
  secret: Uint8Array;
  /** Secrets that were in use before it: what was given out under them may still be shown. */
  previousSecrets?: readonly Uint8Array[] | undefined;
  clock: Clock;
  /** PBKDF2 iterations for each counter; 5,000 when absent. */
  cost?: number;
  /**
   * Asked before each challenge, because making one costs the relay a key (about 1 ms of one thread) where refusing costs nothing.
   * Always yes when absent.
   */
  mayIssue?: (request: ProofRequest) => boolean;
}

export type PowLevel = Exclude<ProofLevel, 0>;

/** The largest counter of each level: base, four times, sixteen times the work. */
export const MAX_COUNTERS: Readonly<Record<PowLevel, number>> = { 1: 500, 2: 2_000, 3: 8_000 };

const DEFAULT_COST = 5_000;

/** From the first focus on the form to its sending; a page that takes longer is given another. */
export const CHALLENGE_LIFE_MS = 600_000;

const FAILED: ProofCheck = { kind: 'failed' };

export function powProver({ secret, previousSecrets = [], clock, cost = DEFAULT_COST, mayIssue = () => true }: PowProverOptions): Prover {
  const newest = powKeyring(secret);
  const keyrings = [newest, ...previousSecrets.map(powKeyring)];

  /** Under the secret that signed it; undefined where none of ours did, or the work was not done. */
  async function findKeyring({ challenge, solution }: PowProof): Promise<PowKeyring | undefined> {
    for (const keyring of keyrings) {
      // With both signatures on every challenge the library never has to derive; if it ever wanted to, that is no proof of ours.
      const verdict = await verifySolution({ challenge, solution, deriveKey: refuseToDerive, ...keyring.secrets }).catch(() => undefined);
      if (verdict?.verified === true) return keyring;
    }
    return undefined;
  }

  return {
    name: 'pow',
    goodForMs: CHALLENGE_LIFE_MS,
    async challenge(request, level) {
      if (level === 0 || !mayIssue(request)) return undefined;
      const id = bytesToHex(randomBytes(16));
      const data: PowData = { id, site: request.site, action: POW_ACTION, level, expiresAt: clock.now() + CHALLENGE_LIFE_MS };
      const { parameters, signature = '' } = await createChallenge({
        algorithm: POW_ALGORITHM,
        cost,
        keyLength: POW_KEY_BYTES,
        counter: newest.counterOf(id, level),
        data,
        deriveKey,
        ...newest.secrets,
      });
      return { kind: 'pow', parameters: { ...parameters }, signature };
    },

    // Signature and work come first: both are hashes of a few µs, and nothing in an unsigned challenge is worth a look.
    async check(text, { site }) {
      const proof = readPowProof(text);
      const keyring = proof && (await findKeyring(proof));
      if (proof === undefined || keyring === undefined) return FAILED;
      const { data, cost: paid } = proof.challenge.parameters;
      const isOurs = clock.now() < data.expiresAt && data.site === site;
      // A challenge from before the operator asked for more work, and a counter beside the only right one.
      const isEnough = paid >= cost && proof.solution.counter === keyring.counterOf(data.id, data.level);
      return isOurs && isEnough ? { kind: 'proved', nonce: data.id, expiresAt: data.expiresAt, level: data.level } : FAILED;
    },
  };
}

type PowKeyring = ReturnType<typeof powKeyring>;

function powKeyring(secret: Uint8Array) {
  const subkey = (purpose: string) => hkdf(sha256, secret, undefined, utf8ToBytes(`ringback/proof/${purpose}`), 32);
  const counterKey = subkey('counter');
  return {
    secrets: { hmacSignatureSecret: bytesToHex(subkey('challenge')), hmacKeySignatureSecret: bytesToHex(subkey('key')) },
    /** Drawn by a keyed hash instead of at random, so that the right counter can be told later without a single derivation. */
    counterOf(id: string, level: PowLevel): number {
      const [a = 0, b = 0, c = 0, d = 0] = hmac(sha256, counterKey, utf8ToBytes(`${level}/${id}`));
      return ((((a << 24) | (b << 16) | (c << 8) | d) >>> 0) % MAX_COUNTERS[level]) + 1;
    },
  };
}

function refuseToDerive(): never {
  throw new Error('A check of a proof never derives a key.');
}
