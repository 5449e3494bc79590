/** A page whose own styles, names and prototypes are in everybody's way. Nothing here is aimed at the widget alone. */
import type { SitePage } from '../support/page-server.ts';
import { shopPage } from './shop-page.ts';

/** Resets and utilities as they are really found, each made as loud as it goes. */
const LOUD_STYLES = `<style>
  :root { --surface: red; --strong: red; --border: red; --fill: red; --ink: red; --line: red; --offset: 400px; --layer: 1; --keyboard: 300px; }
  html { font-size: 40px; color-scheme: dark; }
  body > *, body > * * {
    all: unset !important;
    display: none !important;
    visibility: hidden !important;
    opacity: 0.1 !important;
    font: 40px/3 cursive !important;
    color: red !important;
    background: red !important;
    pointer-events: none !important;
    transform: rotate(20deg) scale(0.1) !important;
    filter: blur(9px) !important;
    box-sizing: content-box !important;
    position: static !important;
    z-index: -1 !important;
    margin: 99px !important;
    letter-spacing: 9px !important;
    text-transform: uppercase !important;
    text-align: right !important;
    cursor: none !important;
    user-select: none !important;
    animation: none !important;
    transition: all 9s !important;
    contain: strict !important;
    content-visibility: hidden !important;
    clip-path: inset(50%) !important;
    zoom: 3 !important;
    writing-mode: vertical-rl !important;
  }
  div { transform: translateZ(0); }
</style>`;

/** As loud as advertising gets, and in the same corner. */
const BANNER = `<aside style="display: block !important; visibility: visible !important; opacity: 1 !important; position: fixed !important;
  inset: auto 0 0 !important; height: 200px !important; margin: 0 !important; transform: none !important; clip-path: none !important;
  zoom: 1 !important; contain: none !important; z-index: 999999999 !important; pointer-events: auto !important; background: #fe8 !important">
  50 % off</aside>`;

export function loudPage(relayUrl: string): SitePage {
  return shopPage({ relayUrl, head: LOUD_STYLES, body: BANNER });
}

/** Elements that take the place of `document.currentScript` and `window.Ringback`, as text of other people on a page may. */
export function clobberedPage(relayUrl: string, elements: string): SitePage {
  return shopPage({ relayUrl, body: elements });
}

/** Enumerable additions to built-in prototypes, as older libraries make them. */
export function pollutedPage(relayUrl: string): SitePage {
  return shopPage({
    relayUrl,
    head: `<script>
      Array.prototype.last = function () { return this[this.length - 1]; };
      Array.prototype.remove = function () { throw new Error('not yours'); };
      String.prototype.truncate = function () { return ''; };
      Function.prototype.bindAsEventListener = function () { return this; };
    </script>`,
  });
}
