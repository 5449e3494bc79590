/**
 * The account's token, by `client_credentials`: asked for once however many requests need it, kept in memory until shortly before
 * it ends, or, where the host names no end, until a request is answered 401.
 */
import { type Clock, timeLimit } from '../../clock.ts';
import type { Secret } from '../../config/secret.ts';
import { exchange, isRecord } from '../exchange.ts';
import { APP_REFUSED, type Failure, judgeSilence, TOKEN_UNAVAILABLE } from './telphin-faults.ts';

export interface TelphinTokenOptions {
  origin: string;
  appId: string;
  appSecret: Secret;
  fetch: typeof fetch;
  clock: Clock;
}

export type TokenAnswer = { ok: true; token: string } | { ok: false; failure: Failure };

export interface TelphinToken {
  /** Never `uncertain`: a token rings nobody. */
  read(): Promise<TokenAnswer>;
  /** Told by whoever was answered 401. Of many who were given the same token, the first makes it forgotten. */
  reject(token: string): void;
}

/** A dial waits for it, and is not to be sent when nobody waits for the call any more. */
const TOKEN_WITHIN_MS = 4_000;
/** A token is not used in its last moments: it would end on the way. */
const SPARE_MS = 30_000;

export function telphinToken({ origin, appId, appSecret, fetch, clock }: TelphinTokenOptions): TelphinToken {
  let known: { token: string; until: number } | undefined;
  let asking: Promise<TokenAnswer> | undefined;

  async function ask(): Promise<TokenAnswer> {
    const limit = timeLimit(clock, TOKEN_WITHIN_MS);
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: appId, client_secret: appSecret.reveal() });
    const askedAt = clock.now();
    const answer = await exchange(
      fetch,
      `${origin}/oauth/token`,
      { method: 'POST', headers: HEADERS, body: body.toString() },
      limit.signal,
    );
    limit.cancel();
    if (answer.kind !== 'answer') return { ok: false, failure: asNotSent(judgeSilence(answer)) };
    const given = answer.status === 200 || answer.status === 201 ? readToken(answer.body) : undefined;
    if (given === undefined) return { ok: false, failure: isRefusal(answer.status, answer.body) ? APP_REFUSED : TOKEN_UNAVAILABLE };
    const { token, expiresInMs } = given;
    // A lifetime shorter than the spare time would have every request ask anew.
    known = { token, until: askedAt + Math.max(expiresInMs - SPARE_MS, expiresInMs / 2) };
    return { ok: true, token };
  }

  return {
    async read() {
      if (known !== undefined && clock.now() < known.until) return { ok: true, token: known.token };
      asking ??= ask().finally(() => {
        asking = undefined;
      });
      return asking;
    },
    reject(token) {
      if (known?.token === token) known = undefined;
    },
  };
}

const HEADERS = { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json', 'Accept-Encoding': 'gzip' };

/** Whatever the end of the token's request leaves unclear, no order has been sent yet. */
function asNotSent(failure: Failure): Failure {
  return failure.kind === 'uncertain' ? TOKEN_UNAVAILABLE : failure;
}

function readToken(body: unknown): { token: string; expiresInMs: number } | undefined {
  if (!isRecord(body) || typeof body.access_token !== 'string' || !/^[\x21-\x7e]{1,4096}$/.test(body.access_token)) return undefined;
  const seconds = Number(body.expires_in ?? Number.NaN);
  return { token: body.access_token, expiresInMs: seconds > 0 ? seconds * 1_000 : Number.POSITIVE_INFINITY };
}

/** Errors of RFC 6749 §5.2, as JSON. A page that some proxy shows under the same status says nothing about the application. */
function isRefusal(status: number, body: unknown): boolean {
  return (status === 400 || status === 401 || status === 403) && isRecord(body);
}
