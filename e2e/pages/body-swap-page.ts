/** Pages that replace what they show without a navigation, each in the manner of one family of libraries. */
import type { SitePage } from '../support/page-server.ts';
import { shopPage } from './shop-page.ts';

/**
 * `#turbo`: the whole body is exchanged, and scripts in the new one are run again, each as a new element (Turbo, Astro's router).
 * `#fragment`: the body's content is exchanged for something without the tag (htmx on the body).
 */
export function bodySwapPage(relayUrl: string): SitePage {
  return shopPage({
    relayUrl,
    body: `<button id="turbo">Next page</button><button id="fragment">Swap</button>
<script>
  document.querySelector('#turbo').onclick = () => {
    const next = document.body.cloneNode(true);
    for (const widget of next.querySelectorAll('ringback-widget')) widget.remove();
    const handlers = [...document.querySelectorAll('button')].map(({ id, onclick }) => [id, onclick]);
    document.body.replaceWith(next);
    for (const [id, onclick] of handlers) next.querySelector('#' + id).onclick = onclick;
    for (const old of next.querySelectorAll('script[src]')) {
      const script = document.createElement('script');
      for (const { name, value } of old.attributes) script.setAttribute(name, value);
      old.replaceWith(script);
    }
    document.documentElement.dataset.page = 'next';
  };
  document.querySelector('#fragment').onclick = () => {
    document.body.innerHTML = '<h1>Swapped</h1>';
  };
</script>`,
  });
}
