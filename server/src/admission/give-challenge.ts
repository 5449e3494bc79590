/** Where a challenge comes from: beside a refusal, or beforehand for sites whose every request needs one. */
import type { Clock } from '../clock.ts';
import type { SiteConfig } from '../config/config.ts';
import type { Challenge, EarlyChallenge } from '../contract/challenge.ts';
import type { ProofLevel } from '../store/acceptance.ts';
import type { Prover } from './proof.ts';

export interface ChallengeContext {
  clock: Clock;
  proverOf: (site: SiteConfig) => Prover;
}

export interface ChallengeAsk {
  site: SiteConfig;
  address: string | undefined;
}

/** There is none to give, or this source has had too many: nothing is left but to come back then (epoch ms). */
export type NoChallenge = { kind: 'later'; retryAt: number };

const NO_CHALLENGE_RETRY_MS = 60_000;

export async function giveChallenge(
  { site, address }: ChallengeAsk,
  level: ProofLevel,
  { proverOf, clock }: ChallengeContext,
): Promise<{ kind: 'given'; challenge: Challenge } | NoChallenge> {
  const challenge = await proverOf(site).challenge({ site: site.key, address }, level);
  return challenge === undefined ? { kind: 'later', retryAt: clock.now() + NO_CHALLENGE_RETRY_MS } : { kind: 'given', challenge };
}

/**
 * Of the level that a first request needs: who needs more is asked for it when that request comes. `not_wanted`: nobody knows
 * beforehand whether this site will ask at all.
 */
export async function giveEarlyChallenge(
  ask: ChallengeAsk,
  context: ChallengeContext,
): Promise<({ kind: 'given' } & EarlyChallenge) | NoChallenge | { kind: 'not_wanted' }> {
  if (ask.site.proof.mode !== 'always') return { kind: 'not_wanted' };
  const given = await giveChallenge(ask, 1, context);
  return given.kind === 'given' ? { ...given, goodForMs: context.proverOf(ask.site).goodForMs } : given;
}
