/** A site's settings of proof, and what a process has to give, make its prover. */
import type { Clock } from '../clock.ts';
import type { SiteConfig } from '../config/config.ts';
import type { Log } from '../log.ts';
import type { ProofRequest, Prover } from './proof.ts';
import { noProver } from './proof-none.ts';
import { powProver } from './proof-pow.ts';
import { siteverifyProver } from './proof-siteverify.ts';
import type { SiteverifyVendorName } from './proof-vendors.ts';

/** The same for all sites of a process. */
export interface ProverTools {
  /** The deployment's secret, at least 32 random bytes. */
  secret: Uint8Array;
  /** Secrets that were in use before it. */
  previousSecrets?: readonly Uint8Array[] | undefined;
  clock: Clock;
  fetch: typeof fetch;
  log: Log;
  /** One for all sites, as from `issueLimit`. */
  mayIssue: (request: ProofRequest) => boolean;
  /** Where hosted checks are asked instead of at their vendors. */
  siteverifyAddresses?: Partial<Record<SiteverifyVendorName, string>>;
}

export function makeProver({ proof }: Pick<SiteConfig, 'proof'>, tools: ProverTools): Prover {
  if (proof.mode === 'off') return noProver();
  const { prover } = proof;
  switch (prover.kind) {
    case 'pow':
      return powProver(tools);
    case 'siteverify':
      return siteverifyProver({
        ...tools,
        ...prover,
        // Its tokens are made on the relay's own page, and the relay knows its name from nobody but the operator: `Host` is whatever
        // a caller, or a proxy, writes there.
        hostnames: prover.hostname === undefined ? [] : [prover.hostname],
        address: tools.siteverifyAddresses?.[prover.vendor],
      });
    default:
      return prover satisfies never;
  }
}
