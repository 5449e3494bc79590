/** The element that carries a widget: how it is shielded from the page's styles, and where it stands. */
import { accentSheet } from '../style/accent.ts';
import css from '../style/widget.css?inline';
import type { Settings } from './attributes.ts';

/** No inline style and no `<style>`: an adopted sheet needs no permission of any content security policy. */
export function makeHost({ color, offset, zIndex }: Settings): { host: HTMLElement; shadow: ShadowRoot } {
  const host = document.createElement('ringback-widget');
  const shadow = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  const [light = [], dark = light] = color.split(' ').map((hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)));
  sheet.replaceSync(`${css}.root{${accentSheet(light, dark)}--offset:${offset}px;--layer:${zIndex}}`);
  shadow.adoptedStyleSheets = [sheet];
  return { host, shadow };
}

/** A bottom sheet stands on the on-screen keyboard where that covers the window instead of shrinking it. */
export function liftSheet(root: HTMLElement | null): void {
  const view = window.visualViewport;
  const coveredPx = view?.scale === 1 ? window.innerHeight - view.height : 0;
  // Not on the host: there a page's rule for everything would win.
  root?.style.setProperty('--keyboard', `${coveredPx}px`);
}

/** Whether the page has such a place now. */
export function placeHost(host: Element, isInline: boolean, target: string, tag: Element): boolean {
  if (!isInline) document.body?.append(host);
  else if (target) document.querySelector(target)?.append(host);
  else if (document.body?.contains(tag)) tag.after(host);
  return host.isConnected;
}
