/**
 * One request to the portal, one reply. A request is sent once: no retry, no redirect, and with a `fetch` that opens a fresh
 * connection each time (see `Bitrix24Options.fetch`), because a stale one could lose an answer or, on some runtimes, send twice.
 */
import { type Clock, timeLimit } from '../../clock.ts';
import { type NotSentProof, proveNotSent } from '../not-sent.ts';
import {
  BROKEN_OFF,
  type Failure,
  judgeError,
  MOVED,
  NAME_NOT_FOUND,
  NO_CONNECTION,
  TLS_FAILED,
  TOO_LATE,
  TOO_LONG,
  UNREADABLE,
} from './bitrix24-faults.ts';
import type { WebhookUrl } from './webhook-url.ts';

/** From the first byte sent to the last one read. The portal itself may take up to 60 s. */
export const ANSWER_WITHIN_MS = 15_000;
export const MAX_ANSWER_BYTES = 64 * 1024;

/** `operatingResetAt`: when the portal's time account for the method is relieved next, epoch ms, where it said so. */
export type Reply = { kind: 'result'; result: unknown; operatingResetAt: number | undefined } | Failure;

export interface Bitrix24ClientOptions {
  webhook: WebhookUrl;
  fetch: typeof fetch;
  clock: Clock;
}

export interface Bitrix24Client {
  /** Never throws, and ends within 15 s of the clock. */
  call(method: string, params: Readonly<Record<string, unknown>>): Promise<Reply>;
}

export function bitrix24Client({ webhook, fetch, clock }: Bitrix24ClientOptions): Bitrix24Client {
  return {
    async call(method, params) {
      const limit = timeLimit(clock, ANSWER_WITHIN_MS);
      try {
        const request = fetch(webhook.base.reveal() + method, {
          method: 'POST',
          redirect: 'manual',
          headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
          body: JSON.stringify(params),
          signal: limit.signal,
        });
        return await readReply(await before(limit.signal, request), limit.signal);
      } catch (error) {
        // The error may hold the address with its secret: it is judged and dropped.
        const proof = proveNotSent(error);
        if (proof !== undefined) return UNSENT[proof];
        return judgeBreak(limit.signal);
      } finally {
        limit.cancel();
      }
    },
  };
}

const UNSENT: Readonly<Record<NotSentProof, Failure>> = {
  name_not_found: NAME_NOT_FOUND,
  no_connection: NO_CONNECTION,
  tls_failed: TLS_FAILED,
};

function judgeBreak(signal: AbortSignal): Failure {
  return signal.aborted ? TOO_LATE : BROKEN_OFF;
}

async function readReply(response: Response, signal: AbortSignal): Promise<Reply> {
  if (isRedirect(response)) {
    response.body?.cancel().catch(() => {});
    return MOVED;
  }
  const read = await readBytes(response.body, signal);
  if (read.kind !== 'bytes') return read;
  const answer = parseObject(read.bytes);
  if (answer === undefined) return UNREADABLE;

  const { error, error_description: description, result } = answer;
  if (error === undefined || error === null || error === '') {
    return response.ok && result !== undefined
      ? { kind: 'result', result, operatingResetAt: readResetAt(answer.time) }
      : judgeSilence(response);
  }
  // An error beside a result contradicts itself, so it does not prove that nobody was rung. Some codes are numbers.
  if ((result !== undefined && result !== null) || (typeof error !== 'string' && typeof error !== 'number')) return UNREADABLE;
  return judgeError(response.status, String(error), typeof description === 'string' ? description : '');
}

/** `opaqueredirect` is how runtimes that follow the browser's rules show a redirect that was not followed. */
function isRedirect({ status, type }: Response): boolean {
  return (status >= 301 && status <= 308) || type === 'opaqueredirect';
}

/** What is beyond the cap is never taken in. Bytes count after decompression. */
async function readBytes(
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal,
): Promise<{ kind: 'bytes'; bytes: Uint8Array } | Failure> {
  const bytes = new Uint8Array(MAX_ANSWER_BYTES);
  let length = 0;
  const reader = body?.getReader();
  try {
    while (reader !== undefined) {
      const { done, value } = await before(signal, reader.read());
      if (done) break;
      if (length + value.byteLength > MAX_ANSWER_BYTES) return TOO_LONG;
      bytes.set(value, length);
      length += value.byteLength;
    }
    return { kind: 'bytes', bytes: bytes.subarray(0, length) };
  } catch {
    // An answer had begun, so whatever broke now, the request had been sent.
    return judgeBreak(signal);
  } finally {
    // Not awaited: a body that does not end may not end its cancelling either.
    reader?.cancel().catch(() => {});
  }
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON that says neither yes nor no. */
function judgeSilence({ status }: Response): Failure {
  return status >= 500 ? judgeError(status, '', '') : UNREADABLE;
}

function readResetAt(time: unknown): number | undefined {
  const seconds = isRecord(time) ? time.operating_reset_at : undefined;
  return typeof seconds === 'number' && Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** Gives up waiting when the signal fires, even where the work takes no notice of it. */
async function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop = () => {};
  const fired = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, fired]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
