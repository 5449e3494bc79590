/**
 * One request to Bitrix24, one JSON object back: sent once, with no retry and no redirect, read up to 64 KiB. What failed is judged by
 * whether the request may have been carried out; the error itself, whose text may hold an address with its secret, is dropped.
 */
import { type Clock, timeLimit } from '../../clock.ts';
import { type NotSentProof, proveNotSent } from '../not-sent.ts';
import {
  BROKEN_OFF,
  type Failure,
  MOVED,
  NAME_NOT_FOUND,
  NO_CONNECTION,
  TLS_FAILED,
  TOO_LATE,
  TOO_LONG,
  UNREADABLE,
} from './bitrix24-faults.ts';

/** From the first byte sent to the last one read. The portal itself may take up to 60 s. */
export const ANSWER_WITHIN_MS = 15_000;
export const MAX_ANSWER_BYTES = 64 * 1024;

export interface RequestTools {
  /** Must open a fresh connection for every request: a stale one could lose an answer or, on some runtimes, send twice. */
  fetch: typeof fetch;
  clock: Clock;
}

export interface OneRequest {
  url: string;
  /** Sent by POST; undefined: a GET. */
  content: { type: string; body: string } | undefined;
  withinMs: number;
}

export interface JsonAnswer {
  kind: 'answer';
  status: number;
  object: Readonly<Record<string, unknown>>;
}

/** Never throws, and ends within `withinMs` of the clock. */
export async function sendOnce({ url, content, withinMs }: OneRequest, { fetch, clock }: RequestTools): Promise<JsonAnswer | Failure> {
  const limit = timeLimit(clock, withinMs);
  try {
    const request = fetch(url, {
      method: content === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { ...(content !== undefined && { 'Content-Type': content.type }), Accept: 'application/json' },
      ...(content !== undefined && { body: content.body }),
      signal: limit.signal,
    });
    return await readAnswer(await before(limit.signal, request), limit.signal);
  } catch (error) {
    const proof = proveNotSent(error);
    if (proof !== undefined) return UNSENT[proof];
    return judgeBreak(limit.signal);
  } finally {
    limit.cancel();
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const UNSENT: Readonly<Record<NotSentProof, Failure>> = {
  name_not_found: NAME_NOT_FOUND,
  no_connection: NO_CONNECTION,
  tls_failed: TLS_FAILED,
};

function judgeBreak(signal: AbortSignal): Failure {
  return signal.aborted ? TOO_LATE : BROKEN_OFF;
}

async function readAnswer(response: Response, signal: AbortSignal): Promise<JsonAnswer | Failure> {
  if (isRedirect(response)) {
    response.body?.cancel().catch(() => {});
    return MOVED;
  }
  const read = await readBytes(response.body, signal);
  if (read.kind !== 'bytes') return read;
  const object = parseObject(read.bytes);
  return object === undefined ? UNREADABLE : { kind: 'answer', status: response.status, object };
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
