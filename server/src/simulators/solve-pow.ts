/** A visitor's page that solves a proof of work, for tests: ALTCHA's own solver, so that ours is held to theirs. */
import { type Solution, solveChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2';
import { type PowProof, readPowProof } from '../admission/proof-pow-text.ts';
import type { Challenge } from '../contract/challenge.ts';

export type PowChallenge = Extract<Challenge, { kind: 'pow' }>;

/** The solved proof before it is written down. Throws for what is no challenge, or has no solution. */
export async function solvePow({ parameters, signature }: PowChallenge): Promise<PowProof> {
  const challenge = readChallenge({ parameters, signature });
  const solution = await solveChallenge({ challenge, deriveKey });
  if (solution === null) throw new Error('This challenge has no solution.');
  return { challenge, solution: { counter: solution.counter, derivedKey: solution.derivedKey } };
}

/** As it travels in `proof`; any value at all, so that tests can write down what no page would. */
export function writePow(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

/** A challenge has the shape that a proof carries it in. */
function readChallenge(challenge: unknown): PowProof['challenge'] {
  const unsolved: Solution = { counter: 0, derivedKey: '0'.repeat(64) };
  const proof = readPowProof(writePow({ challenge, solution: unsolved }));
  if (proof === undefined) throw new Error('This is no challenge of ours.');
  return proof.challenge;
}
