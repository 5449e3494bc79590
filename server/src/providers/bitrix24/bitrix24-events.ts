/**
 * What a portal tells of a call, and whether it is the portal that tells it. The only proof of origin of an outgoing webhook is
 * `auth[application_token]`; there is no signature and no delivery id. Each is sent once.
 * https://apidocs.bitrix24.com/api-reference/telephony/voximplant/events/index.html
 */
import type { Secret } from '../../config/secret.ts';
import type { EventReading, ProviderEvent } from '../provider.ts';
import { readEnd, readNumber, readStart } from './bitrix24-end.ts';
import { eventNameOf, type Fields, isSameToken, readFields } from './bitrix24-fields.ts';

export function readEvent(contentType: string, body: string, eventToken: Secret | undefined): EventReading {
  const fields = readFields(contentType, body);
  return isSameToken(fields.get('auth[application_token]'), eventToken?.reveal()) ? readCallEvent(fields) : { kind: 'forged' };
}

/** Of fields whose origin has been verified. */
export function readCallEvent(fields: Fields): EventReading {
  const ref = readCallId(fields.get('data[call_id]'));
  const news = readNews(fields);
  if (ref === undefined || news === undefined) return { kind: 'ignored' };
  const number = readVisitor(ref, fields);
  const beganAt = readStart(fields.get('data[call_start_date]'));
  return { kind: 'event', event: { ref, ...(number !== undefined && { number }), ...(beganAt !== undefined && { beganAt }), news } };
}

/**
 * `callback.<32 hex>.<unix time>` is documented. What is not a few words with dots between is taken for no id at all: ids
 * stand in logs, where a bare number might be somebody's telephone.
 */
export function readCallId(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 128 && /^[A-Za-z]\w*(?:\.\w+)+$/.test(value) ? value : undefined;
}

/** Not by `CALL_TYPE`: the first leg of a callback is reported as an incoming call. */
function readNews(fields: Fields): ProviderEvent['news'] | undefined {
  switch (eventNameOf(fields)) {
    case INIT:
      return { kind: 'step', step: 'agent_ringing' };
    case START:
      return { kind: 'step', step: 'agent_answered' };
    case END:
      return readEnd({
        failedCode: fields.get('data[call_failed_code]'),
        duration: fields.get('data[call_duration]'),
        cost: fields.get('data[cost]'),
        currency: fields.get('data[cost_currency]'),
      });
    default:
      return undefined;
  }
}

const INIT = 'ONVOXIMPLANTCALLINIT';
const START = 'ONVOXIMPLANTCALLSTART';
const END = 'ONVOXIMPLANTCALLEND';

/**
 * Of a callback only: a visitor who rings the company up, and a colleague who rings the visitor, have the same number. An incoming
 * leg names the caller apart from the number called.
 */
function readVisitor(ref: string, fields: Fields): string | undefined {
  const type = fields.get('data[call_type]')?.trim();
  if (type !== CALLBACK && !ref.toLowerCase().startsWith('callback.')) return undefined;
  return readNumber(fields.get(eventNameOf(fields) === INIT && type === INCOMING ? 'data[caller_id]' : 'data[phone_number]'));
}

const INCOMING = '2';
const CALLBACK = '4';
