/**
 * Events of an installed application. Each has to prove itself by the application token of the tenant that it names; whatever tokens
 * and addresses come with it are left alone, as those that a visitor sets off come without any.
 * https://apidocs.bitrix24.com/api-reference/events/safe-event-handlers.html
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { CallbackRequest, EventReading } from '../provider.ts';
import type { AppInstaller } from './bitrix24-app-install.ts';
import { type AppSeat, heed, prove } from './bitrix24-app-seat.ts';
import { readCallEvent } from './bitrix24-events.ts';
import { eventNameOf, type Fields, readFields, readTs } from './bitrix24-fields.ts';

export async function readAppEvent(
  contentType: string,
  body: string,
  { seat, takeUpdate }: { seat: AppSeat } & Pick<AppInstaller, 'takeUpdate'>,
): Promise<EventReading> {
  const fields = readFields(contentType, body);
  const from = await prove(seat, fields);
  if (from === undefined) return { kind: (await takeUpdate(fields)) ? 'ignored' : 'forged' };
  if (eventNameOf(fields) === 'ONEXTERNALCALLBACKSTART') return readRequest(fields);
  if (await heed(seat, fields, from)) return { kind: 'ignored' };
  return readCallEvent(fields);
}

function readRequest(fields: Fields): EventReading {
  const phone = textOf(fields, 'phone_number');
  if (phone === undefined) return { kind: 'ignored' };
  const [type, id] = [textOf(fields, 'crm_entity_type'), textOf(fields, 'crm_entity_id')];
  const crm = type !== undefined && id !== undefined ? { type, id } : undefined;
  const ts = readTs(fields);
  const askedAt = ts === undefined ? undefined : ts * 1000;
  const request: CallbackRequest = { key: keyOf(fields), askedAt, phone, line: textOf(fields, 'line_number'), crm };
  return { kind: 'request', request };
}

function textOf(fields: Fields, name: string): string | undefined {
  const text = fields.get(`data[${name}]`)?.trim();
  return text === '' ? undefined : text;
}

/** Deliveries have no id of their own: what was asked, and the second in which the portal sent it, is all that tells them apart. */
function keyOf(fields: Fields): string {
  const told = [...fields].filter(([name]) => name === 'event' || name === 'ts' || name.startsWith('data['));
  const sorted = told.map(([name, value]) => [name, value]).sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(sorted))));
}
