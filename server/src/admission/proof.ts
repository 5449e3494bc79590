/**
 * The port behind which a request proves that it took an effort. A throttle, not fraud control: what protects money is number
 * policy, limits and budget. Whoever checks a proof must bind it to this site and this purpose.
 */
import type { Challenge } from '../contract/challenge.ts';
import type { ProofLevel } from '../store/acceptance.ts';

export interface ProofRequest {
  site: string;
  /** The client's address, for verifiers that want it. */
  address: string | undefined;
}

export type ProofCheck =
  /** `nonce` names this proof and no other; the store consumes its keyed hash with the acceptance. */
  | { kind: 'proved'; nonce: string; expiresAt: number; level: ProofLevel }
  /** Forged, altered, expired, for another site, or no proof at all. */
  | { kind: 'failed' }
  /** The verifier could not be asked. The site's mode decides what that means. */
  | { kind: 'unknown' };

export interface Prover {
  readonly name: 'none' | 'pow' | 'siteverify';
  /** For so long after its challenge was given a solution is taken. */
  readonly goodForMs: number;
  /** A fresh challenge of this level; undefined where this prover has none to give. */
  challenge(request: ProofRequest, level: ProofLevel): Promise<Challenge | undefined>;
  check(proof: string, request: ProofRequest): Promise<ProofCheck>;
}
