/** What the operator has set for the calls of one site, as far as it bears on how a call goes on. */
import type { SiteConfig } from '../config/config.ts';
import type { Teller } from '../store/acceptance.ts';
import { cardChannelsOf } from './bridge.ts';

export interface CallRules {
  /** Time between the end of a call that may have rung and the next call to the same number. */
  cooldownMs: number;
  /** In [0, 1): spreads repeats. */
  random: () => number;
  /** Number and details are kept for this long after the end. */
  retentionMs: number;
  /** Calls of the site that may ring at once. */
  concurrency: number;
  /** Nothing is dialled; what waits, waits until its deadline. */
  paused: boolean;
  /** Whether nobody is there at a slot after all, because the hours were changed since it was taken; absent: somebody always is. */
  isShut?: ((department: string | undefined, now: number) => boolean) | undefined;
  /** ISO 4217 of the site's budget; undefined where the budget counts calls rather than money. */
  currency: string | undefined;
  /** Channels that are told of a call which did not verifiably connect; those of the deployment where the site is not configured any more. */
  channels: readonly string[];
  /** Who tells of a budget that a real cost has used up; absent: nobody. */
  teller?: Teller | undefined;
  /** Where every call is written down, however it ends; absent: nowhere. */
  records?: readonly string[] | undefined;
}

/** The kill switches, as they stand at this moment. */
export interface Switches {
  /** The whole deployment. */
  paused: boolean;
  pausedSites: ReadonlySet<string>;
}

export interface CallRulesOptions {
  sites: ReadonlyMap<string, SiteConfig>;
  cooldownMs: number;
  random: () => number;
  switches: () => Switches;
  isShut?: ((site: SiteConfig, department: string | undefined, now: number) => boolean) | undefined;
  /** Channels of the deployment itself; absent: none. */
  deployment?: readonly string[] | undefined;
  tellerOf?: ((site: string) => Teller) | undefined;
}

/** A site that is no longer configured: its calls end as refused by the dial itself, and are forgotten as usual. */
const GONE = { retentionMs: 30 * 86_400_000, concurrency: Number.POSITIVE_INFINITY, currency: undefined };

export function callRules({
  sites,
  cooldownMs,
  random,
  switches,
  isShut,
  deployment = [],
  tellerOf,
}: CallRulesOptions): (site: string) => CallRules {
  return (key) => {
    const site = sites.get(key);
    const { paused, pausedSites } = switches();
    return {
      cooldownMs,
      random,
      retentionMs: site?.retentionMs ?? GONE.retentionMs,
      concurrency: site?.concurrency ?? GONE.concurrency,
      paused: paused || pausedSites.has(key),
      isShut: site && isShut && ((department, now) => isShut(site, department, now)),
      currency: site?.budget.currency ?? GONE.currency,
      channels: site?.channels ?? deployment,
      teller: tellerOf?.(key),
      records: site && cardChannelsOf(site),
    };
  };
}
