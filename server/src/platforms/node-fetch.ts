/**
 * How Node reaches providers. Every request has a connection of its own: an idle one may already be dead, and a dial that dies on it
 * could not be told from one that was carried out. And nothing is written before the connection stands and `maySend` has been asked
 * once more. The runtime's own `fetch` lets nobody look there, so this one stands on `node:http`. It follows no redirect.
 */
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect, isIP, type Socket } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { constants, createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Clock } from '../clock.ts';
import { type FreshInit, NotSent } from '../providers/not-sent.ts';
import { systemClock } from './node-clock.ts';

/** Looking up the name, connecting and agreeing on TLS. Whatever takes longer has sent nothing, and there may be time for another try. */
const CONNECT_WITHIN_MS = 3_000;
const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

export const freshFetch: typeof fetch = freshFetchBy(systemClock);

export function freshFetchBy(clock: Clock): typeof fetch {
  return async (input, init: FreshInit = {}) => {
    const { signal, maySend, ...plain } = init;
    const asked = new Request(input, plain);
    const content = asked.body === null ? undefined : new Uint8Array(await asked.arrayBuffer());
    signal?.throwIfAborted();
    return send(
      { url: new URL(asked.url), method: asked.method, headers: asked.headers, content },
      { clock, signal: signal ?? undefined, maySend },
    );
  };
}

interface PlainRequest {
  url: URL;
  method: string;
  headers: Headers;
  content: Uint8Array | undefined;
}

interface Terms {
  clock: Clock;
  signal: AbortSignal | undefined;
  maySend: FreshInit['maySend'];
}

function send({ url, method, headers, content }: PlainRequest, terms: Terms): Promise<Response> {
  const { signal } = terms;
  const all = {
    accept: '*/*',
    'accept-encoding': 'gzip, deflate, br',
    'user-agent': 'node',
    ...Object.fromEntries(headers),
    ...(content !== undefined && { 'content-length': content.byteLength }),
  };
  return new Promise((resolve, reject) => {
    const options = {
      method,
      headers: all,
      ...(signal && { signal }),
      createConnection: (_: object, onOpen: (error: Error | null, socket: Socket) => void) => openSocket(url, terms, onOpen),
    };
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options);
    request.on('error', reject);
    request.once('response', (message) => {
      try {
        resolve(toResponse(message));
      } catch (error) {
        message.destroy();
        reject(error);
      }
    });
    request.end(content);
  });
}

/** `onOpen` is called when there is nothing left between it and the first byte of the request. */
function openSocket(url: URL, { clock, signal, maySend }: Terms, onOpen: (error: Error | null, socket: Socket) => void): undefined {
  const isSafe = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const place = { host, port: Number(url.port) || (isSafe ? 443 : 80) };
  const safe = { ...place, ...(isIP(host) === 0 && { servername: host }), ALPNProtocols: ['http/1.1'] };
  const socket = isSafe ? connectTls(safe) : connect(place);
  const cancel = clock.after(CONNECT_WITHIN_MS, () => socket.destroy(new NotSent('no_connection')));
  const fail = (error: Error) => {
    cancel();
    onOpen(error, socket);
  };
  socket.once('error', fail);
  socket.once(isSafe ? 'secureConnect' : 'connect', () => {
    if (signal?.aborted) return void socket.destroy(signal.reason);
    if (maySend?.() === false) return void socket.destroy(new NotSent('out_of_time'));
    cancel();
    socket.off('error', fail);
    // Head and body are written one after the other; the second is not to wait until the first has been acknowledged.
    socket.setNoDelay(true);
    onOpen(null, socket);
  });
}

function toResponse(message: IncomingMessage): Response {
  const { statusCode: status = 0, rawHeaders } = message;
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  if (NO_BODY.has(status)) {
    message.resume();
    return new Response(null, { status, headers });
  }
  const body = Readable.toWeb(unpacked(message, headers.get('content-encoding'))) as ReadableStream<Uint8Array>;
  return new Response(body, { status, headers });
}

/** What has come so far is handed on at once, and an answer that breaks off says so. */
function unpacked(message: IncomingMessage, encoding: string | null): Readable {
  const asItComes = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
  const unpackers: Record<string, () => ReturnType<typeof createGunzip>> = {
    gzip: () => createGunzip(asItComes),
    'x-gzip': () => createGunzip(asItComes),
    deflate: () => createInflate(asItComes),
    br: () => createBrotliDecompress({ flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  };
  const unpacker = unpackers[encoding?.trim().toLowerCase() ?? '']?.();
  return unpacker === undefined ? message : pipeline(message, unpacker, () => {});
}
