/** What can be found out about an account without ringing anyone: its extensions and recordings, and whether a dial could work. */

import { isRecord } from '../exchange.ts';
import type { Answer, Fault, Finding, Line } from '../provider.ts';
import type { TelphinClient } from './telphin-client.ts';
import { UNREADABLE } from './telphin-faults.ts';

/** A recording of the account; its id goes into `announceSoundId` and `dstAnnounceSoundId`. */
export interface Sound {
  id: string;
  name: string;
}

const PAGE = 50;
const MAX_PAGES = 20;

/** Extensions of the type `phone`, the only ones that can start a callback. */
export async function readLines(client: TelphinClient): Promise<Answer<Line[]>> {
  const extensions = await readExtensions(client);
  if (!extensions.ok) return extensions;
  return { ok: true, value: extensions.value.map(({ id, name, label }) => ({ id, name: label === '' ? name : `${name} ${label}` })) };
}

export interface Extension {
  id: string;
  /** `12037*105`: prefix of the account and short number. */
  name: string;
  label: string;
}

/** `timeoutMs`: for each page; the usual when absent. */
export async function readExtensions(client: TelphinClient, timeoutMs?: number): Promise<Answer<Extension[]>> {
  const pages = await readPages(client, '/client/@me/extension/?type=phone', timeoutMs);
  if (!pages.ok) return pages;
  const phones = pages.value.filter(({ type }) => type === undefined || type === 'phone');
  return { ok: true, value: phones.map(({ id, name, label }) => ({ id: idOf(id), name: clean(name) || idOf(id), label: clean(label) })) };
}

/** The number by which colleagues ring an extension; undefined where the name does not end in one. */
export function shortNumberOf(name: string): string | undefined {
  return /^(?:\d+\*)?(\d{1,10})(?:@.*)?$/.exec(name)?.[1];
}

export async function readSounds(client: TelphinClient): Promise<Answer<Sound[]>> {
  const pages = await readPages(client, '/client/@me/sound/');
  if (!pages.ok) return pages;
  return {
    ok: true,
    value: pages.value.map(({ id, title, filename }) => ({ id: idOf(id), name: clean(title) || clean(filename) || idOf(id) })),
  };
}

async function readPages(client: TelphinClient, path: string, timeoutMs?: number): Promise<Answer<Record<string, unknown>[]>> {
  const items: Record<string, unknown>[] = [];
  const seen = new Set<unknown>();
  for (let page = 1; page <= MAX_PAGES; page++) {
    const query = `${path.includes('?') ? '&' : '?'}page=${page}&per_page=${PAGE}`;
    const reply = await client.within((signal) => client.get(path + query, signal), timeoutMs);
    if (reply.kind !== 'success') return { ok: false, fault: reply.fault };
    if (!Array.isArray(reply.body) || !reply.body.every((item) => isRecord(item) && idOf(item.id) !== '')) {
      return { ok: false, fault: UNREADABLE.fault };
    }
    const fresh: Record<string, unknown>[] = reply.body.filter(({ id }) => !seen.has(id));
    for (const item of fresh) seen.add(item.id);
    items.push(...fresh);
    // A list that is not cut into pages comes whole every time.
    if (reply.body.length < PAGE || fresh.length < reply.body.length) break;
  }
  return { ok: true, value: items };
}

function idOf(value: unknown): string {
  const id = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  return /^\d{1,19}$/.test(id) ? id : '';
}

const LONGEST_NAME = 80;

/** Names end up on an operator's terminal: no control characters, no endless lines. */
function clean(name: unknown): string {
  return typeof name === 'string' ? name.replaceAll(/[\p{Cc}\p{Cf}]/gu, '').slice(0, LONGEST_NAME) : '';
}

/** In the order in which an operator would put things right; what cannot be asked without ringing is said, not guessed. */
export async function verifyLine(client: TelphinClient, line: string): Promise<Finding[]> {
  const user = await client.within((signal) => client.get('/user/', signal));
  if (user.kind !== 'success') return [complaint(user.fault)];
  if (!isRecord(user.body)) return [complaint(UNREADABLE.fault)];
  return [
    { ok: true, code: 'application_works', message: 'The host knows the application and gives it a token.' },
    await findLine(client, line),
    await findHistory(client),
    {
      ok: true,
      code: 'registration_unchecked',
      message: 'Only a real call shows whether a telephone is signed in at the extension. Look at its state before the first test call.',
    },
  ];
}

function complaint({ code, message }: Fault): Finding {
  return { ok: false, code, message };
}

async function findLine(client: TelphinClient, line: string): Promise<Finding> {
  if (line.startsWith('@')) {
    return { ok: true, code: 'line_unchecked', message: `The line is the variable ${clean(line)}, which only the host can look up.` };
  }
  const lines = await readLines(client);
  if (!lines.ok) return complaint(lines.fault);
  if (lines.value.some(({ id }) => id === line)) return { ok: true, code: 'line_found', message: `The extension ${line} exists.` };
  if (lines.value.length === 0) {
    return { ok: false, code: 'no_lines', message: 'The account has no extension of the type `phone`. Add one first.' };
  }
  const known = lines.value.map(({ id, name }) => `${id} (${name})`).join(', ');
  return { ok: false, code: 'line_unknown', message: `There is no extension ${clean(line)}. Set the line to one of these: ${known}.` };
}

/** By asking for a call that there is not. */
async function findHistory(client: TelphinClient): Promise<Finding> {
  const reply = await client.within((signal) => client.get('/client/@me/call_history/00000000000000000000000000000000', signal));
  const isReadable = reply.kind === 'success' || reply.fault.code === 'line_unknown' || reply.fault.code === 'busy_for_others';
  if (isReadable) return { ok: true, code: 'history_readable', message: 'What became of a call can be looked up.' };
  return complaint(reply.fault);
}
