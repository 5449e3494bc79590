/** A visitor who closes the page the moment the request has left: the call goes on as if somebody waited for the answer. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bitrix24Portal } from '../simulators/bitrix24/portal.ts';
import { servePortal } from '../simulators/bitrix24/serve-portal.ts';
import { builtRelays } from '../simulators/built-relay.ts';
import { systemClock } from './node-clock.ts';

const ORIGIN = 'https://shop.example';

test('a connection that is gone before the answer: the call is made all the same, once', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-closed-'));
  const relays = builtRelays(folder);
  const portal = bitrix24Portal({ clock: systemClock, userId: '1', webhookSecret: 'k3y', lines: { reg1332: 'Sales' } });
  const served = await servePortal(portal);
  try {
    const { url } = await relays.start({
      RINGBACK_STORE: `sqlite:${join(folder, 'r.db')}`,
      BITRIX24_WEBHOOK_URL: served.webhookUrl,
      BITRIX24_LINE: 'reg1332',
      RINGBACK_ORIGINS: ORIGIN,
      RINGBACK_COUNTRY: 'DE',
    });
    const key = crypto.randomUUID();
    const body = JSON.stringify({ site: 'default', phone: '0151 23456789' });
    const headers = { 'Content-Type': 'application/json', Origin: ORIGIN, 'Idempotency-Key': key, 'Content-Length': String(body.length) };
    const lines = [
      'POST /v1/calls HTTP/1.1',
      'Host: relay',
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      '',
      body,
    ];
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.end(lines.join('\r\n'), () => socket.destroy()));
    await expect.poll(() => portal.telephones.dials.length, { timeout: 20_000 }).toBe(1);

    // Whoever comes back with the same request finds the same call.
    const again = await fetch(`${url}/v1/calls`, { method: 'POST', headers, body });
    expect(again.status).toBe(202);
    expect(portal.telephones.dials).toMatchObject([{ number: '+4915123456789' }]);
  } finally {
    await relays.stop();
    await served.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
