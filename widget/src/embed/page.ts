/** All widgets of a page, whichever copy of the script came first, and `window.Ringback`. */
import { version } from '../../package.json';
import { browserClock } from '../clock.ts';
import { relayClient } from '../relay/relay-client.ts';
import { readSettings } from './attributes.ts';
import { type Widget, widget } from './widget.tsx';

export interface Ringback {
  readonly version: string;
  /** Opens the dialog, or moves the focus into the form; without `site`, of the first widget on the page. */
  open(site?: string): void;
  close(): void;
  /** Takes every widget out of the page and leaves nothing behind. */
  destroy(): void;
}

interface Page extends Ringback {
  /** Draws the widget of this tag, or puts it back if the page has lost it. For other copies of the script. */
  add(tag: HTMLScriptElement): void;
}

/** Pages change in bursts; what they have lost is put back after one. */
const REMOUNT_AFTER_MS = 50;

/** Never throws into the page. */
export function startOnPage(tag: HTMLOrSVGScriptElement | null): void {
  try {
    // An element with `id=Ringback` can stand in for the page's widgets.
    if (!(tag instanceof HTMLScriptElement)) throw 'must be loaded by its own classic <script src> tag';
    if (typeof window.Ringback?.add !== 'function') window.Ringback = page();
    window.Ringback.add(tag);
  } catch (error) {
    warn(`ringback: ${error}`);
  }
}

function page(): Page {
  const widgets = new Map<string, Widget>();
  let stopRemount = () => {};
  const observer = new MutationObserver(() => {
    stopRemount();
    // Not at once: a page that takes the host out again and again must not be locked in a loop.
    stopRemount = browserClock.after(REMOUNT_AFTER_MS, () => forEach((each) => each.mount()));
  });
  observer.observe(document, { childList: true, subtree: true });

  function forEach(act: (each: Widget) => void): void {
    widgets.forEach(act);
  }

  return {
    version,
    open: (site) => [...widgets.values()].find((each) => !site || each.site === site)?.open(),
    close: () => forEach((each) => each.close()),
    destroy() {
      observer.disconnect();
      stopRemount();
      forEach((each) => each.destroy());
      delete window.Ringback;
    },
    add(tag) {
      const settings = readSettings(tag.dataset, warn);
      const { relay, site, mode, target } = settings;
      const base = relay.replace(/\/+$/, '') || new URL(tag.src).origin;
      const key = [base, site, mode, target].join();
      const own = widgets.get(key) ?? widget(settings, relayClient(base, site, fetch.bind(window)), browserClock, tag);
      widgets.set(key, own);
      own.mount(tag);
    },
  };
}

function warn(line: string): void {
  // biome-ignore lint/suspicious/noConsole: the page's own console is where the site's developer looks
  console.warn(line);
}

declare global {
  interface Window {
    Ringback?: Page;
  }
}
