/** A proxy that sends requests again, as many do when a connection breaks: the visitor's telephone still rings once. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bitrix24Portal, bitrix24Portal } from '../simulators/bitrix24/portal.ts';
import { servePortal } from '../simulators/bitrix24/serve-portal.ts';
import { type BuiltRelays, builtRelays, type Ran } from '../simulators/built-relay.ts';
import { systemClock } from './node-clock.ts';

const ORIGIN = 'https://shop.example';

let relays: BuiltRelays;
let closers: (() => unknown)[];
let portal: Bitrix24Portal;
let relay: Ran & { url: string };

beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-proxy-'));
  relays = builtRelays(folder);
  portal = bitrix24Portal({ clock: systemClock, userId: '1', webhookSecret: 'k3y', lines: { reg1332: 'Sales' } });
  const served = await servePortal(portal);
  closers = [() => relays.stop(), () => served.close(), () => rmSync(folder, { recursive: true, force: true })];
  relay = await relays.start({
    RINGBACK_STORE: `sqlite:${join(folder, 'r.db')}`,
    BITRIX24_WEBHOOK_URL: served.webhookUrl,
    BITRIX24_LINE: 'reg1332',
    RINGBACK_ORIGINS: ORIGIN,
    RINGBACK_COUNTRY: 'DE',
  });
});

afterEach(async () => {
  for (const close of closers) await close();
});

interface Answer {
  status: number;
  contentType: string;
  body: string;
}

/** What becomes of the first sending; the second is always sent in full and its answer handed back. */
type First = (url: string, sent: IncomingMessage, body: Buffer) => Promise<unknown>;

/** Answers as if nothing had been amiss; `firstAnswers` are those that nobody else saw. */
async function serveProxy(first: First): Promise<{ url: string; firstAnswers: unknown[] }> {
  const firstAnswers: unknown[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if (incoming.method === 'POST') firstAnswers.push(await first(relay.url, incoming, body));
    const { status, contentType, body: text } = await forward(relay.url, incoming, body);
    outgoing.writeHead(status, { 'Content-Type': contentType }).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.unshift(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, firstAnswers };
}

function forward(url: string, { method, url: path = '/', headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const upstream = request(url + path, { method, headers, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve({ status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '', body: text });
    });
    upstream.on('error', reject).end(body);
  });
}

/** Sends all of it and hangs up as soon as the relay has read and kept it, before anybody could have seen the answer. */
async function cutAfterReading(url: string, { url: path = '/', headers }: IncomingMessage, body: Buffer): Promise<undefined> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.pause();
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.write(`POST ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`);
  const seen = relay.output().length;
  socket.write(body);
  await expect.poll(() => relay.output().slice(seen), { timeout: 10_000 }).toContain('"request.');
  socket.resetAndDestroy();
}

interface Accepted {
  id: string;
  statusToken: string;
}

function post(url: string, body: object, key: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', origin: ORIGIN, 'idempotency-key': key };
  return fetch(`${url}/v1/calls`, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function expectOneDial(call: Accepted): Promise<void> {
  const headers = { authorization: `Bearer ${call.statusToken}` };
  await expect
    .poll(async () => (await (await fetch(`${relay.url}/v1/calls/${call.id}`, { headers })).json()) as object, { timeout: 10_000 })
    .toMatchObject({ state: 'calling' });
  expect(portal.requests.filter(({ method }) => method === 'voximplant.callback.start')).toHaveLength(1);
  expect(portal.telephones.dials).toMatchObject([{ number: '+4915123456789' }]);
  expect(relay.output().match(/"request\.accepted"/g)).toHaveLength(1);
}

test('every POST twice, the first answer thrown away: one call, one dial, the same answer', async () => {
  const { url, firstAnswers } = await serveProxy(forward);
  const response = await post(url, { site: 'default', phone: '0151 23456789' }, crypto.randomUUID());
  expect(response.status).toBe(202);
  const call = (await response.json()) as Accepted;
  const [first] = firstAnswers as Answer[];
  expect(first?.status).toBe(202);
  expect(JSON.parse(first?.body ?? '')).toMatchObject({ id: call.id, statusToken: call.statusToken });
  await expectOneDial(call);
});

test('the connection is cut once the relay has read the body, and the POST sent again: one call, one dial', async () => {
  const { url } = await serveProxy(cutAfterReading);
  const response = await post(url, { site: 'default', phone: '0151 23456789' }, crypto.randomUUID());
  expect(response.status).toBe(202);
  await expectOneDial((await response.json()) as Accepted);
  expect(relay.output()).toContain('"request.replayed"');
});

test('both sendings at the same moment: one call, one dial, one answer', async () => {
  const { url, firstAnswers } = await serveProxy(async (target, sent, body) => {
    const twins = await Promise.all([forward(target, sent, body), forward(target, sent, body)]);
    return twins.map((twin) => (JSON.parse(twin.body) as Accepted).id);
  });
  const call = (await (await post(url, { site: 'default', phone: '0151 23456789' }, crypto.randomUUID())).json()) as Accepted;
  expect(firstAnswers).toEqual([[call.id, call.id]]);
  await expectOneDial(call);
});

test('a refusal sent twice is refused twice, and nobody rings', async () => {
  const { url, firstAnswers } = await serveProxy(forward);
  const response = await post(url, { site: 'default', phone: '0900 1 234567' }, crypto.randomUUID());
  expect(response.status).toBe(422);
  expect(await response.json()).toEqual(JSON.parse((firstAnswers as Answer[])[0]?.body ?? ''));
  expect(portal.telephones.dials).toEqual([]);
});
