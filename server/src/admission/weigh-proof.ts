/** What a proof that came with a request is worth, and what it means if nobody can say. */
import type { SiteConfig } from '../config/config.ts';
import type { ProofCheck, Prover } from './proof.ts';

export type Effort =
  /** Nothing came, or nothing is heeded here; the store says whether it is needed. */
  | { kind: 'none' }
  | ProofCheck
  /** The verifier is away, and this site goes on at a quarter of its limits. */
  | { kind: 'unverifiable' };

export async function weighProof(
  proof: string | undefined,
  site: SiteConfig,
  address: string | undefined,
  proverOf: (site: SiteConfig) => Prover,
): Promise<Effort> {
  if (proof === undefined || site.proof.mode === 'off') return { kind: 'none' };
  const check = await proverOf(site).check(proof, { site: site.key, address });
  return check.kind === 'unknown' && site.proof.mode === 'adaptive' ? { kind: 'unverifiable' } : check;
}
