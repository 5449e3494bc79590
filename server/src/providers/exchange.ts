/**
 * One HTTP request, one answer of JSON, told apart by what they prove: sent once, no redirect followed, at most 64 KiB taken in.
 * What an answer means is for the provider that asked.
 */
import { type FreshInit, type NotSentProof, proveNotSent } from './not-sent.ts';

/** From the first byte sent to the last one read. */
export const ANSWER_WITHIN_MS = 15_000;
export const MAX_ANSWER_BYTES = 64 * 1024;

export type Exchange =
  /** `body`: what the JSON says; undefined where it was none. */
  | { kind: 'answer'; status: number; headers: Headers; body: unknown }
  | { kind: 'unsent'; proof: NotSentProof }
  | { kind: 'moved' }
  | { kind: 'too_long' }
  | { kind: 'too_late' }
  | { kind: 'broken' };

/**
 * `fetch` must open a fresh connection. Never throws, and ends when the signal fires even if `fetch` takes no notice of it. Nothing is
 * sent once `maySend` says no; it is asked here, and once more when the connection stands.
 */
export async function exchange(
  fetch: typeof globalThis.fetch,
  url: string,
  { maySend, ...init }: FreshInit,
  signal: AbortSignal,
): Promise<Exchange> {
  if (maySend?.() === false) return { kind: 'unsent', proof: 'out_of_time' };
  const all: FreshInit = { ...init, redirect: 'manual', signal, maySend };
  try {
    const response = await before(signal, fetch(url, all));
    if (isRedirect(response)) {
      response.body?.cancel().catch(() => {});
      return { kind: 'moved' };
    }
    const bytes = await readBytes(response.body, signal);
    if (!(bytes instanceof Uint8Array)) return bytes;
    return { kind: 'answer', status: response.status, headers: response.headers, body: parseJson(bytes) };
  } catch (error) {
    // The error may hold the address and what was sent to it: it is judged and dropped.
    const proof = proveNotSent(error);
    return proof === undefined ? judgeBreak(signal) : { kind: 'unsent', proof };
  }
}

/** Gives up waiting when the signal fires. */
export async function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
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

/** `opaqueredirect` is how runtimes that follow the browser's rules show a redirect that was not followed. */
function isRedirect({ status, type }: Response): boolean {
  return (status >= 301 && status <= 308) || type === 'opaqueredirect';
}

/** What is beyond the cap is never taken in. Bytes count after decompression. */
async function readBytes(body: ReadableStream<Uint8Array> | null, signal: AbortSignal): Promise<Uint8Array | Exchange> {
  const bytes = new Uint8Array(MAX_ANSWER_BYTES);
  let length = 0;
  const reader = body?.getReader();
  try {
    while (reader !== undefined) {
      const { done, value } = await before(signal, reader.read());
      if (done) break;
      if (length + value.byteLength > MAX_ANSWER_BYTES) return { kind: 'too_long' };
      bytes.set(value, length);
      length += value.byteLength;
    }
    return bytes.subarray(0, length);
  } catch {
    // An answer had begun, so whatever broke now, the request had been sent.
    return judgeBreak(signal);
  } finally {
    // Not awaited: a body that does not end may not end its cancelling either.
    reader?.cancel().catch(() => {});
  }
}

function judgeBreak(signal: AbortSignal): Exchange {
  return { kind: signal.aborted ? 'too_late' : 'broken' };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
