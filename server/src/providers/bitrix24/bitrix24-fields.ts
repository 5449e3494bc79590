/**
 * What a portal delivers: form fields with PHP's brackets (`data[CALL_ID]=…`), every value a string. JSON of the same structure, as
 * the documentation draws it, is read too.
 * https://apidocs.bitrix24.com/api-reference/events/index.html
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { isRecord } from '../exchange.ts';

/** Names lower-cased, in the bracketed spelling whatever the encoding was. Nothing nested is built, so no name can reach a prototype. */
export type Fields = ReadonlyMap<string, string>;

export function readFields(contentType: string, body: string): Fields {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') {
    return new Map([...new URLSearchParams(body)].map(([name, value]) => [name.toLowerCase(), value]));
  }
  return type === 'application/json' ? readJsonFields(body) : new Map();
}

/** Upper case, as they come whatever case they were bound in. */
export function eventNameOf(fields: Fields): string | undefined {
  return fields.get('event')?.toUpperCase();
}

/** When it was sent, seconds by the portal's clock. */
export function readTs(fields: Fields): number | undefined {
  const ts = Number(fields.get('ts'));
  return Number.isFinite(ts) && ts > 0 ? ts : undefined;
}

/** Compares digests, and all of them: how long it takes tells neither how much was right nor how long the token is. */
export function isSameToken(token: string | undefined, wanted: string | undefined): boolean {
  if (wanted === undefined || wanted === '' || token === undefined) return false;
  const encoder = new TextEncoder();
  const given = sha256(encoder.encode(token));
  let difference = 0;
  for (const [at, byte] of sha256(encoder.encode(wanted)).entries()) difference |= byte ^ (given[at] ?? 0xff);
  return difference === 0;
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
