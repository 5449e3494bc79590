/** Reads what a dead relay left behind, from a copy: whatever recovery the file needs is for the next relay to do. */
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { CONNECTED_BY_REDIAL } from '../../calls/who-missed.ts';
import type { Clock } from '../../clock.ts';
import type { Call } from '../../store/call.ts';
import { sqliteStore } from '../../store/sqlite-store.ts';
import type { Store } from '../../store/store.ts';
import type { Ask, KeptCall, StoreLook } from './evidence.ts';

export type Looked = { kind: 'look'; look: StoreLook } | { kind: 'unusable'; said: string };

export interface Look {
  /** The look before this one. */
  known: StoreLook | undefined;
  /** When the relay was started that has died. */
  since: number;
  clock: Clock;
}

export async function lookIntoStore(path: string, asks: readonly Ask[], { known, since, clock }: Look): Promise<Looked> {
  const copy = `${path}.look`;
  for (const ending of ['', '-wal']) {
    rmSync(copy + ending, { force: true });
    if (existsSync(path + ending)) copyFileSync(path + ending, copy + ending);
  }
  try {
    const store = sqliteStore({ path: copy, clock });
    const calls = new Map<string, KeptCall>();
    const found = await Promise.all(
      asks.map(async (ask) => ({ mark: ask.mark, found: await findCall(ask, known?.calls.get(ask.mark), store) })),
    );
    for (const { mark, found: call } of found) {
      if (call === undefined) continue;
      const leads = (await store.listMessages({ callId: call.id }, 10)).filter(({ kind }) => kind === 'lead');
      const isForgotten = call.sealedNumber === '';
      calls.set(mark, { ...call, isForgotten, talkedLater: call.fault === CONNECTED_BY_REDIAL, leadAt: leads.at(-1)?.createdAt });
    }
    await store.close();
    return { kind: 'look', look: { at: clock.now(), since, calls } };
  } catch (error) {
    return { kind: 'unusable', said: error instanceof Error ? error.message : 'the database cannot be read' };
  }
}

/** One that was forgotten has no key any more; then it is known by its id alone, from its answer or from an earlier look. */
async function findCall({ site, key, answers }: Ask, known: KeptCall | undefined, store: Store): Promise<Call | undefined> {
  const byKey = await store.findByKey(site, key);
  const told = answers.find((answer) => answer.kind === 'accepted')?.id ?? known?.id;
  return byKey?.call ?? (told === undefined ? undefined : store.find(told));
}
