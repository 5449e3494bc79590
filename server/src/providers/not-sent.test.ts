import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { NotSent, proveNotSent } from './not-sent.ts';

/** As Node's fetch throws it: the socket's error hangs below. */
function fetchFailed(cause: unknown): TypeError {
  return new TypeError('fetch failed', { cause });
}

function systemError(code: string, syscall?: string): Error {
  return Object.assign(new Error(code), { code, ...(syscall && { syscall }) });
}

test.each([
  ['a name nobody knows', systemError('ENOTFOUND', 'getaddrinfo'), 'name_not_found'],
  ['a resolver that does not answer', systemError('EAI_AGAIN', 'getaddrinfo'), 'name_not_found'],
  ['a resolver that failed for good', systemError('EAI_FAIL', 'getaddrinfo'), 'name_not_found'],
  ['a closed port', systemError('ECONNREFUSED', 'connect'), 'no_connection'],
  ['no route while connecting', systemError('EHOSTUNREACH', 'connect'), 'no_connection'],
  ['no network while connecting', systemError('ENETUNREACH', 'connect'), 'no_connection'],
  ['time over while connecting', systemError('ETIMEDOUT', 'connect'), 'no_connection'],
  ["the client's own connect timeout", systemError('UND_ERR_CONNECT_TIMEOUT'), 'no_connection'],
  ['an expired certificate', systemError('CERT_HAS_EXPIRED'), 'tls_failed'],
  ['a self-signed certificate', systemError('DEPTH_ZERO_SELF_SIGNED_CERT'), 'tls_failed'],
  ['a certificate for another name', systemError('ERR_TLS_CERT_ALTNAME_INVALID'), 'tls_failed'],
  ['no common cipher', systemError('ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE'), 'tls_failed'],
])('%s proves that nothing was sent', (_, cause, proof) => {
  expect(proveNotSent(fetchFailed(cause))).toBe(proof);
  expect(proveNotSent(cause)).toBe(proof);
});

test.each([
  ['a reset', systemError('ECONNRESET', 'read')],
  ['a reset without a system call', systemError('ECONNRESET')],
  ['a broken pipe', systemError('EPIPE', 'write')],
  ['time over while reading', systemError('ETIMEDOUT', 'read')],
  ['time over, nobody says where', systemError('ETIMEDOUT')],
  ['a route lost while reading', systemError('EHOSTUNREACH', 'read')],
  ['a network lost, nobody says where', systemError('ENETUNREACH')],
  ['a socket that the other side closed', systemError('UND_ERR_SOCKET')],
  ['headers that do not come', systemError('UND_ERR_HEADERS_TIMEOUT')],
  ['a body that does not come', systemError('UND_ERR_BODY_TIMEOUT')],
  ['a bad TLS record', systemError('ERR_SSL_WRONG_VERSION_NUMBER')],
  ['our own time limit', new DOMException('over', 'TimeoutError')],
  ['an abort', new DOMException('aborted', 'AbortError')],
  ['an error without a code', new Error('ECONNREFUSED')],
])('%s proves nothing', (_, cause) => {
  expect(proveNotSent(fetchFailed(cause))).toBeUndefined();
  expect(proveNotSent(cause)).toBeUndefined();
});

test('a platform that says itself what kept a request from being sent is believed', () => {
  expect(proveNotSent(new NotSent('out_of_time'))).toBe('out_of_time');
  expect(proveNotSent(fetchFailed(new NotSent('no_connection')))).toBe('no_connection');
});

test('of several addresses tried, all must have failed before sending', () => {
  const refused = systemError('ECONNREFUSED', 'connect');
  const all = Object.assign(new AggregateError([refused, systemError('ENETUNREACH', 'connect')]), { code: 'ECONNREFUSED' });
  const notAll = Object.assign(new AggregateError([refused, systemError('ECONNRESET', 'read')]), { code: 'ECONNREFUSED' });
  expect(proveNotSent(fetchFailed(all))).toBe('no_connection');
  expect(proveNotSent(fetchFailed(notAll))).toBeUndefined();
});

test('an error that was caused by a proof, but names a failure of its own, proves nothing', () => {
  const outer = Object.assign(systemError('UND_ERR_SOCKET'), { cause: systemError('ECONNREFUSED', 'connect') });
  expect(proveNotSent(outer)).toBeUndefined();
});

test('a chain of causes that bites its own tail comes to an end', () => {
  const snake: { cause?: unknown; errors?: unknown[] } = {};
  snake.cause = snake;
  expect(proveNotSent(snake)).toBeUndefined();
  snake.errors = [snake, snake];
  expect(proveNotSent(snake)).toBeUndefined();
});

test('anything at all may be thrown', () => {
  const trap = new Proxy(
    {},
    {
      get() {
        throw new Error('no');
      },
    },
  );
  expect(proveNotSent(trap)).toBeUndefined();
  fc.assert(fc.property(fc.anything({ withNullPrototype: true }), (thrown) => proveNotSent(thrown) === undefined));
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function proofOf(url: string): Promise<string | undefined> {
  return fetch(url, { method: 'POST', body: 'order' }).then(() => 'answered', proveNotSent);
}

test('this runtime itself: a port where nobody listens', async () => {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  expect(await proofOf(`http://127.0.0.1:${port}`)).toBe('no_connection');
  expect(await proofOf(`http://localhost:${port}`)).toBe('no_connection');
});

test('this runtime itself: a name that cannot exist', async () => {
  expect(await proofOf('https://portal.invalid/')).toBe('name_not_found');
});

test('this runtime itself: a server that has no certificate to show', async () => {
  const port = await listen(createHttpsServer({}));
  expect(await proofOf(`https://127.0.0.1:${port}`)).toBe('tls_failed');
});

test('this runtime itself: a server that reads and hangs up, or hangs up at once', async () => {
  const reader = await listen(createServer((socket) => socket.once('data', () => socket.destroy())));
  expect(await proofOf(`http://127.0.0.1:${reader}`)).toBeUndefined();
  const slammer = await listen(createServer((socket) => socket.destroy()));
  expect(await proofOf(`http://127.0.0.1:${slammer}`)).toBeUndefined();
});
