/** Tells the operator what only an operator can put right, by the same channels as leads, and not again and again. */
import type { Notice } from '../calls/calls.ts';
import type { SiteConfig } from '../config/config.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';

/** A topic that was told is not told again to the same channel for this long. */
export const QUIET_MS = 6 * 3_600_000;
/** A notice with items waits this long for further ones, so that a flood of them is a message now and then. */
export const GATHER_MS = 180_000;

export interface NotifierOptions {
  store: Pick<Store, 'postNotices'>;
  log: Log;
  sites: ReadonlyMap<string, SiteConfig>;
  /** Channels that are told of what is no site's own. */
  deployment: readonly string[];
  /** A notice waits to be delivered. */
  onPosted: () => void;
}

/** `except`: a channel by which it is useless to tell that it does not work. Never throws. */
export type Notify = (notice: Notice, except?: string) => Promise<void>;

export function notifier({ store, log, sites, deployment, onPosted }: NotifierOptions): Notify {
  /** A site that is left with no channel is the deployment's concern. */
  function channelsFor(site: string | undefined, except: string | undefined): readonly string[] {
    const own = (site === undefined ? [] : (sites.get(site)?.channels ?? [])).filter((name) => name !== except);
    return own.length > 0 ? own : deployment.filter((name) => name !== except);
  }

  return async ({ topic, site, text, item }, except) => {
    const manner = item === undefined ? { quietMs: QUIET_MS } : { item, gatherMs: GATHER_MS };
    const drafts = channelsFor(site, except).map((channel) => ({ topic, channel, site, text, ...manner }));
    if (drafts.length === 0) return;
    try {
      if ((await store.postNotices(drafts)) > 0) onPosted();
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown';
      log({
        level: 'error',
        event: 'notice.lost',
        topic,
        message: `A notice could not be kept (${name}); it said: ${text} ${item ?? ''}`.trimEnd(),
      });
    }
  };
}
