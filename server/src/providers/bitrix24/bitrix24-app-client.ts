/**
 * Asks a portal with the token of an installed application, in the body where no log sees it. A token that has expired is renewed and
 * the question put once more: the portal says so before it looks at what it was asked.
 * https://apidocs.bitrix24.com/settings/how-to-call-rest-api/general-principles.html
 */

import { ANSWER_WITHIN_MS } from '../exchange.ts';
import { NOT_RENEWED, reword } from './bitrix24-app-faults.ts';
import type { Access, AppTokens } from './bitrix24-app-tokens.ts';
import { askPortal, type Bitrix24Client, type MethodParams, type Reply } from './bitrix24-client.ts';
import type { RequestTools } from './bitrix24-request.ts';

export interface Bitrix24AppClientOptions extends RequestTools {
  tokens: Pick<AppTokens, 'current' | 'renew'>;
}

interface Question {
  method: string;
  params: MethodParams;
  withinMs: number;
  sendBefore: number | undefined;
}

/** Less time than this is not worth a question whose answer would be missed. */
const LEAST_TIME_MS = 3_000;
/** What a new pair has not put right is not asked about again for this long. */
const QUIET_MS = 600_000;

export function bitrix24AppClient({ tokens, ...tools }: Bitrix24AppClientOptions): Bitrix24Client {
  const { clock } = tools;
  let quietUntil = Number.NEGATIVE_INFINITY;

  function ask({ accessToken, clientEndpoint }: Access, { method, params, ...terms }: Question): Promise<Reply> {
    return askPortal({ url: clientEndpoint + method, params: { ...params, auth: accessToken }, ...terms }, tools);
  }

  /** Renewals are for expired tokens; besides them, one tells where a portal has moved to, and a redirect proves that nobody was rung. */
  function asksForRenewal(reply: Reply): boolean {
    return reply.kind === 'refused' && (reply.fault.code === 'webhook_expired' || reply.fault.code === 'portal_moved');
  }

  return {
    async call(method, params, sendBefore) {
      const giveUpAt = clock.now() + ANSWER_WITHIN_MS;
      const access = await tokens.current();
      if (access.kind !== 'access') return access;
      const first = await ask(access, { method, params, withinMs: ANSWER_WITHIN_MS, sendBefore });
      if (!asksForRenewal(first) || clock.now() < quietUntil) return first.kind === 'result' ? first : reword(first);

      const renewed = await tokens.renew(access.accessToken, giveUpAt - LEAST_TIME_MS - clock.now());
      if (renewed.kind !== 'access') return renewed;
      const hasMoved = first.kind === 'refused' && first.fault.code === 'portal_moved';
      if (hasMoved && renewed.clientEndpoint === access.clientEndpoint) {
        quietUntil = clock.now() + QUIET_MS;
        return reword(first);
      }
      const left = giveUpAt - clock.now();
      if (left < LEAST_TIME_MS) return NOT_RENEWED;
      const second = await ask(renewed, { method, params, withinMs: left, sendBefore });
      if (asksForRenewal(second)) quietUntil = clock.now() + QUIET_MS;
      return second.kind === 'result' ? second : reword(second);
    },
  };
}
