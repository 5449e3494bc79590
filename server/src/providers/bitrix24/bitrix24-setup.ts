/** What can be found out about a portal without ringing anyone: its lines and voices, and whether a dial could work. */

import { isRecord } from '../exchange.ts';
import type { Answer, Fault, Finding, Line, Voice } from '../provider.ts';
import type { Bitrix24Client } from './bitrix24-client.ts';
import { UNREADABLE } from './bitrix24-faults.ts';
import { verifyStatistics } from './bitrix24-find.ts';

/** Rented lines, connected PBXs and linked numbers. Lines of applications are not among them. */
export async function readLines(client: Bitrix24Client): Promise<Answer<Line[]>> {
  const answer = await readNames(client, 'voximplant.line.get');
  return !answer.ok && answer.fault.code === 'right_missing' ? { ok: false, fault: LINES_HIDDEN } : answer;
}

export function readVoices(client: Bitrix24Client): Promise<Answer<Voice[]>> {
  return readNames(client, 'voximplant.tts.voices.get');
}

const LINES_HIDDEN: Fault = {
  code: 'lines_hidden',
  message:
    'The owner of the webhook may not see the lines. Under Telephony, Access permissions, allow the role "Manage numbers: modify", at least while setting up.',
  problem: 'unavailable',
  configuration: true,
};

/** Both lists come as `{ "<id>": "<name>" }`, and as `[]` when empty. */
async function readNames(client: Bitrix24Client, method: string): Promise<Answer<{ id: string; name: string }[]>> {
  const reply = await client.call(method, {});
  if (reply.kind !== 'result') return { ok: false, fault: reply.fault };
  if (Array.isArray(reply.result) && reply.result.length === 0) return { ok: true, value: [] };
  if (!isRecord(reply.result)) return { ok: false, fault: UNREADABLE.fault };
  return { ok: true, value: Object.entries(reply.result).map(([id, name]) => ({ id: clean(id), name: clean(name) || clean(id) })) };
}

const LONGEST_NAME = 80;

/** Names end up on an operator's terminal: no control characters, no endless lines. */
function clean(name: unknown): string {
  return typeof name === 'string' ? name.replaceAll(/[\p{Cc}\p{Cf}]/gu, '').slice(0, LONGEST_NAME) : '';
}

/** How the account gets into the portal: the words of what is found. */
export type AccessKind = 'webhook' | 'application';

const OWNERS: Readonly<Record<AccessKind, string>> = {
  webhook: 'the owner of the webhook',
  application: 'whoever installed the application',
};

/** In the order in which an operator would put things right; what cannot be asked without ringing is said, not guessed. */
export async function verifyLine(client: Bitrix24Client, line: string, access: AccessKind = 'webhook'): Promise<Finding[]> {
  const scopes = await readScopes(client);
  if (!scopes.ok) return [{ ok: false, code: scopes.fault.code, message: scopes.fault.message }];
  return [
    { ok: true, code: `${access}_works`, message: `The portal knows the ${access}.` },
    ...NEEDED_SCOPES.map((scope) => findScope(scope, scopes.value, access)),
    findLine(line, await readLines(client)),
    ...(scopes.value.includes('telephony') ? [await verifyStatistics(client)] : []),
    {
      ok: true,
      code: 'right_unchecked',
      message: `Only a real call shows whether ${OWNERS[access]} may make outgoing calls. Make sure that the role under Telephony, Access permissions, has "Outgoing call: any number".`,
    },
  ];
}

/** The documentation names the first, the portal's own code has been seen to want the second. */
const NEEDED_SCOPES = ['telephony', 'call'] as const;

async function readScopes(client: Bitrix24Client): Promise<Answer<readonly unknown[]>> {
  const reply = await client.call('scope', {});
  if (reply.kind !== 'result') return { ok: false, fault: reply.fault };
  return Array.isArray(reply.result) ? { ok: true, value: reply.result } : { ok: false, fault: UNREADABLE.fault };
}

function findScope(scope: string, granted: readonly unknown[], access: AccessKind): Finding {
  if (granted.includes(scope)) return { ok: true, code: `scope_${scope}`, message: `The ${access} has the scope \`${scope}\`.` };
  return {
    ok: false,
    code: `scope_${scope}_missing`,
    message: `The ${access} lacks the scope \`${scope}\`. Tick it in the ${access}'s settings.`,
  };
}

function findLine(line: string, lines: Answer<Line[]>): Finding {
  if (!lines.ok) return { ok: false, code: lines.fault.code, message: lines.fault.message };
  if (lines.value.some(({ id }) => id === line)) return { ok: true, code: 'line_found', message: `The line ${line} exists.` };
  if (lines.value.length === 0) {
    return { ok: false, code: 'no_lines', message: 'The portal has no line. Rent a number or connect a PBX under Telephony first.' };
  }
  const known = lines.value.map(({ id, name }) => (name === id ? id : `${id} (${name})`)).join(', ');
  return { ok: false, code: 'line_unknown', message: `There is no line ${line}. Set the line to one of these: ${known}.` };
}
