/**
 * How commands reach a relay that runs: a folder beside the database, which the relay holds locked. Every fact is a file of its
 * own (`paused`, `paused.<site>`, `request.<id>.json`, `answer.<id>.json`), made and removed in one step, so that neither two commands nor a
 * command and the relay can undo each other's work. An operator may make or remove the first two by hand.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { MessageState } from '../store/message.ts';
import type { Vault } from '../store/vault.ts';
import { giveToOwnerOf } from './file-owner.ts';

const PAUSED = 'paused';
const REQUEST = /^request\.([\w-]+)\.json$/;

const schema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('forget'), sealed: z.string() }),
  z.strictObject({ kind: z.literal('opt_out'), sealed: z.string(), until: z.number() }),
  z.strictObject({ kind: z.literal('list_messages'), states: z.array(z.enum(['waiting', 'delivered', 'needless', 'quarantined'])) }),
  z.strictObject({ kind: z.literal('retry_messages') }),
  z.strictObject({ kind: z.literal('call'), sealed: z.string(), site: z.string(), until: z.number() }),
  z.strictObject({ kind: z.literal('view_call'), id: z.string() }),
  z.strictObject({ kind: z.literal('cancel_call'), id: z.string() }),
  z.strictObject({ kind: z.literal('hang_up'), id: z.string() }),
  z.strictObject({ kind: z.literal('report') }),
  z.strictObject({ kind: z.literal('verify'), account: z.string(), line: z.string() }),
  z.strictObject({
    kind: z.literal('ask_portal'),
    account: z.string(),
    method: z.string(),
    params: z.record(z.string(), z.unknown()),
  }),
]);

/** `number`: E.164. `until`: epoch ms. */
export type NumberOrder = { kind: 'forget'; number: string } | { kind: 'opt_out'; number: string; until: number };

/** What only a relay that runs can do; its answers are in relay-desk.ts. */
export type RelayOrder =
  /** A call to `number` (E.164) for a site. An order that is found after `until` (epoch ms) is not carried out: nobody waits for it any more. */
  | { kind: 'call'; number: string; site: string; until: number }
  | { kind: 'view_call'; id: string }
  | { kind: 'cancel_call'; id: string }
  | { kind: 'hang_up'; id: string }
  /** How the relay itself is. */
  | { kind: 'report' }
  /** Looks whether a dial from the line could work. Rings nobody. */
  | { kind: 'verify'; account: string; line: string }
  /** A question to the portal of an account whose tokens the relay holds. */
  | { kind: 'ask_portal'; account: string; method: string; params: Readonly<Record<string, unknown>> };

export type ControlOrder =
  | NumberOrder
  | RelayOrder
  /** Answered with a list of messages. */
  | { kind: 'list_messages'; states: readonly MessageState[] }
  /** What was given up is tried again. Answered with how many. */
  | { kind: 'retry_messages' };

export interface ControlState {
  paused: boolean;
  pausedSites: ReadonlySet<string>;
  /** Ids of what waits to be carried out. */
  requests: readonly string[];
}

/** Every verb throws where the folder cannot be used. */
export interface ControlFolder {
  path: string;
  /** Makes the folder where there is none, and gives it to whom the database belongs. */
  make(): void;
  read(): ControlState;
  /** Undefined: all sites. */
  pause(site: string | undefined): void;
  resume(site: string | undefined): void;
  /** Leaves an order with its number sealed; answers with its id. */
  leave(order: ControlOrder, vault: Pick<Vault, 'seal'>): string;
  /** Undefined if it was sealed with another secret, or is none of ours: what cannot be opened now never can. */
  open(id: string, vault: Pick<Vault, 'open'>): ControlOrder | undefined;
  /** Leaves what an order asked for, before the order is removed. */
  answer(id: string, value: unknown): void;
  /** Undefined where there is none. It is gone then. */
  takeAnswer(id: string): unknown;
  remove(id: string): void;
  /** Puts an order aside that cannot be opened. */
  reject(id: string): void;
  stateOf(id: string): 'waiting' | 'rejected' | 'gone';
}

export function controlFolder(databasePath: string): ControlFolder {
  const path = `${databasePath}.control`;
  const place = (name: string) => join(path, name);
  const nameOfPause = (site: string | undefined) => (site === undefined ? PAUSED : `${PAUSED}.${site}`);
  const nameOfRequest = (id: string) => `request.${id}.json`;
  const nameOfAnswer = (id: string) => `answer.${id}.json`;
  const nameOfRejected = (id: string) => `rejected.${id}.json`;
  const write = (name: string, text: string) => {
    makeFolder(databasePath, path);
    writeDurably(path, name, text, databasePath);
  };

  return {
    path,
    make: () => makeFolder(databasePath, path),
    read() {
      const names = listNames(path);
      return {
        paused: names.includes(PAUSED),
        pausedSites: new Set(names.filter((name) => name.startsWith(`${PAUSED}.`)).map((name) => name.slice(PAUSED.length + 1))),
        requests: names.flatMap((name) => REQUEST.exec(name)?.[1] ?? []),
      };
    },
    pause: (site) => write(nameOfPause(site), ''),
    resume: (site) => removeDurably(path, nameOfPause(site)),
    leave(order, vault) {
      const id = randomUUID();
      write(nameOfRequest(id), JSON.stringify(sealOrder(order, id, vault)));
      return id;
    },
    open: (id, vault) => openOrder(readFileSync(place(nameOfRequest(id)), 'utf8'), id, vault),
    answer: (id, value) => write(nameOfAnswer(id), JSON.stringify(value)),
    takeAnswer(id) {
      const file = place(nameOfAnswer(id));
      if (!existsSync(file)) return undefined;
      const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
      removeDurably(path, nameOfAnswer(id));
      return value;
    },
    remove: (id) => removeDurably(path, nameOfRequest(id)),
    reject: (id) => renameSync(place(nameOfRequest(id)), place(nameOfRejected(id))),
    stateOf(id) {
      if (existsSync(place(nameOfRequest(id)))) return 'waiting';
      return existsSync(place(nameOfRejected(id))) ? 'rejected' : 'gone';
    },
  };
}

function sealOrder(order: ControlOrder, id: string, vault: Pick<Vault, 'seal'>): Readonly<Record<string, unknown>> {
  if (!('number' in order)) return order;
  const { number, ...rest } = order;
  return { ...rest, sealed: vault.seal(number, contextOf(id)) };
}

function openOrder(text: string, id: string, vault: Pick<Vault, 'open'>): ControlOrder | undefined {
  try {
    const order = schema.parse(JSON.parse(text));
    if (!('sealed' in order)) return order;
    const { sealed, ...rest } = order;
    return { ...rest, number: vault.open(sealed, contextOf(id)) };
  } catch {
    return undefined;
  }
}

/** Binds a sealed number to its own file: it opens nowhere else. */
function contextOf(id: string): string {
  return `control ${id}`;
}

function listNames(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function makeFolder(databasePath: string, path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  giveToOwnerOf(databasePath, path);
}

/** Whole or not at all, and there after a power cut: the name appears when everything behind it has been written. */
function writeDurably(path: string, name: string, text: string, databasePath: string): void {
  const draft = join(path, `draft.${randomUUID()}`);
  const file = openSync(draft, 'wx', 0o600);
  try {
    giveToOwnerOf(databasePath, draft);
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, join(path, name));
  syncFolder(path);
}

function removeDurably(path: string, name: string): void {
  rmSync(join(path, name), { force: true });
  if (existsSync(path)) syncFolder(path);
}

function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  fsyncSync(folder);
  closeSync(folder);
}
