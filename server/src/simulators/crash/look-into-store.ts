/** Reads what a dead relay left behind, from a copy: whatever recovery the file needs is for the next relay to do. */
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import type { Clock } from '../../clock.ts';
import { sqliteStore } from '../../store/sqlite-store.ts';
import type { Ask, KeptCall, StoreLook } from './evidence.ts';

export type Looked = { kind: 'look'; look: StoreLook } | { kind: 'unusable'; said: string };

export async function lookIntoStore(path: string, asks: readonly Ask[], since: number, clock: Clock): Promise<Looked> {
  const copy = `${path}.look`;
  for (const ending of ['', '-wal']) {
    rmSync(copy + ending, { force: true });
    if (existsSync(path + ending)) copyFileSync(path + ending, copy + ending);
  }
  try {
    const store = sqliteStore({ path: copy, clock });
    const calls = new Map<string, KeptCall>();
    const found = await Promise.all(asks.map(async ({ mark, site, key }) => ({ mark, found: await store.findByKey(site, key) })));
    for (const { mark, found: known } of found) {
      if (known === undefined) continue;
      const leads = (await store.listMessages({ callId: known.call.id }, 10)).filter(({ kind }) => kind === 'lead');
      calls.set(mark, { ...known.call, leadAt: leads.at(-1)?.createdAt });
    }
    await store.close();
    return { kind: 'look', look: { at: clock.now(), since, calls } };
  } catch (error) {
    return { kind: 'unusable', said: error instanceof Error ? error.message : 'the database cannot be read' };
  }
}
