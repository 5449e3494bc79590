/**
 * The portal's outgoing webhook: form fields with PHP's brackets (`data[CALL_ID]=…`), every value a string, sent once. The only
 * proof of origin is `auth[application_token]`; there is no signature and no delivery id.
 * https://apidocs.bitrix24.com/api-reference/telephony/voximplant/events/index.html
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Secret } from '../../config/secret.ts';
import type { Provider, ProviderEvent } from '../provider.ts';
import { isRecord } from './bitrix24-client.ts';
import { readCost } from './bitrix24-cost.ts';

export function readEvent(contentType: string, body: string, eventToken: Secret | undefined): ReturnType<Provider['readEvent']> {
  const fields = readFields(contentType, body);
  if (!isOurs(fields.get('auth[application_token]'), eventToken)) return { kind: 'forged' };
  const ref = readCallId(fields.get('data[call_id]'));
  const news = readNews(fields);
  return ref === undefined || news === undefined ? { kind: 'ignored' } : { kind: 'event', event: { ref, news } };
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
  switch (fields.get('event')?.toUpperCase()) {
    case 'ONVOXIMPLANTCALLINIT':
      return { kind: 'step', step: 'agent_ringing' };
    case 'ONVOXIMPLANTCALLSTART':
      return { kind: 'step', step: 'agent_answered' };
    case 'ONVOXIMPLANTCALLEND':
      return withCost(readEnd(fields.get('data[call_failed_code]') ?? '', Number(fields.get('data[call_duration]'))), fields);
    default:
      return undefined;
  }
}

type End = Extract<ProviderEvent['news'], { kind: 'end' }>;

/** A conversation for nothing went over the company's own trunk, and somebody else sends the bill: that is no price. */
function withCost(end: End, fields: Fields): End {
  const cost = readCost(fields.get('data[cost]'), fields.get('data[cost_currency]'));
  return cost === undefined || (cost.amount === 0 && end.end === 'connected') ? end : { ...end, cost };
}

function readEnd(failedCode: string, durationSeconds: number): End {
  const code = failedCode.trim().toUpperCase();
  if (code !== '200') return { kind: 'end', end: 'missed', fault: END_FAULTS.get(code) ?? 'ended_otherwise' };
  return durationSeconds > 0 ? { kind: 'end', end: 'connected' } : { kind: 'end', end: 'missed', fault: 'no_conversation' };
}

/** https://apidocs.bitrix24.com/api-reference/telephony/voximplant/voximplant-statistic-get.html; `OTHER` means undefined there too. */
const END_FAULTS: ReadonlyMap<string, string> = new Map([
  ['304', 'not_answered'],
  ['402', 'funds_missing'],
  ['403', 'call_forbidden'],
  ['404', 'number_not_found'],
  ['423', 'number_blocked'],
  ['480', 'temporarily_unavailable'],
  ['484', 'direction_unavailable'],
  ['486', 'busy'],
  ['503', 'direction_unavailable'],
  ['603', 'declined'],
  ['603-S', 'cancelled'],
  ['OTHER', 'ended_otherwise'],
]);
