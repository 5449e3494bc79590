/** All widgets of a page, whichever copy of the script came first, and `window.Ringback`. */
import { version } from '../../package.json';
import { browserClock } from '../clock.ts';
import { relayClient } from '../relay/relay-client.ts';
import { readSettings } from './attributes.ts';
import { relayBase } from './relay-base.ts';
import { type Widget, widget } from './widget.ts';

export interface Ringback {
  readonly version: string;
  /** Opens the dialog, or moves the focus into the form; without `site`, of the first widget on the page. */
  open(site?: string): void;
  close(): void;
  /** Takes every widget out of the page and leaves nothing behind. */
  destroy(): void;
}

interface Page {
  /** Draws the widget of this tag, or puts it back if the page has lost it. */
  add(tag: HTMLScriptElement): void;
}

/** Every copy of the script, of whatever version, finds the first one here. */
const PAGE = Symbol.for('ringback');

/** Pages change in bursts; what they have lost is put back after one. */
const REMOUNT_AFTER_MS = 50;

/** Never throws into the page. */
export function startOnPage(tag: HTMLOrSVGScriptElement | null): void {
  // An element with `name=currentScript` can stand in for the tag.
  if (!(tag instanceof HTMLScriptElement)) return warn('ringback: the script must be loaded by its own <script src> tag, not as a module');
  try {
    const known = window as unknown as { [PAGE]?: Page };
    known[PAGE] ??= page(() => delete known[PAGE]);
    known[PAGE].add(tag);
  } catch (error) {
    warn('ringback: could not start', error);
  }
}

function page(forget: () => void): Page {
  const widgets = new Map<string, Widget & { site: string }>();
  let isRemounting = false;
  const observer = new MutationObserver(() => {
    if (isRemounting) return;
    isRemounting = true;
    // Not at once: a page that takes the host out again and again must not be locked in a loop.
    browserClock.after(REMOUNT_AFTER_MS, () => {
      isRemounting = false;
      for (const each of widgets.values()) each.mount();
    });
  });
  observer.observe(document, { childList: true, subtree: true });

  const api: Ringback = {
    version,
    open: (site) => [...widgets.values()].find((each) => !site || each.site === site)?.open(),
    close() {
      for (const each of widgets.values()) each.close();
    },
    destroy() {
      observer.disconnect();
      for (const each of widgets.values()) each.destroy();
      widgets.clear();
      if (window.Ringback === api) delete window.Ringback;
      forget();
    },
  };
  window.Ringback = api;

  return {
    add(tag) {
      const settings = readSettings(tag.dataset, warn);
      const base = settings.relay.replace(/\/+$/, '') || relayBase(tag.src);
      if (!base) return warn('ringback: data-relay: expected the address of the relay, got none');
      const { site, mode, target } = settings;
      const key = [base, site, mode, target].join(' ');
      let own = widgets.get(key);
      if (!own) {
        const relay = relayClient({ base, site, fetch: window.fetch.bind(window), clock: browserClock });
        own = { ...widget(settings, relay, browserClock, tag), site };
        widgets.set(key, own);
      }
      own.mount(tag);
    },
  };
}

function warn(...line: unknown[]): void {
  console.warn(...line);
}

declare global {
  interface Window {
    Ringback?: Ringback;
  }
}
