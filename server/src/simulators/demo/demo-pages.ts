/** What the browser is sent. The files of `assets/` are taken in as text at build time, so that a bundle needs no files beside it. */
import eventLogCss from './assets/event-log.css?raw';
import eventLogJs from './assets/event-log.js?raw';
import pageCss from './assets/page.css?raw';
import pageHtml from './assets/page.html?raw';
import pageJs from './assets/page.js?raw';
import phoneCss from './assets/phone.css?raw';
import phoneJs from './assets/phone.js?raw';
import shopCss from './assets/shop.css?raw';
import shopHtml from './assets/shop.html?raw';
import soundJs from './assets/sound.js?raw';
import stageCss from './assets/stage.css?raw';

export interface Asset {
  readonly path: string;
  readonly type: string;
  readonly text: string;
}

const CSS = 'text/css; charset=utf-8';
const JS = 'text/javascript; charset=utf-8';

export const demoAssets: readonly Asset[] = [
  { path: '/demo/page.css', type: CSS, text: pageCss },
  { path: '/demo/stage.css', type: CSS, text: stageCss },
  { path: '/demo/phone.css', type: CSS, text: phoneCss },
  { path: '/demo/event-log.css', type: CSS, text: eventLogCss },
  { path: '/demo/shop.css', type: CSS, text: shopCss },
  { path: '/demo/page.js', type: JS, text: pageJs },
  { path: '/demo/phone.js', type: JS, text: phoneJs },
  { path: '/demo/event-log.js', type: JS, text: eventLogJs },
  { path: '/demo/sound.js', type: JS, text: soundJs },
];

/** The page at `/`: banner, shop frame, telephones, log. */
export const stagePage = (line: string): string => fillIn(pageHtml, { line });

/** The shop, a page of its own in a frame, so that the widget lives in the shop's window as it would on a real site. */
export const shopPage = (scriptPath: string): string => fillIn(shopHtml, { scriptPath });

function fillIn(html: string, values: Readonly<Record<string, string>>): string {
  return html.replace(/\{\{(\w+)\}\}/g, (_, name: string) => escapeHtml(values[name] ?? ''));
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
