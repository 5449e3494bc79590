/**
 * The scripts of the simulated vendors. Each has the calls that its vendor documents and no other, and does what the real ones do in
 * a page: it opens a frame of the vendor's own host, which judges the visitor and says so.
 */
import type { SimulatedVendor } from './siteverify.ts';

/** What the vendor makes of a visitor. `asked`: it would have them solve a puzzle. `silent`: it never comes to an end. */
export type VisitorMood = 'passes' | 'asked' | 'fails' | 'silent';

export const VENDOR_SCRIPT_PATHS: Readonly<Record<SimulatedVendor, string>> = {
  turnstile: '/turnstile/v0/api.js',
  hcaptcha: '/1/api.js',
  smartcaptcha: '/captcha.js',
};

/** `judge(options, tell)` calls `tell(mood, token)` once, unless the visitor is one of whom nothing is heard. */
const COMMON = `
const self = new URL(document.currentScript.src);
function judge(vendor, container, query, tell) {
  const frame = document.createElement('iframe');
  frame.src = self.origin + '/frame/' + vendor + '?' + new URLSearchParams({ host: location.hostname, ...query });
  addEventListener('message', ({ source, origin, data }) => {
    if (source === frame.contentWindow && origin === self.origin) tell(data.mood, data.token);
  });
  container.append(frame);
}
const begin = () => window[self.searchParams.get('onload')]();
`;

export const VENDOR_SCRIPTS: Readonly<Record<SimulatedVendor, string>> = {
  turnstile: `(() => {${COMMON}
window.turnstile = {
  render(selector, options) {
    if (options.appearance !== 'interaction-only') throw new Error('a widget would be seen');
    judge('turnstile', document.querySelector(selector), { siteKey: options.sitekey, action: options.action, data: options.cData }, (mood, token) => {
      const name = { passes: 'callback', asked: 'before-interactive-callback', fails: 'error-callback' }[mood];
      options[name](mood === 'passes' ? token : '300030');
    });
    return 'widget-1';
  },
};
begin(); })();`,
  hcaptcha: `(() => {${COMMON}
let rendered;
window.hcaptcha = {
  render(id, options) {
    if (options.size !== 'invisible') throw new Error('a box would be seen');
    rendered = { container: document.getElementById(id), options };
    return 'widget-1';
  },
  execute(id) {
    if (id !== 'widget-1') throw new Error('no such widget');
    judge('hcaptcha', rendered.container, { siteKey: rendered.options.sitekey }, (mood, token) => {
      const name = { passes: 'callback', asked: 'open-callback', fails: 'error-callback' }[mood];
      rendered.options[name](mood === 'passes' ? token : 'challenge-error');
    });
  },
};
begin(); })();`,
  smartcaptcha: `(() => {${COMMON}
const listeners = {};
let rendered;
window.smartCaptcha = {
  render(id, options) {
    if (!options.invisible || !options.hideShield) throw new Error('a shield would be seen');
    rendered = { container: document.getElementById(id), options };
    return 0;
  },
  subscribe(id, event, listener) {
    if (id === 0) listeners[event] = listener;
  },
  execute(id) {
    if (id !== 0) throw new Error('no such widget');
    judge('smartcaptcha', rendered.container, { siteKey: rendered.options.sitekey }, (mood, token) => {
      if (mood === 'passes') rendered.options.callback(token);
      else listeners[{ asked: 'challenge-visible', fails: 'network-error' }[mood]]();
    });
  },
};
begin(); })();`,
};

/** What stands in the vendor's own frame. */
export function drawVendorFrame(mood: VisitorMood, token: string): string {
  const said = mood === 'silent' ? '' : `parent.postMessage(${JSON.stringify({ mood, token })}, '*')`;
  return `<!doctype html><title>Check</title><script>${said}</script>`;
}
