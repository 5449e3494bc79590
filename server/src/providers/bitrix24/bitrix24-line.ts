/**
 * The external lines of an application: numbers under which a portal offers it, for instance as the callback line of a form. Only an
 * installed application has any. Nothing here rings anyone.
 * https://apidocs.bitrix24.com/api-reference/telephony/telephony-external-line-add.html
 */

import { isRecord } from '../exchange.ts';
import type { Answer, Fault } from '../provider.ts';
import type { Bitrix24Client } from './bitrix24-client.ts';

export interface ExternalLine {
  /** As it was added; the portal treats it as a name. */
  number: string;
  name: string;
  /** Whether the portal makes an entry in the CRM for calls that its users make by this line. */
  createsEntries: boolean;
}

/** What is absent stays as it is; when a line is added, the portal then leaves the name empty and makes entries. */
export type ExternalLineChange = Pick<ExternalLine, 'number'> & Partial<ExternalLine>;

export async function listLines(client: Bitrix24Client): Promise<Answer<ExternalLine[]>> {
  return ask(client, 'telephony.externalLine.get', {}, (result) => (Array.isArray(result) ? result.flatMap(readLine) : undefined));
}

/** The portal's id of the line. A line that stands there already is the fault `external_line_exists`. */
export async function addLine(client: Bitrix24Client, line: ExternalLineChange): Promise<Answer<string>> {
  return ask(client, 'telephony.externalLine.add', paramsOf(line), readId);
}

export async function updateLine(client: Bitrix24Client, line: ExternalLineChange): Promise<Answer<string>> {
  return ask(client, 'telephony.externalLine.update', paramsOf(line), readId);
}

/** A line that is not there is the fault `external_line_unknown`. */
export async function removeLine(client: Bitrix24Client, number: string): Promise<Answer<true>> {
  // Answered with an empty list, of which nothing can be learnt.
  return ask(client, 'telephony.externalLine.delete', { NUMBER: number }, () => true as const);
}

async function ask<T>(
  client: Bitrix24Client,
  method: string,
  params: Readonly<Record<string, string>>,
  read: (result: unknown) => T | undefined,
): Promise<Answer<T>> {
  const reply = await client.call(method, params);
  if (reply.kind !== 'result') return { ok: false, fault: reply.fault };
  const value = read(reply.result);
  return value === undefined ? { ok: false, fault: UNREADABLE_LINES } : { ok: true, value };
}

function paramsOf({ number, name, createsEntries }: ExternalLineChange): Record<string, string> {
  return {
    NUMBER: number,
    ...(name !== undefined && { NAME: name }),
    ...(createsEntries !== undefined && { CRM_AUTO_CREATE: createsEntries ? 'Y' : 'N' }),
  };
}

function readLine(line: unknown): ExternalLine[] {
  if (!isRecord(line) || typeof line.NUMBER !== 'string') return [];
  return [{ number: line.NUMBER, name: typeof line.NAME === 'string' ? line.NAME : '', createsEntries: line.CRM_AUTO_CREATE !== 'N' }];
}

function readId(result: unknown): string | undefined {
  const id = isRecord(result) ? result.ID : undefined;
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
}

const UNREADABLE_LINES: Fault = {
  code: 'answer_unreadable',
  message: 'The portal answered with something that is not its documented answer. If this repeats, check what stands before the portal.',
  problem: 'unavailable',
  configuration: false,
};
