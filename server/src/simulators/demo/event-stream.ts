/** Server-Sent Events over a plain stream: https://html.spec.whatwg.org/multipage/server-sent-events.html */
import type { Clock } from '../../clock.ts';

/** A silent connection is cut by proxies after about half a minute. */
export const HEARTBEAT_MS = 15_000;

/** A reader that lags this far behind is let go; its browser connects again and starts from a fresh snapshot. */
const MAX_BACKLOG_BYTES = 256 * 1024;

export type SendEvent = (event: string, data: unknown) => void;

export interface EventStreamOptions {
  clock: Clock;
  /** Sends the first events and starts listening; the answer ends the listening, and is called exactly once. */
  open: (send: SendEvent) => () => void;
  /** Fires when the client has gone. */
  signal: AbortSignal;
}

export function eventStream(options: EventStreamOptions): Response {
  let stop = () => {};
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        stop = startEvents(controller, options);
      },
      cancel: () => stop(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_BACKLOG_BYTES }),
  );
  return new Response(body, {
    // The last header keeps nginx from holding events back.
    headers: { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' },
  });
}

/** The answer stops everything that was started, and may be called again. */
function startEvents(controller: ReadableStreamDefaultController<Uint8Array>, { clock, open, signal }: EventStreamOptions): () => void {
  const encoder = new TextEncoder();
  let isOpen = true;
  let cancelHeartbeat = () => {};
  let stopListening = () => {};

  const stop = () => {
    isOpen = false;
    cancelHeartbeat();
    stopListening();
    stopListening = () => {};
    signal.removeEventListener('abort', end);
  };
  const end = () => {
    if (!isOpen) return;
    stop();
    controller.close();
  };
  const write = (text: string) => {
    if (!isOpen) return;
    controller.enqueue(encoder.encode(text));
    if ((controller.desiredSize ?? 0) <= 0) end();
  };
  const scheduleHeartbeat = () => {
    cancelHeartbeat = clock.after(HEARTBEAT_MS, () => {
      write(':\n\n');
      if (isOpen) scheduleHeartbeat();
    });
  };

  signal.addEventListener('abort', end);
  stopListening = open((event, data) => write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
  scheduleHeartbeat();
  if (signal.aborted) end();
  // The first events alone may have been too many.
  if (!isOpen) stop();
  return stop;
}
