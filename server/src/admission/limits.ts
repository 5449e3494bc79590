/** Everything that one request is counted by: who asks, for which number, on which site, and who pays. */
import type { Config, Limits, SiteConfig, SoftWindow } from '../config/config.ts';
import type { AcceptGuard, Limit, ProofLevel, Window } from '../store/acceptance.ts';
import type { Vault } from '../store/vault.ts';
import { purses } from './purses.ts';
import { sourcePrefixes } from './source-prefixes.ts';

export interface GuardRequest {
  site: SiteConfig;
  /** Keyed hashes of the number under every secret, newest first. */
  numberKeys: readonly [string, ...string[]];
  /** How the number begins. */
  destination: string;
  address: string | undefined;
  /** It came by no network of a visitor's: there is no source to count, and the other limits hold as ever. */
  sourceless?: boolean | undefined;
  now: number;
  /** The slot that is asked for: its places are counted, and its own day pays. */
  slot?: { at: number; capacity: number } | undefined;
  /** A way in that cannot prove an effort: its sources have half as much. */
  strict: boolean;
  /**
   * `asked`: past the soft limits a proof is wanted. `never`: the soft limits do not count. `unverifiable`: the verifier could not
   * be asked, so that everything goes on at one quarter.
   */
  proofs: 'asked' | 'never' | 'unverifiable';
}

/** Who earns by calls to numbers of his own has many that begin alike. */
export const DESTINATION_DIGITS = 6;
const DESTINATIONS_LOOKED_AT = 50;
const DESTINATIONS_WITHIN_MS = 7 * 86_400_000;

export type GuardFor = (request: GuardRequest) => AcceptGuard;

export function acceptGuards({ limits, budget, vault }: { limits: Limits; budget: Config['budget']; vault: Vault }): GuardFor {
  const reserve = purses(budget);
  const siteKeys = new Map<string, Keys>();
  const deploymentKeys = keysFrom(vault.keysOf('deployment', 'all'));

  function siteKeysOf(site: string): Keys {
    const keys = siteKeys.get(site) ?? keysFrom(vault.keysOf('site', site));
    siteKeys.set(site, keys);
    return keys;
  }

  /** Among the same acceptances as the deployment's. */
  function shareOf(destination: string, level: ProofLevel): Limit[] {
    if (limits.destinations === undefined) return [];
    const [member, ...alsoMembers] = vault.keysOf('destination', destination);
    const share = { last: DESTINATIONS_LOOKED_AT, perMs: DESTINATIONS_WITHIN_MS, ...limits.destinations, level };
    return [{ scope: 'destination', ...deploymentKeys, windows: [], member, alsoMembers, share }];
  }

  return ({ site, numberKeys, destination, address, sourceless = false, now, slot, strict, proofs }) => {
    const number = keysFrom(numberKeys);
    const share = proofs === 'unverifiable' ? 1 / 4 : 1;
    const sourceShare = strict ? share / 2 : share;
    // One key for both: they count the same acceptances, once as calls and once as different numbers.
    const prefixes = sourceless ? [] : sourcePrefixes(address);
    const sources = prefixes.map(({ prefix, factor }) => ({ keys: keysFrom(vault.keysOf('source', prefix)), factor }));
    const soft = (windows: readonly SoftWindow[], factor: number) =>
      proofs === 'asked' && windows.length > 0 ? { soft: scale(windows, factor * sourceShare) } : {};

    const perSource = ({ keys, factor }: Source): Limit => ({
      scope: 'source',
      ...keys,
      windows: scale(limits.source, factor * sourceShare),
      ...soft(limits.sourceSoft, factor),
    });
    const perSourceNumbers = ({ keys, factor }: Source): Limit => ({
      scope: 'source_numbers',
      ...keys,
      windows: scale(limits.sourceNumbers, factor * sourceShare),
      ...soft(limits.sourceNumbersSoft, factor),
      member: number.key,
      ...(number.alsoKeys && { alsoMembers: number.alsoKeys }),
    });

    return {
      limits: [
        { scope: 'number', ...number, windows: scale(limits.number, share) },
        ...sources.map(perSource),
        ...sources.map(perSourceNumbers),
        { scope: 'site', ...siteKeysOf(site.key), windows: scale(limits.site, share) },
        { scope: 'deployment', ...deploymentKeys, windows: scale(limits.deployment, share) },
        ...shareOf(destination, proofs === 'asked' ? 3 : 0),
      ],
      reservations: reserve(site, now, slot?.at),
      slot: slot && { capacity: slot.capacity },
      proofFloor: site.proof.mode === 'always' && proofs === 'asked' ? 1 : 0,
    };
  };
}

type Keys = Pick<Limit, 'key' | 'alsoKeys'>;

interface Source {
  keys: Keys;
  factor: number;
}

/** Counts from before the secret changed are still looked at; where it never did, there is nothing else to look at. */
function keysFrom([key, ...alsoKeys]: readonly [string, ...string[]]): Keys {
  return alsoKeys.length === 0 ? { key } : { key, alsoKeys };
}

/** Never scaled down to nothing: a limit that lets somebody through goes on letting one through. */
function scale<W extends Window>(windows: readonly W[], share: number): readonly W[] {
  if (share === 1) return windows;
  return windows.map((window) => ({ ...window, max: Math.max(Math.min(1, window.max), Math.floor(window.max * share)) }));
}
