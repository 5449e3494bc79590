/** What an account has: its extensions and its recordings. */

import { isRecord } from '../exchange.ts';
import type { Answer, Line } from '../provider.ts';
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
export function clean(name: unknown): string {
  return typeof name === 'string' ? name.replaceAll(/[\p{Cc}\p{Cf}]/gu, '').slice(0, LONGEST_NAME) : '';
}
