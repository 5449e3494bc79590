import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { InstallAnswer, InstallDelivery } from '../providers/provider.ts';
import { vault } from '../store/vault.ts';
import { eventPathOf } from './event-routes.ts';
import { installPathOf, installRoutes } from './install-routes.ts';
import { problemResponse, RequestProblem } from './problem-response.ts';
import type { RelayEnv } from './relay-env.ts';

const safe = vault(new Uint8Array(32).fill(1));
const FORM = 'application/x-www-form-urlencoded';

function stage(answer: InstallAnswer) {
  const received: InstallDelivery[] = [];
  const receive = async (delivery: InstallDelivery) => {
    received.push(delivery);
    return answer;
  };
  const app = new Hono<RelayEnv>()
    .route('/install', installRoutes({ installers: new Map([['crm', { receive }]]), vault: safe }))
    .onError((error, c) => (error instanceof RequestProblem ? problemResponse(c, error) : c.text('', 500)));
  const post = (path = installPathOf('crm', safe), origin = 'https://relay.example', body = 'event=ONAPPINSTALL') =>
    app.request(origin + path, { method: 'POST', headers: { 'Content-Type': FORM }, body });
  return { received, post };
}

const INSTALLED: InstallAnswer = { kind: 'installed', shown: true, frame: 'https://acme.bitrix24.com', message: undefined };

test('a delivery is read at the secret address alone', async () => {
  const { received, post } = stage({ kind: 'heeded' });
  expect((await post()).status).toBe(204);
  expect(received).toEqual([
    { contentType: FORM, body: 'event=ONAPPINSTALL', eventAddress: `https://relay.example${eventPathOf('crm', safe)}` },
  ]);
  const secret = installPathOf('crm', safe).split('/').at(-1);
  const wrong = ['/install/crm/guessed', `/install/other/${secret}`, `/install/crm/${eventPathOf('crm', safe).split('/').at(-1)}`];
  for (const path of wrong) expect((await post(path)).status).toBe(404);
  expect(received).toHaveLength(1);
});

test('events are asked for where the portal reached the relay: by https, but for this machine', async () => {
  const { received, post } = stage({ kind: 'heeded' });
  // A proxy took the TLS away.
  await post(undefined, 'http://relay.example');
  await post(undefined, 'http://127.0.0.1:8787');
  expect(received.map(({ eventAddress }) => new URL(eventAddress).origin)).toEqual(['https://relay.example', 'http://127.0.0.1:8787']);
});

test("the page that says so may stand in the portal's frame, and runs the portal's script alone", async () => {
  const response = await stage(INSTALLED).post();
  expect(response.status).toBe(200);
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain('frame-ancestors https://acme.bitrix24.com');
  expect(policy).toMatch(/script-src https:\/\/api\.bitrix24\.com 'sha256-[\w+/]+={0,2}';/);
  const page = await response.text();
  expect(page).toContain('<script src="https://api.bitrix24.com/api/v1/"></script>');
  const inline = /<script>(?<code>[^<]+)<\/script>/.exec(page)?.groups?.code ?? '';
  expect(inline).toContain('BX24.installFinish()');
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(inline)));
  expect(policy).toContain(btoa(String.fromCharCode(...digest)));
});

test('what is to be said is said, and no markup of anybody gets in', async () => {
  const page = await (await stage({ ...INSTALLED, message: '<b>& later' }).post()).text();
  expect(page).toContain('&lt;b&gt;&amp; later');
});

test('an event has no page', async () => {
  expect((await stage({ ...INSTALLED, shown: false }).post()).status).toBe(204);
});

test('a refusal: to a person a page without any script, to a portal a problem', async () => {
  const refused = { kind: 'refused', shown: true, code: 'tokens_refused', message: 'Install it anew.', mayRepeat: false } as const;
  const page = await stage(refused).post();
  expect(page.status).toBe(403);
  expect(page.headers.get('content-security-policy')).not.toContain('script-src');
  const text = await page.text();
  expect(text).toContain('Install it anew.');
  expect(text).not.toContain('<script');
  expect((await stage({ ...refused, shown: false }).post()).status).toBe(403);
  expect((await stage({ ...refused, mayRepeat: true }).post()).status).toBe(503);
  expect((await stage({ ...refused, shown: false, mayRepeat: true }).post()).status).toBe(503);
});

test('more than 64 KiB is not read', async () => {
  const { received, post } = stage({ kind: 'heeded' });
  expect((await post(undefined, undefined, 'x'.repeat(65_537))).status).toBe(413);
  expect(received).toEqual([]);
});
