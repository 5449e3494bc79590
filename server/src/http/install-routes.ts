/**
 * `/install/{provider}/{secret}`: where an application is installed. The address is a secret like that of the events; what comes to it
 * proves itself further, or nothing comes of it.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { type Context, Hono } from 'hono';
import { html, raw } from 'hono/html';
import type { InstallAnswer } from '../providers/provider.ts';
import type { Vault } from '../store/vault.ts';
import { eventPathOf } from './event-routes.ts';
import { RequestProblem } from './problem-response.ts';
import { readText } from './read-body.ts';
import type { RelayContext, RelayEnv } from './relay-env.ts';
import { respond } from './respond.ts';
import { equalsOneInConstantTime } from './status-token.ts';

const MAX_DELIVERY_BYTES = 65_536;

export function installRoutes(relay: Pick<RelayContext, 'installers' | 'vault'>): Hono<RelayEnv> {
  return new Hono<RelayEnv>().post('/:provider/:secret', async (c) => {
    const name = c.req.param('provider');
    const installer = relay.installers?.get(name);
    // An account that is not installed and a wrong secret are one answer.
    if (installer === undefined || !equalsOneInConstantTime(c.req.param('secret'), relay.vault.keysOf('install', name)))
      return c.notFound();
    const contentType = c.req.header('content-type') ?? '';
    const body = await readText(c.req.raw, { maxBytes: MAX_DELIVERY_BYTES });
    const eventAddress = originOf(c.req.url) + eventPathOf(name, relay.vault);
    return answer(c, await installer.receive({ contentType, body, eventAddress }));
  });
}

/** What an operator gives the portal as the application's handler. */
export function installPathOf(provider: string, vault: Vault): string {
  return `/install/${encodeURIComponent(provider)}/${vault.keyOf('install', provider)}`;
}

/** As it was reached. Anywhere but on this machine a proxy stands in front and speaks TLS. */
function originOf(url: string): string {
  const { host, hostname } = new URL(url);
  const isOwn = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
  return `${isOwn ? 'http' : 'https'}://${host}`;
}

function answer(c: Context<RelayEnv>, given: InstallAnswer): Response {
  switch (given.kind) {
    case 'heeded':
      return c.body(null, 204);
    case 'installed':
      return given.shown ? showInstalled(c, given.frame, given.message) : c.body(null, 204);
    case 'refused':
      if (given.shown) return showRefused(c, given.mayRepeat ? 503 : 403, given.message);
      throw new RequestProblem(given.mayRepeat ? 'unavailable' : 'origin_not_allowed', { detail: given.code });
    default:
      return given satisfies never;
  }
}

/**
 * Only a page in the portal's frame can finish an installation, and only with the portal's own script.
 * https://apidocs.bitrix24.com/settings/app-installation/installation-finish.html
 */
const PORTAL_SCRIPT_ORIGIN = 'https://api.bitrix24.com';
const FINISH = 'BX24.init(function () { BX24.installFinish(); });';
const STYLE = 'body { margin: 0; padding: 32px; font: 16px/1.5 system-ui, sans-serif; } h1 { margin: 0 0 8px; font-size: 24px; }';

function showInstalled(c: Context<RelayEnv>, frame: string, message: string | undefined): Response {
  const scripts = html`<script src="${PORTAL_SCRIPT_ORIGIN}/api/v1/"></script><script>${raw(FINISH)}</script>`;
  const words = message ?? 'Nothing needs to be done here. Calls go out by the line that the relay is set to.';
  const policy = `script-src ${PORTAL_SCRIPT_ORIGIN} '${hashOf(FINISH)}'; frame-ancestors ${frame}`;
  return show(c, 200, policy, html`<h1>Ringback is installed</h1><p>${words}</p>${scripts}`);
}

/** Whose frame it stands in is not proved, and there is nothing in it to be misled into. */
function showRefused(c: Context<RelayEnv>, status: number, message: string): Response {
  return show(c, status, 'frame-ancestors https:', html`<h1>Ringback was not installed</h1><p>${message}</p>`);
}

function show(c: Context<RelayEnv>, status: number, policy: string, content: ReturnType<typeof html>): Response {
  const page = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Ringback</title><style>${raw(STYLE)}</style></head>
<body>${content}</body>
</html>
`;
  return respond(c, status, String(page), {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': `default-src 'none'; style-src '${hashOf(STYLE)}'; base-uri 'none'; form-action 'none'; ${policy}`,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  });
}

function hashOf(text: string): string {
  return `sha256-${btoa(String.fromCharCode(...sha256(utf8ToBytes(text))))}`;
}
