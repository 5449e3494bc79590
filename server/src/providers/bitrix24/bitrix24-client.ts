/** Asks a portal: a method and its parameters in, its result or what went wrong out. */

import { ANSWER_WITHIN_MS, isRecord } from '../exchange.ts';
import type { Failure } from './bitrix24-faults.ts';
import { judgeError, UNREADABLE } from './bitrix24-faults.ts';
import { type RequestTools, sendOnce } from './bitrix24-request.ts';
import type { WebhookUrl } from './webhook-url.ts';

/** `operatingResetAt`: when the portal's time account for the method is relieved next, epoch ms, where it said so. */
export type Reply = { kind: 'result'; result: unknown; operatingResetAt: number | undefined } | Failure;

/**
 * What was asked for and not answered clearly may be carried out up to a minute after nobody waits for it any more, and then some: before
 * that has passed, a look that finds nothing proves nothing.
 */
export const SETTLED_AFTER_MS = 75_000;

export type MethodParams = Readonly<Record<string, unknown>>;

export interface Bitrix24Client {
  /** Never throws, and ends within 15 s of the clock. `sendBefore`: nothing is sent from then on, epoch ms; absent: whenever it comes to it. */
  call(method: string, params: MethodParams, sendBefore?: number): Promise<Reply>;
}

export interface Bitrix24ClientOptions extends RequestTools {
  webhook: WebhookUrl;
}

/** By inbound webhook, whose address holds everything that the portal wants to know of whoever asks. */
export function bitrix24Client({ webhook, ...tools }: Bitrix24ClientOptions): Bitrix24Client {
  return {
    call: (method, params, sendBefore) =>
      askPortal({ url: webhook.base.reveal() + method, params, withinMs: ANSWER_WITHIN_MS, sendBefore }, tools),
  };
}

export interface PortalQuestion {
  /** Of the method, whole. */
  url: string;
  params: MethodParams;
  withinMs: number;
  /** Nothing is sent from then on, epoch ms; absent: whenever it comes to it. */
  sendBefore?: number | undefined;
}

/** Sends one request, whatever it is answered. */
export async function askPortal({ params, ...request }: PortalQuestion, tools: RequestTools): Promise<Reply> {
  const answer = await sendOnce({ ...request, content: { type: 'application/json', body: JSON.stringify(params) } }, tools);
  if (answer.kind !== 'answer') return answer;
  const { error, error_description: description, result, time } = answer.object;
  if (error === undefined || error === null || error === '') {
    return isSuccess(answer.status) && result !== undefined
      ? { kind: 'result', result, operatingResetAt: readResetAt(time) }
      : judgeSilence(answer.status);
  }
  // An error beside a result contradicts itself, so it does not prove that nobody was rung. Some codes are numbers.
  if ((result !== undefined && result !== null) || (typeof error !== 'string' && typeof error !== 'number')) return UNREADABLE;
  return judgeError(answer.status, String(error), typeof description === 'string' ? description : '');
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** JSON that says neither yes nor no. */
function judgeSilence(status: number): Failure {
  return status >= 500 ? judgeError(status, '', '') : UNREADABLE;
}

function readResetAt(time: unknown): number | undefined {
  const seconds = isRecord(time) ? time.operating_reset_at : undefined;
  return typeof seconds === 'number' && Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
