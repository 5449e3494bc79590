/**
 * Letters as signed JSON, after the Standard Webhooks specification (https://www.standardwebhooks.com): `webhook-id` is the same
 * at each attempt, `webhook-timestamp` is that of the attempt. The payload is described in docs/follow-ups.md.
 */
import { Webhook } from 'standardwebhooks';
import { type Clock, timeLimit } from '../clock.ts';
import type { Secret } from '../config/secret.ts';
import { ANSWER_WITHIN_MS, type Channel, type ChannelFault, type Delivery, type Letter } from './channel.ts';
import { webhookPayload } from './webhook-payload.ts';

export interface WebhookChannelOptions {
  name: string;
  /** https, or http on a loopback address: the configuration has seen to it. */
  url: Secret;
  /** `whsec_` and base64. */
  secret: Secret;
  fetch: typeof fetch;
  clock: Clock;
}

export function webhookChannel({ name, url, secret, fetch, clock }: WebhookChannelOptions): Channel {
  const signer = new Webhook(secret.reveal());

  return {
    name,
    async deliver(letter) {
      const limit = timeLimit(clock, ANSWER_WITHIN_MS);
      try {
        const id = headerIdOf(letter);
        const body = JSON.stringify(webhookPayload(letter));
        const at = new Date(clock.now());
        const response = await fetch(url.reveal(), {
          method: 'POST',
          redirect: 'manual',
          headers: {
            'Content-Type': 'application/json',
            'User-Agent': 'Ringback',
            'webhook-id': id,
            'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
            'webhook-signature': signer.sign(id, at, body),
          },
          body,
          signal: limit.signal,
        });
        // What the receiver says besides its status is nobody's business, and may have no end.
        response.body?.cancel().catch(() => {});
        return judge(response, clock.now());
      } catch {
        // The error may hold the address, which may hold a password.
        return { kind: 'again', fault: limit.signal.aborted ? TOO_LATE : UNREACHABLE };
      } finally {
        limit.cancel();
      }
    },
    verify: async () => [
      {
        ok: true,
        code: 'webhook_unchecked',
        message: 'Only the first letter shows whether the receiver takes it.',
      },
    ],
  };
}

/** What is signed is `id.timestamp.body`, so no full stop may stand in the id. */
function headerIdOf({ id }: Letter): string {
  return id.replaceAll('.', '_');
}

/** Only a plain 2xx is a yes. A receiver that is being moved or mended may say anything else for a while, except that it is gone. */
function judge(response: Response, now: number): Delivery {
  const { status, type } = response;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === 410) return { kind: 'hopeless', fault: GONE };
  if ((status >= 300 && status < 400) || type === 'opaqueredirect') return { kind: 'again', fault: MOVED };
  const retryAt = readRetryAfter(response.headers.get('retry-after'), now);
  const busy = status === 408 || status === 425 || status === 429 || status >= 500;
  return { kind: 'again', fault: busy ? failed(status) : refused(status), retryAt };
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function readRetryAfter(text: string | null, now: number): number | undefined {
  if (text === null) return undefined;
  if (/^\d{1,9}$/.test(text)) return now + Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

const TOO_LATE = passing('receiver_too_late', 'The receiver did not answer within 15 seconds.');
const UNREACHABLE = passing(
  'receiver_unreachable',
  'No answer came from the receiver. Check its address, its certificate and the network.',
);

const GONE = lasting('receiver_gone', 'The receiver says that it is gone for good (410). Set another address, or take the channel out.');
const MOVED = lasting('receiver_moved', 'The receiver answers with a redirect, which is not followed. Set the address that it leads to.');

function failed(status: number): ChannelFault {
  return passing(`receiver_failed_${status}`, `The receiver answered with status ${status}.`);
}

function refused(status: number): ChannelFault {
  return lasting(
    `receiver_refused_${status}`,
    `The receiver refuses with status ${status}. Check the address, and that it knows the signing secret.`,
  );
}

function passing(code: string, message: string): ChannelFault {
  return { code, message, configuration: false };
}

function lasting(code: string, message: string): ChannelFault {
  return { code, message, configuration: true };
}
