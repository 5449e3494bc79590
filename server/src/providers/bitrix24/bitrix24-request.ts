/**
 * One request to Bitrix24, one JSON object back. What failed is judged by whether the request may have been carried out; the error
 * itself, whose text may hold an address with its secret, has been dropped.
 */
import { type Clock, timeLimit } from '../../clock.ts';
import { type Exchange, exchange, isRecord } from '../exchange.ts';
import type { NotSentProof } from '../not-sent.ts';
import {
  BROKEN_OFF,
  type Failure,
  MOVED,
  NAME_NOT_FOUND,
  NO_CONNECTION,
  OUT_OF_TIME,
  TLS_FAILED,
  TOO_LATE,
  TOO_LONG,
  UNREADABLE,
} from './bitrix24-faults.ts';

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
  /** Nothing is sent from then on, epoch ms; absent: whenever it comes to it. */
  sendBefore?: number | undefined;
}

export interface JsonAnswer {
  kind: 'answer';
  status: number;
  object: Readonly<Record<string, unknown>>;
}

/** Never throws, and ends within `withinMs` of the clock. */
export async function sendOnce(request: OneRequest, { fetch, clock }: RequestTools): Promise<JsonAnswer | Failure> {
  const { url, content, withinMs, sendBefore = Number.POSITIVE_INFINITY } = request;
  const limit = timeLimit(clock, withinMs);
  const headers = { ...(content !== undefined && { 'Content-Type': content.type }), Accept: 'application/json' };
  const asked = content === undefined ? { method: 'GET', headers } : { method: 'POST', headers, body: content.body };
  const init = { ...asked, maySend: () => clock.now() < sendBefore };
  try {
    return judge(await exchange(fetch, url, init, limit.signal));
  } finally {
    limit.cancel();
  }
}

function judge(answer: Exchange): JsonAnswer | Failure {
  switch (answer.kind) {
    case 'answer':
      return isRecord(answer.body) ? { kind: 'answer', status: answer.status, object: answer.body } : UNREADABLE;
    case 'unsent':
      return UNSENT[answer.proof];
    case 'moved':
      return MOVED;
    case 'too_long':
      return TOO_LONG;
    case 'too_late':
      return TOO_LATE;
    case 'broken':
      return BROKEN_OFF;
  }
}

const UNSENT: Readonly<Record<NotSentProof, Failure>> = {
  name_not_found: NAME_NOT_FOUND,
  no_connection: NO_CONNECTION,
  tls_failed: TLS_FAILED,
  out_of_time: OUT_OF_TIME,
};
