/** `/` of a relay: says that it runs, and while no website has been named lets the operator try the form right there. */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { Hono } from 'hono';
import type { RelayEnv } from './relay-env.ts';
import { respond } from './respond.ts';

const STYLE = `
:root { color-scheme: light dark; --ink: #14181f; --soft: #4d5766; --page: #eef1f3; --card: #fff; --line: #d9dfe5; }
@media (prefers-color-scheme: dark) { :root { --ink: #f2f5f8; --soft: #a9b4c2; --page: #0b0e13; --card: #161b22; --line: #2a323d; } }
body { margin: 0; min-height: 100vh; display: grid; place-content: center; padding: 24px; box-sizing: border-box;
  background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
main { box-sizing: border-box; width: min(560px, calc(100vw - 48px)); padding: 36px; border: 1px solid var(--line);
  border-radius: 20px; background: var(--card); }
h1 { margin: 0 0 8px; font-size: 26px; letter-spacing: -0.01em; text-wrap: balance; }
p { margin: 0 0 20px; color: var(--soft); }
pre { margin: 0; padding: 16px; white-space: pre-wrap; overflow-wrap: anywhere; border-radius: 12px; background: var(--page); font: 14px/1.5 ui-monospace, monospace; }
code { font: 0.9em ui-monospace, monospace; color: var(--ink); }
`;

/** `canTry`: pages of the relay itself may ask for calls. */
export function ownPage(canTry: boolean): Hono<RelayEnv> {
  const styleHash = btoa(String.fromCharCode(...sha256(utf8ToBytes(STYLE))));
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    ...(canTry ? ["script-src 'self'", "connect-src 'self'", "require-trusted-types-for 'script'"] : []),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

  return new Hono<RelayEnv>().get('/', (c) =>
    respond(c, 200, page(new URL(c.req.url).host, canTry), {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
      'Cache-Control': 'no-store',
    }),
  );
}

function page(host: string, canTry: boolean): string {
  const address = host.replace(/[^\w.:[\]-]/g, '');
  // Elsewhere a proxy stands in front and speaks TLS.
  const scheme = /^(localhost|127\.0\.0\.1|\[::1])(:|$)/.test(address) ? 'http' : 'https';
  const tag = `&lt;script src="${scheme}://${address}/callback.js" async&gt;&lt;/script&gt;`;
  const words = canTry
    ? `<p>No website has been named yet, so this page may ask for a call itself: try the button. It rings your real line.</p>
<p>For your website set <code>RINGBACK_ORIGINS</code>, start again, and put this tag on its pages:</p>`
    : '<p>It answers the websites that its settings name. They show the form with this tag:</p>';
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Ringback</title><style>${STYLE}</style></head>
<body><main><h1>Ringback is running</h1>
${words}
<pre>${tag}</pre></main>${canTry ? '<script src="/callback.js" async></script>' : ''}</body>
</html>
`;
}
