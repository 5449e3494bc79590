import { once } from 'node:events';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { Secret } from '../config/secret.ts';
import { bitrix24 } from '../providers/bitrix24/bitrix24.ts';
import { proveNotSent } from '../providers/not-sent.ts';
import { fakeClock } from '../simulators/fake-clock.ts';
import { freshFetchBy } from './node-fetch.ts';

const ORDER = { line: 'reg1', number: '+4915123456789', announcement: 'A call.' };
const PLACED = '{"result":{"RESULT":true}}';

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  return `http://127.0.0.1:${await listen(createHttp(answer))}`;
}

/** A portal at `localhost` that counts what reaches it. */
async function portal() {
  const bodies: string[] = [];
  const url = await serve((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => bodies.push(text));
    request.on('end', () => response.setHeader('content-type', 'application/json').end(PLACED));
  });
  return { bodies, port: Number(new URL(url).port) };
}

function dialler(origin: string) {
  const clock = fakeClock();
  const webhookUrl = new Secret(`${origin}/rest/1/secret1/`);
  return { clock, provider: bitrix24({ name: 'main', webhookUrl, fetch: freshFetchBy(clock), clock }) };
}

/** From now on names are only found when the test says so. Resolves once somebody has asked for one. */
function slowNames(): { asked: Promise<void>; answer: () => void } {
  const dns = createRequire(import.meta.url)('node:dns') as { lookup: (...asked: unknown[]) => void };
  const { lookup } = dns;
  let answer = () => {};
  const asked = new Promise<void>((resolve) => {
    dns.lookup = (...about) => {
      answer = () => lookup(...about);
      resolve();
    };
  });
  onTestFinished(() => {
    dns.lookup = lookup;
  });
  return { asked, answer: () => answer() };
}

test('nothing is sent after the deadline, however long the portal’s name is looked up', async () => {
  const { bodies, port } = await portal();
  const names = slowNames();
  const { clock, provider } = dialler(`http://localhost:${port}`);
  const dialling = provider.dial({ ...ORDER, sendBefore: clock.now() + 1_000 });
  await names.asked;
  clock.set(clock.now() + 1_000);
  names.answer();
  expect(await dialling).toMatchObject({ kind: 'not_sent', fault: { code: 'out_of_time', configuration: false } });
  expect(bodies).toEqual([]);
});

test('a name that is found in time is rung', async () => {
  const { bodies, port } = await portal();
  const names = slowNames();
  const { clock, provider } = dialler(`http://localhost:${port}`);
  const dialling = provider.dial({ ...ORDER, sendBefore: clock.now() + 1_000 });
  await names.asked;
  clock.set(clock.now() + 999);
  names.answer();
  expect(await dialling).toMatchObject({ kind: 'placed' });
  expect(bodies).toHaveLength(1);
});

test('a name that nobody answers for is given up after 3 s: proved not sent', async () => {
  const names = slowNames();
  const { clock, provider } = dialler('http://localhost:9');
  const dialling = provider.dial(ORDER);
  await names.asked;
  await clock.advance(3_000);
  expect(await dialling).toMatchObject({ kind: 'not_sent', fault: { code: 'portal_unreachable' } });
});

test('a handshake that does not come about is given up after 3 s: proved not sent', async () => {
  const silent = createServer();
  const greeted = new Promise<Socket>((resolve) => silent.on('connection', (socket) => socket.once('data', () => resolve(socket))));
  const { clock, provider } = dialler(`https://127.0.0.1:${await listen(silent)}`);
  const dialling = provider.dial(ORDER);
  const socket = await greeted;
  await clock.advance(3_000);
  expect(await dialling).toMatchObject({ kind: 'not_sent', fault: { code: 'portal_unreachable' } });
  socket.destroy();
});

test('a connection that stands has all the time of an answer', async () => {
  let asked = () => {};
  const reached = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const { clock, provider } = dialler(await serve(() => asked()));
  const dialling = provider.dial({ ...ORDER, sendBefore: clock.now() + 1 });
  await reached;
  await clock.advance(14_999);
  expect(await Promise.race([dialling, 'still waits'])).toBe('still waits');
  await clock.advance(1);
  expect(await dialling).toMatchObject({ kind: 'uncertain', fault: { code: 'answer_too_late' } });
});

test('who gives up before the connection stands sends nothing', async () => {
  const { bodies, port } = await portal();
  const names = slowNames();
  const controller = new AbortController();
  const asking = freshFetchBy(fakeClock())(`http://localhost:${port}/`, { method: 'POST', body: 'order', signal: controller.signal });
  await names.asked;
  controller.abort();
  names.answer();
  await expect(asking).rejects.toMatchObject({ name: 'AbortError' });
  expect(bodies).toEqual([]);
});

test('a certificate that nobody vouches for is not accepted', async () => {
  const { key, cert } = SELF_SIGNED;
  const port = await listen(createHttps({ key, cert }, (_request, response) => response.end(PLACED)));
  const asking = freshFetchBy(fakeClock())(`https://127.0.0.1:${port}/`);
  expect(await asking.then(() => 'answered', proveNotSent)).toBe('tls_failed');
});

test('an answer is read as any fetch reads it: status, headers, packed or not, none at all', async () => {
  const seen: IncomingMessage[] = [];
  const url = await serve((request, response) => {
    seen.push(request);
    if (request.url === '/empty') return response.writeHead(204).end();
    if (request.url === '/moved') return response.writeHead(307, { location: '/' }).end();
    const body = gzipSync('{"said":"ü"}');
    return response.writeHead(200, { 'content-encoding': 'gzip', 'x-told': ['a', 'b'], 'content-type': 'application/json' }).end(body);
  });
  const fetch = freshFetchBy(fakeClock());
  const answer = await fetch(url, { method: 'POST', body: '{"ö":1}', headers: { 'Content-Type': 'application/json' } });
  expect([answer.status, answer.headers.get('x-told'), await answer.json()]).toEqual([200, 'a, b', { said: 'ü' }]);
  expect(seen[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '8', connection: 'close' });
  const empty = await fetch(new URL('/empty', url));
  expect([empty.status, await empty.text()]).toEqual([204, '']);
  expect((await fetch(`${url}/moved`)).status).toBe(307);
});

/** For 127.0.0.1, until 2126; it guards nothing. */
const SELF_SIGNED = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgczuCOQNwoylhrZal
E+mdxu3+WJ+zk1+h/kKmpUkYZyihRANCAAQ0Ue/uXtLENNntSxSzfAaSXioTJ871
2FmecjZVcH9wOhkVdMTbjC4ry/L0EFbitpRN2GnEx/ATXJ1zy8xt+EcO
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBkDCCATagAwIBAgIUGZqLFa37U91l2evdlii2wxWgEGIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyMDIwMDE0N1oYDzIxMjYxMDI3
MjAwMTQ3WjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQ0Ue/uXtLENNntSxSzfAaSXioTJ8712FmecjZVcH9wOhkVdMTbjC4r
y/L0EFbitpRN2GnEx/ATXJ1zy8xt+EcOo2QwYjAdBgNVHQ4EFgQU+5NyMjK+v3iD
tfXIfyBWygdZ8XUwHwYDVR0jBBgwFoAU+5NyMjK+v3iDtfXIfyBWygdZ8XUwDwYD
VR0TAQH/BAUwAwEB/zAPBgNVHREECDAGhwR/AAABMAoGCCqGSM49BAMCA0gAMEUC
IFFSi1pYE5NqSVvoOt3lc66R1XlfRA5f+WJk71/nSpKhAiEAg719Pb87S0n7Q5vL
TcbXE+pJchGpWXzjJByh1L1OeGs=
-----END CERTIFICATE-----
`,
};
