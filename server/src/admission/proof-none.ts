/** The prover of sites that never ask for a proof. Nothing can be proved to it, so a proof sent all the same is no use to anyone. */
import type { Prover } from './proof.ts';

export function noProver(): Prover {
  return {
    name: 'none',
    goodForMs: 0,
    challenge: async () => undefined,
    check: async () => ({ kind: 'failed' }),
  };
}
