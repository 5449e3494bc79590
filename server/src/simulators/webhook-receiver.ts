/** Takes signed messages on a loopback port of Node, checks them as a receiver would, and misbehaves on demand. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** `hang`: the answer never comes. */
export type ReceiverMood = { status: number; headers?: Record<string, string> } | 'hang';

export interface ReceivedMessage {
  id: string;
  /** Whether signature and time were right. */
  verified: boolean;
  body: string;
}

export interface WebhookReceiver {
  readonly url: string;
  /** Everything that arrived, whatever was answered. */
  readonly received: readonly ReceivedMessage[];
  /** How everything is answered from now on; 204 at first. */
  mood: ReceiverMood;
  /** How the next message is answered, whatever the mood. */
  answerNext(mood: ReceiverMood): void;
  close(): Promise<void>;
}

export async function webhookReceiver(secret: string): Promise<WebhookReceiver> {
  const received: ReceivedMessage[] = [];
  let mood: ReceiverMood = { status: 204 };
  const next: ReceiverMood[] = [];
  const server = createServer(async (request, response) => {
    const body = await readText(request);
    received.push({ id: String(request.headers['webhook-id']), verified: verify(request, body, secret), body });
    const answer = next.shift() ?? mood;
    if (answer !== 'hang') response.writeHead(answer.status, answer.headers).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/leads`,
    received,
    get mood() {
      return mood;
    },
    set mood(given) {
      mood = given;
    },
    answerNext: (given) => void next.push(given),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Its age is left out: the clock of a test stands at another year than that of the library. */
function verify({ headers }: IncomingMessage, body: string, secret: string): boolean {
  const [id, seconds, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => String(headers[name]));
  if (id === undefined || id.includes('.') || !/^\d+$/.test(seconds ?? '')) return false;
  return new Webhook(secret).sign(id, new Date(Number(seconds) * 1000), body) === signature;
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
