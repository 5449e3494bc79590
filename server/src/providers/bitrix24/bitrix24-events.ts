/**
 * The portal's outgoing webhook: form fields with PHP's brackets (`data[CALL_ID]=…`), every value a string, sent once. The only
 * proof of origin is `auth[application_token]`; there is no signature and no delivery id.
 * https://apidocs.bitrix24.com/api-reference/telephony/voximplant/events/index.html
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Secret } from '../../config/secret.ts';
import type { Provider, ProviderEvent } from '../provider.ts';
import { isRecord } from './bitrix24-client.ts';
import { readEnd, readNumber, readStart } from './bitrix24-end.ts';

export function readEvent(contentType: string, body: string, eventToken: Secret | undefined): ReturnType<Provider['readEvent']> {
  const fields = readFields(contentType, body);
  if (!isOurs(fields.get('auth[application_token]'), eventToken)) return { kind: 'forged' };
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

/** Names lower-cased, in the bracketed spelling whatever the encoding was. Nothing nested is built, so no name can reach a prototype. */
type Fields = ReadonlyMap<string, string>;

function readFields(contentType: string, body: string): Fields {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') {
    return new Map([...new URLSearchParams(body)].map(([name, value]) => [name.toLowerCase(), value]));
  }
  return type === 'application/json' ? readJsonFields(body) : new Map();
}

function readJsonFields(body: string): Fields {
  const fields = new Map<string, string>();
  for (const [name, value] of entriesOf(parseJson(body))) {
    putField(fields, name, value);
    for (const [key, inner] of entriesOf(value)) putField(fields, `${name}[${key}]`, inner);
  }
  return fields;
}

function putField(fields: Map<string, string>, name: string, value: unknown): void {
  if (typeof value === 'string' || typeof value === 'number') fields.set(name.toLowerCase(), String(value));
}

function entriesOf(value: unknown): [string, unknown][] {
  return isRecord(value) ? Object.entries(value) : [];
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** Compares digests, and all of them: how long it takes tells neither how much was right nor how long the token is. */
function isOurs(token: string | undefined, eventToken: Secret | undefined): boolean {
  const wanted = eventToken?.reveal() ?? '';
  if (wanted === '' || token === undefined) return false;
  const encoder = new TextEncoder();
  const given = sha256(encoder.encode(token));
  let difference = 0;
  for (const [at, byte] of sha256(encoder.encode(wanted)).entries()) difference |= byte ^ (given[at] ?? 0xff);
  return difference === 0;
}

/** Not by `CALL_TYPE`: the first leg of a callback is reported as an incoming call. */
function readNews(fields: Fields): ProviderEvent['news'] | undefined {
  switch (nameOf(fields)) {
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

function nameOf(fields: Fields): string | undefined {
  return fields.get('event')?.toUpperCase();
}

/**
 * Of a callback only: a visitor who rings the company up, and a colleague who rings the visitor, have the same number. An incoming
 * leg names the caller apart from the number called.
 */
function readVisitor(ref: string, fields: Fields): string | undefined {
  const type = fields.get('data[call_type]')?.trim();
  if (type !== CALLBACK && !ref.toLowerCase().startsWith('callback.')) return undefined;
  return readNumber(fields.get(nameOf(fields) === INIT && type === INCOMING ? 'data[caller_id]' : 'data[phone_number]'));
}

const INCOMING = '2';
const CALLBACK = '4';
