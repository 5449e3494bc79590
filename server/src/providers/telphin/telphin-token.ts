/**
 * The account's token, by `client_credentials`: asked for once however many requests need it, and kept until shortly before it ends, or,
 * where the host names no end, until a request is answered 401. It is kept in memory and among the credentials, so that whoever else works
 * for the account, now or after a restart, goes on with it.
 */
import { type Clock, timeLimit } from '../../clock.ts';
import type { Secret } from '../../config/secret.ts';
import type { Credentials } from '../credentials.ts';
import { exchange, isRecord } from '../exchange.ts';
import { APP_REFUSED, type Failure, judgeSilence, TOKEN_UNAVAILABLE } from './telphin-faults.ts';
import { type KnownToken, keptTokens } from './telphin-kept-token.ts';

export interface TelphinTokenOptions {
  /** Of the account. */
  name: string;
  origin: string;
  appId: string;
  appSecret: Secret;
  fetch: typeof fetch;
  clock: Clock;
  /** Undefined: nobody else is to go on with the token. */
  credentials?: Credentials | undefined;
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

export function telphinToken({ name, origin, appId, appSecret, fetch, clock, credentials }: TelphinTokenOptions): TelphinToken {
  const kept = keptTokens({ name, origin, appId, appSecret, credentials });
  let known: KnownToken | undefined;
  /** The one that was last refused: it is not to be taken up again. */
  let refused: string | undefined;
  let looking: Promise<TokenAnswer> | undefined;

  const isGood = (candidate: KnownToken | undefined): candidate is KnownToken =>
    candidate !== undefined && candidate.token !== refused && clock.now() < candidate.until;

  /** What somebody else was given will do as well. */
  async function look(): Promise<TokenAnswer> {
    const before = await kept.read();
    if (isGood(before.known)) known = before.known;
    else {
      const answer = await ask();
      if (!answer.ok) return answer;
      const faster = await kept.replace(before, answer.given);
      known = isGood(faster) ? faster : answer.given;
    }
    return { ok: true, token: known.token };
  }

  async function ask(): Promise<{ ok: true; given: KnownToken } | { ok: false; failure: Failure }> {
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
    return { ok: true, given: { token, until: askedAt + Math.max(expiresInMs - SPARE_MS, expiresInMs / 2) } };
  }

  return {
    async read() {
      if (isGood(known)) return { ok: true, token: known.token };
      looking ??= look().finally(() => {
        looking = undefined;
      });
      return looking;
    },
    reject(token) {
      if (known?.token === token) refused = token;
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
