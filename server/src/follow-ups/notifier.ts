/** Tells the operator what only an operator can put right, by the same channels as leads, and not again and again. */
import type { Notice } from '../calls/calls.ts';
import type { SiteConfig } from '../config/config.ts';
import type { Log } from '../log.ts';
import type { NoticeDraft } from '../store/message.ts';
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

export type DraftNotices = (notice: Notice, except?: string) => NoticeDraft[];

/** One for each channel that is to be told. A site that is left with no channel is the deployment's concern. */
export function noticeDrafts({ sites, deployment }: Pick<NotifierOptions, 'sites' | 'deployment'>): DraftNotices {
  return ({ topic, endedBy, ends, site, text, item }, except) => {
    const own = (site === undefined ? [] : (sites.get(site)?.channels ?? [])).filter((name) => name !== except);
    const channels = own.length > 0 ? own : deployment.filter((name) => name !== except);
    const manner = item === undefined ? { quietMs: QUIET_MS } : { item, gatherMs: GATHER_MS };
    return channels.map((channel) => ({ topic, endedBy, ends, channel, site, text, ...manner }));
  };
}

/** `except`: a channel by which it is useless to tell that it does not work. Never throws. */
export type Notify = (notice: Notice, except?: string) => Promise<void>;

export function notifier({ store, log, sites, deployment, onPosted }: NotifierOptions): Notify {
  const draft = noticeDrafts({ sites, deployment });

  return async (notice, except) => {
    const drafts = draft(notice, except);
    if (drafts.length === 0) return;
    try {
      if ((await store.postNotices(drafts)) > 0) onPosted();
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown';
      log({
        level: 'error',
        event: 'notice.lost',
        topic: notice.topic,
        message: `A notice could not be kept (${name}); it said: ${notice.text} ${notice.item ?? ''}`.trimEnd(),
      });
    }
  };
}
