/**
 * Bitrix24 by inbound webhook: `voximplant.callback.start` rings the line, speaks the announcement to whoever answers, then rings
 * the visitor. Success means that the line has begun to ring, nothing more; the rest comes as events.
 * https://apidocs.bitrix24.com/api-reference/telephony/voximplant/voximplant-callback-start.html
 */
import type { Clock } from '../../clock.ts';
import type { Secret } from '../../config/secret.ts';
import type { Outcome, Provider } from '../provider.ts';
import { bitrix24Client, isRecord } from './bitrix24-client.ts';
import { readCallId, readEvent } from './bitrix24-events.ts';
import { type Failure, problemOf, UNREADABLE } from './bitrix24-faults.ts';
import { findCall } from './bitrix24-find.ts';
import { readLines, readVoices, verifyLine } from './bitrix24-setup.ts';
import { parseWebhookUrl } from './webhook-url.ts';

export interface Bitrix24Options {
  /** Of the account in the configuration. */
  name: string;
  /** `https://<portal>/rest/<user id>/<secret>/`; throws what is wrong with it, without repeating it. */
  webhookUrl: Secret;
  /** `application_token` of the portal's outgoing webhook; without it every event counts as forged. */
  eventToken?: Secret | undefined;
  /** Must open a fresh connection for every request and never send one twice. */
  fetch: typeof fetch;
  clock: Clock;
}

export function bitrix24({ name, webhookUrl, eventToken, fetch, clock }: Bitrix24Options): Provider {
  const parsed = parseWebhookUrl(webhookUrl.reveal());
  if (!parsed.ok) throw new Error(parsed.fault);
  const client = bitrix24Client({ webhook: parsed.webhook, fetch, clock });
  const resetWatch = operatingResetWatch(clock);

  return {
    name,
    reportsEvents: (eventToken?.reveal() ?? '') !== '',
    // Of all but the largest plan, for everything that asks from one address: https://apidocs.bitrix24.com/settings/performance/limits.html
    pace: { host: parsed.webhook.host, perSecond: 2, burst: 50 },
    async dial({ line, number, announcement, voice }) {
      const reply = await client.call('voximplant.callback.start', {
        FROM_LINE: line,
        TO_NUMBER: number,
        TEXT_TO_PRONOUNCE: announcement,
        ...(voice !== undefined && { VOICE: voice }),
      });
      if (reply.kind !== 'result') return failedDial(reply, resetWatch.next());
      resetWatch.note(reply.operatingResetAt);
      if (!isRecord(reply.result) || reply.result.RESULT !== true) return UNREADABLE;
      // Lines of applications answer without an id.
      return { kind: 'placed', ref: readCallId(reply.result.CALL_ID) };
    },
    find: (query) => findCall(client, query),
    verify: (line) => verifyLine(client, line),
    problemOf,
    lines: () => readLines(client),
    voices: () => readVoices(client),
    readEvent: (contentType, body) => readEvent(contentType, body, eventToken),
  };
}

function failedDial(failure: Failure, operatingResetAt: number | undefined): Outcome {
  if (failure.kind !== 'not_sent') return failure;
  return { ...failure, retryAt: failure.fault.code === 'operating_limit' ? operatingResetAt : undefined };
}

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
