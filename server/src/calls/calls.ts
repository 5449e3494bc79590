/** What every step of a call's life needs, put together once by relay.ts. */
import type { Clock } from '../clock.ts';
import type { SiteConfig } from '../config/config.ts';
import type { Log } from '../log.ts';
import type { Provider } from '../providers/provider.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';
import type { CallRules } from './call-rules.ts';
import type { EarlyNews } from './early-news.ts';
import type { ProviderGate } from './provider-gate.ts';

export interface CallsContext {
  store: Store;
  vault: Vault;
  clock: Clock;
  log: Log;
  sites: ReadonlyMap<string, SiteConfig>;
  providers: ReadonlyMap<string, Provider>;
  /** What holds for the calls of a site, by its key. */
  rulesOf: (site: string) => CallRules;
  /** Channels that are told where no site names any; absent: none. */
  deployment?: readonly string[] | undefined;
  early: EarlyNews;
  /** Pace and circuit breaker of each provider account. */
  gate: ProviderGate;
  /** Tells the operator something about the relay itself, not again and again. Never throws. */
  notify: (notice: Notice) => Promise<void>;
}

/** No number and no secret stands in it. */
export interface Notice {
  /** Names what has happened, such as `provider:main:line_unknown:shop:reg7`: the same topic is not told again for a while. */
  topic: string;
  /** The topic by which this state of things ends: since that was told, this is news however lately it was told before. */
  endedBy?: string | undefined;
  /** The topic whose end this is: told only where that was the last word. */
  ends?: string | undefined;
  /** Whose channels are told; absent: those of the deployment. */
  site?: string | undefined;
  text: string;
  /** Every one of these is told of: while the notice waits, further ones of its topic are added to its words. Absent: the first stands for all. */
  item?: string | undefined;
}
