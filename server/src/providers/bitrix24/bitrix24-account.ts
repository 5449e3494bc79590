/**
 * What an account at Bitrix24 can do, whichever way it gets in: `voximplant.callback.start` rings the line, speaks the announcement
 * to whoever answers, then rings the visitor. Success means that the line has begun to ring, nothing more; the rest comes as events.
 * https://apidocs.bitrix24.com/api-reference/telephony/voximplant/voximplant-callback-start.html
 */
import type { Clock } from '../../clock.ts';
import { isRecord } from '../exchange.ts';
import type { Finding, Outcome, Provider } from '../provider.ts';
import type { Bitrix24Client } from './bitrix24-client.ts';
import { readCallId } from './bitrix24-events.ts';
import { type Failure, problemOf, UNREADABLE } from './bitrix24-faults.ts';
import { findCall } from './bitrix24-find.ts';
import { readLines, readVoices } from './bitrix24-setup.ts';

export interface Bitrix24AccountOptions {
  name: string;
  client: Bitrix24Client;
  /** Where it asks at this moment: whoever else asks there shares the pace. */
  host: () => string;
  reportsEvents: boolean;
  verify: (line: string) => Promise<Finding[]>;
  readEvent: Provider['readEvent'];
  clock: Clock;
}

export function bitrix24Account({ name, client, host, reportsEvents, verify, readEvent, clock }: Bitrix24AccountOptions): Provider {
  const resetWatch = operatingResetWatch(clock);

  return {
    name,
    reportsEvents,
    redialsForMs: REDIALS_FOR_MS,
    // Of all but the largest plan, for everything that asks from one address: https://apidocs.bitrix24.com/settings/performance/limits.html
    pace: {
      get host() {
        return host();
      },
      perSecond: 2,
      burst: 50,
    },
    async dial({ line, number, announcement, voice, sendBefore }) {
      const params = {
        FROM_LINE: line,
        TO_NUMBER: number,
        TEXT_TO_PRONOUNCE: announcement,
        ...(voice !== undefined && { VOICE: voice }),
      };
      const reply = await client.call('voximplant.callback.start', params, sendBefore);
      if (reply.kind !== 'result') return failedDial(reply, resetWatch.next());
      resetWatch.note(reply.operatingResetAt);
      if (!isRecord(reply.result) || reply.result.RESULT !== true) return UNREADABLE;
      // Lines of applications answer without an id.
      return { kind: 'placed', ref: readCallId(reply.result.CALL_ID) };
    },
    find: (query) => findCall(client, query),
    verify,
    problemOf,
    lines: () => readLines(client),
    voices: () => readVoices(client),
    readEvent,
  };
}

function failedDial(failure: Failure, operatingResetAt: number | undefined): Outcome {
  if (failure.kind !== 'not_sent') return failure;
  return { ...failure, retryAt: failure.fault.code === 'operating_limit' ? operatingResetAt : undefined };
}

/** A line can be set to call up to five times more, three minutes apart; both telephones ring before each is over. */
const REDIALS_FOR_MS = 5 * (180_000 + 60_000);

/** The portal counts a method's time in buckets of a minute over ten minutes, so no wait is longer than that. */
const LONGEST_RESET_MS = 600_000;

/** A good reply says when the portal's time account is relieved next; the refusal that needs to know does not. */
function operatingResetWatch(clock: Clock) {
  let resetAt: number | undefined;
  return {
    note(at: number | undefined) {
      resetAt = at ?? resetAt;
    },
    next(): number | undefined {
      const now = clock.now();
      return resetAt !== undefined && resetAt > now && resetAt <= now + LONGEST_RESET_MS ? resetAt : undefined;
    },
  };
}
