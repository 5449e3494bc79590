/**
 * A proxy whose idle connections die the worst way: a POST that comes on a used connection is carried out in full, and then the
 * connection is reset without a byte of an answer. Browsers take that for a stale socket and send the same POST again by themselves.
 */
import { connect, createServer, type Socket } from 'node:net';

export interface StaleProxy {
  readonly url: string;
  /** `Idempotency-Key` of every POST that reached the relay, in order. */
  forwardedKeys(): readonly string[];
  /** Those of them whose answer was swallowed. */
  lostKeys(): readonly string[];
  close(): Promise<void>;
}

export async function staleProxy(target: string): Promise<StaleProxy> {
  const forwarded: string[] = [];
  const lost: string[] = [];
  const sockets = new Set<Socket>();

  const server = createServer((client) => {
    sockets.add(client);
    client.on('close', () => sockets.delete(client));
    client.on('error', () => client.destroy());
    let requests = 0;
    void readMessages(client, async (message) => {
      requests += 1;
      const key = /^idempotency-key: *(\S+)/im.exec(headOf(message))?.[1];
      if (key !== undefined && isPost(message)) forwarded.push(key);
      const answer = await exchange(target, message);
      if (requests === 1 || key === undefined || !isPost(message)) return client.write(answer);
      lost.push(key);
      return client.resetAndDestroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');

  return {
    url: `http://127.0.0.1:${address.port}`,
    forwardedKeys: () => forwarded,
    lostKeys: () => lost,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

const HEAD_END = '\r\n\r\n';

/** Hands on one message after the other; the next is not looked at before `take` is done with the last. */
async function readMessages(socket: Socket, take: (message: Buffer) => Promise<unknown>): Promise<void> {
  let buffered = Buffer.alloc(0);
  try {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      buffered = Buffer.concat([buffered, chunk]);
      for (let length = messageLength(buffered); length !== undefined; length = messageLength(buffered)) {
        const message = buffered.subarray(0, length);
        buffered = buffered.subarray(length);
        await take(message);
      }
    }
  } catch {
    // The browser went away; so does this connection.
  }
}

/** Undefined while it is not complete. Both sides announce the length of every body, so nothing else is read. */
function messageLength(buffered: Buffer): number | undefined {
  const headLength = buffered.indexOf(HEAD_END);
  if (headLength < 0) return undefined;
  const bodyLength = Number(/^content-length: *(\d+)/im.exec(headOf(buffered))?.[1] ?? 0);
  const length = headLength + HEAD_END.length + bodyLength;
  return buffered.length >= length ? length : undefined;
}

function headOf(message: Buffer): string {
  return message.subarray(0, message.indexOf(HEAD_END)).toString('latin1');
}

function isPost(message: Buffer): boolean {
  return message.subarray(0, 5).toString('latin1') === 'POST ';
}

/** Each on a connection of its own, so that only the browser's side is ever stale. */
function exchange(target: string, message: Buffer): Promise<Buffer> {
  const { hostname, port } = new URL(target);
  return new Promise((resolve, reject) => {
    const upstream = connect(Number(port), hostname, () => upstream.write(message));
    upstream.on('error', reject);
    void readMessages(upstream, async (answer) => {
      resolve(answer);
      upstream.destroy();
    });
  });
}
