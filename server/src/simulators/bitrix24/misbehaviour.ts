/** Everything that goes wrong between a portal and whoever asks it: staged on demand, for as many requests as a test wants. */
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Clock } from '../../clock.ts';
import type { AnyErrorName } from './portal-crm-errors.ts';

/** `executes`: whether the portal carries the request out before it misbehaves. */
export type Misbehaviour =
  | { kind: 'error'; name: AnyErrorName }
  | { kind: 'answer'; status: number; contentType: string; body: string | Uint8Array<ArrayBuffer>; executes: boolean }
  /** Success, as for lines of applications. */
  | { kind: 'without_call_id' }
  | { kind: 'slow'; delayMs: number }
  /** `afterMs`: the portal gets round to carrying it out only then, at once when absent. */
  | { kind: 'hang'; executes: boolean; afterMs?: number }
  /** The connection is cut without a byte of an answer. */
  | { kind: 'drop'; executes: boolean }
  /** The same, and so that whoever asked is told of it (RST) and not only of an end. */
  | { kind: 'reset'; executes: boolean }
  | { kind: 'redirect'; status: number; location: string }
  /** Announces its whole answer, sends half of it and cuts the connection. */
  | { kind: 'truncated' }
  /** A success that goes on for this many bytes. */
  | { kind: 'flood'; bytes: number }
  /** Executes, then sends a blank every so often and never ends. */
  | { kind: 'drip'; everyMs: number };

export interface Scene {
  clock: Clock;
  /** Undefined where the portal is called without a network. */
  http: HttpBindings | undefined;
  /** Carries the request out and gives its proper answer. */
  answer: () => Response;
  refuse: (name: AnyErrorName) => Response;
  /** Told how many bytes of a flood have been taken off the portal. */
  sent: (bytes: number) => void;
}

export async function misbehave(behaviour: Misbehaviour, scene: Scene): Promise<Response> {
  switch (behaviour.kind) {
    case 'error':
      return scene.refuse(behaviour.name);
    case 'answer':
      if (behaviour.executes) scene.answer();
      return new Response(hasNoBody(behaviour.status) ? null : behaviour.body, {
        status: behaviour.status,
        headers: { 'Content-Type': behaviour.contentType },
      });
    case 'without_call_id':
      return forgetCallId(scene.answer());
    case 'slow': {
      const answer = scene.answer();
      await new Promise<void>((resolve) => scene.clock.after(behaviour.delayMs, resolve));
      return answer;
    }
    case 'hang':
      if (behaviour.executes && behaviour.afterMs === undefined) scene.answer();
      else if (behaviour.executes) scene.clock.after(behaviour.afterMs ?? 0, () => void scene.answer());
      return new Promise<never>(() => {});
    case 'drop':
      if (behaviour.executes) scene.answer();
      return cut('', 0, scene.http);
    case 'reset':
      if (behaviour.executes) scene.answer();
      scene.http?.incoming.socket.resetAndDestroy();
      return cut('', 0, scene.http);
    case 'redirect':
      return new Response(null, { status: behaviour.status, headers: { Location: behaviour.location } });
    case 'truncated': {
      const text = await scene.answer().text();
      return cut(text.slice(0, text.length / 2), text.length, scene.http);
    }
    case 'flood':
      scene.answer();
      return json(flood(behaviour.bytes, scene.sent));
    case 'drip':
      scene.answer();
      return json(drip(behaviour.everyMs, scene.clock));
    default:
      return behaviour satisfies never;
  }
}

function hasNoBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

function json(body: ReadableStream<Uint8Array>): Response {
  return new Response(body, { headers: { 'Content-Type': 'application/json' } });
}

async function forgetCallId(answer: Response): Promise<Response> {
  const body = (await answer.json()) as { result?: Record<string, unknown> };
  delete body.result?.CALL_ID;
  return Response.json(body, { status: answer.status });
}

/** Without a network there is no connection to cut: the body breaks instead. */
function cut(text: string, announcedLength: number, http: HttpBindings | undefined): Response {
  if (http === undefined) {
    return json(
      new ReadableStream({
        start(controller) {
          if (text !== '') controller.enqueue(new TextEncoder().encode(text));
        },
        pull: (controller) => controller.error(new TypeError('terminated')),
      }),
    );
  }
  const { incoming, outgoing } = http;
  if (text === '') incoming.socket.destroy();
  else {
    outgoing.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': announcedLength });
    outgoing.write(text, () => incoming.socket.destroy());
  }
  return RESPONSE_ALREADY_SENT;
}

const CHUNK_BYTES = 64 * 1024;

/** Begins like a success, so that only a reader who stops at a limit tells the difference. */
function flood(totalBytes: number, sent: (bytes: number) => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const opening = encoder.encode('{"result":{"RESULT":true},"padding":"');
  const chunk = encoder.encode('x'.repeat(CHUNK_BYTES));
  let bytes = 0;
  return new ReadableStream({
    start: (controller) => controller.enqueue(opening),
    pull(controller) {
      controller.enqueue(chunk);
      sent(CHUNK_BYTES);
      bytes += CHUNK_BYTES;
      if (bytes < totalBytes) return;
      controller.enqueue(encoder.encode('"}'));
      controller.close();
    },
  });
}

function drip(everyMs: number, clock: Clock): ReadableStream<Uint8Array> {
  let stop = () => {};
  return new ReadableStream({
    start(controller) {
      const drop = () => {
        controller.enqueue(new TextEncoder().encode(' '));
        stop = clock.after(everyMs, drop);
      };
      drop();
    },
    cancel: () => stop(),
  });
}
