/** Requests to the platform in the account's name: with its token, and within its hourly quota. */
import { type Clock, timeLimit } from '../../clock.ts';
import { ANSWER_WITHIN_MS, before, exchange } from '../exchange.ts';
import { type Failure, judgeAnswer, judgeSilence, QUOTA_USED_UP, TOKEN_REFUSED, TOKEN_UNAVAILABLE } from './telphin-faults.ts';
import { API_PATH } from './telphin-host.ts';
import type { TelphinToken } from './telphin-token.ts';

export type Reply = { kind: 'success'; body: unknown } | Failure;

export interface TelphinClientOptions {
  origin: string;
  token: TelphinToken;
  fetch: typeof fetch;
  clock: Clock;
}

export interface TelphinClient {
  get(path: string, signal: AbortSignal): Promise<Reply>;
  /**
   * `body` goes out as JSON. Sent again after a 401 alone, and once: whoever asks for a token has not done what was asked.
   * `sendBefore`: nothing is sent from then on, epoch ms; absent: whenever it comes to it.
   */
  post(path: string, body: object, signal: AbortSignal, sendBefore?: number): Promise<Reply>;
  delete(path: string, signal: AbortSignal): Promise<Reply>;
  /** Looks whether there is a token, or gets one. Undefined: there is. */
  prepare(): Promise<Failure | undefined>;
  /** One limit for all that belongs to one question or one order. */
  within<T>(work: (signal: AbortSignal) => Promise<T>, timeoutMs?: number): Promise<T>;
}

export function telphinClient({ origin, token, fetch, clock }: TelphinClientOptions): TelphinClient {
  const quota = quotaWatch(clock);

  async function send(order: Order, signal: AbortSignal): Promise<Reply> {
    const restUntil = quota.spentUntil();
    if (restUntil !== undefined) return { ...QUOTA_USED_UP, retryAt: restUntil };
    const first = await sendOnce(order, signal);
    if (first.kind === 'success' || first.fault !== TOKEN_REFUSED.fault || signal.aborted) return first;
    return sendOnce(order, signal);
  }

  async function sendOnce({ method, path, body, sendBefore = Number.POSITIVE_INFINITY }: Order, signal: AbortSignal): Promise<Reply> {
    const access = await before(signal, token.read()).catch(() => undefined);
    if (access === undefined) return TOKEN_UNAVAILABLE;
    if (!access.ok) return access.failure;
    const headers = {
      Authorization: `Bearer ${access.token}`,
      Accept: 'application/json',
      // The platform asks for it.
      'Accept-Encoding': 'gzip',
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
    };
    const maySend = () => clock.now() < sendBefore;
    const init = { method, headers, maySend, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const answer = await exchange(fetch, origin + API_PATH + path, init, signal);
    if (answer.kind !== 'answer') return judgeSilence(answer);
    quota.note(answer.headers);
    const { status } = answer;
    if (SUCCESS.has(status)) return { kind: 'success', body: answer.body };
    if (status === 401) token.reject(access.token);
    return judgeAnswer(status, answer.body, quota.resetOf(answer.headers));
  }

  return {
    get: (path, signal) => send({ method: 'GET', path }, signal),
    post: (path, body, signal, sendBefore) => send({ method: 'POST', path, body, sendBefore }, signal),
    delete: (path, signal) => send({ method: 'DELETE', path }, signal),
    async prepare() {
      const access = await token.read();
      return access.ok ? undefined : access.failure;
    },
    async within(work, timeoutMs = ANSWER_WITHIN_MS) {
      const limit = timeLimit(clock, timeoutMs);
      try {
        return await work(limit.signal);
      } finally {
        limit.cancel();
      }
    },
  };
}

interface Order {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  body?: object;
  sendBefore?: number | undefined;
}

/** GET 200, POST 201, PUT 200, DELETE 204 by the platform's rule. */
const SUCCESS: ReadonlySet<number> = new Set([200, 201, 204]);

/** The quota is counted by the hour, so no wait is longer. */
const LONGEST_REST_MS = 3_600_000;

/** Every reply says how much of the account's hourly quota is left, and in how many seconds it begins anew. */
function quotaWatch(clock: Clock) {
  let spentUntil = 0;

  function resetOf(headers: Headers): number | undefined {
    const seconds = Number(headers.get('x-ratelimit-reset') ?? Number.NaN);
    if (!(seconds > 0)) return undefined;
    const now = clock.now();
    // A moment instead of a time to wait would be a large number.
    const at = seconds > LONGEST_REST_MS / 1_000 ? seconds * 1_000 : now + seconds * 1_000;
    return at > now && at <= now + LONGEST_REST_MS ? at : undefined;
  }

  return {
    resetOf,
    note(headers: Headers) {
      const left = headers.get('x-ratelimit-remaining');
      if (left !== null) spentUntil = Number(left) === 0 ? (resetOf(headers) ?? 0) : 0;
    },
    spentUntil: () => (clock.now() < spentUntil ? spentUntil : undefined),
  };
}
