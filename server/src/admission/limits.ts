/** Everything that one request is counted by: who asks, for which number, on which site, and who pays. */
import type { Config, Limits, SiteConfig, SoftWindow } from '../config/config.ts';
import type { AcceptGuard, Limit, Window } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';
import { purses } from './purses.ts';
import { sourcePrefixes } from './source-prefixes.ts';

export interface GuardRequest {
  site: SiteConfig;
  numberKey: string;
  address: string | undefined;
  now: number;
  /** A way in that cannot prove an effort: its sources have half as much. */
  strict: boolean;
  /**
   * `asked`: past the soft limits a proof is wanted. `never`: the soft limits do not count. `unverifiable`: the verifier could not
   * be asked, so that everything goes on at one quarter.
   */
  proofs: 'asked' | 'never' | 'unverifiable';
}

export type GuardFor = (request: GuardRequest) => AcceptGuard;

export function acceptGuards({ limits, budget, vault }: { limits: Limits; budget: Config['budget']; vault: Vault }): GuardFor {
  const reserve = purses(budget);
  const siteKeys = new Map<string, string>();
  const deploymentKey = vault.keyOf('deployment', 'all');

  function siteKeyOf(site: string): string {
    const key = siteKeys.get(site) ?? vault.keyOf('site', site);
    siteKeys.set(site, key);
    return key;
  }

  return ({ site, numberKey, address, now, strict, proofs }) => {
    const share = proofs === 'unverifiable' ? 1 / 4 : 1;
    const sourceShare = strict ? share / 2 : share;
    // One key for both: they count the same acceptances, once as calls and once as different numbers.
    const sources = sourcePrefixes(address).map(({ prefix, factor }) => ({ key: vault.keyOf('source', prefix), factor }));
    const soft = (windows: readonly SoftWindow[], factor: number) =>
      proofs === 'asked' && windows.length > 0 ? { soft: scale(windows, factor * sourceShare) } : {};

    const perSource = ({ key, factor }: Source): Limit => ({
      scope: 'source',
      key,
      windows: scale(limits.source, factor * sourceShare),
      ...soft(limits.sourceSoft, factor),
    });
    const perSourceNumbers = ({ key, factor }: Source): Limit => ({
      scope: 'source_numbers',
      key,
      windows: scale(limits.sourceNumbers, factor * sourceShare),
      ...soft(limits.sourceNumbersSoft, factor),
      member: numberKey,
    });

    return {
      limits: [
        { scope: 'number', key: numberKey, windows: scale(limits.number, share) },
        ...sources.map(perSource),
        ...sources.map(perSourceNumbers),
        { scope: 'site', key: siteKeyOf(site.key), windows: scale(limits.site, share) },
        { scope: 'deployment', key: deploymentKey, windows: scale(limits.deployment, share) },
      ],
      reservations: reserve(site, now),
      proofFloor: site.proof.mode === 'always' && proofs === 'asked' ? 1 : 0,
    };
  };
}

interface Source {
  key: string;
  factor: number;
}

/** Never scaled down to nothing: a limit that lets somebody through goes on letting one through. */
function scale<W extends Window>(windows: readonly W[], share: number): readonly W[] {
  if (share === 1) return windows;
  return windows.map((window) => ({ ...window, max: Math.max(Math.min(1, window.max), Math.floor(window.max * share)) }));
}
