/** The store in SQL, over any driver: each verb is one unit of work, at one reading of the clock. */
import type { Clock } from '../clock.ts';
import { changeCall } from './change-call.ts';
import { acceptCall, SWEEP_EVERY, selectByKey, sweep } from './sql-accept.ts';
import { selectByRef, selectCall, selectDue, selectNextLook, setAside, updateCall } from './sql-calls.ts';
import { query, type SqlDriver, type SqlUnit } from './sql-driver.ts';
import { type Call, type Change, type Decide, SET_ASIDE_MS, type Store, type Taken } from './store.ts';

const PING = 'INSERT INTO pings (id, pinged_at) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET pinged_at = excluded.pinged_at';

export function sqlStore(driver: SqlDriver, clock: Clock): Store {
  // Counts from the first call of a process, so that processes which live shortly sweep as well.
  let accepted = 0;

  return {
    accept: (draft, limits) =>
      driver.run(function* () {
        const now = clock.now();
        const result = yield* acceptCall(draft, limits, now);
        if (result.kind === 'accepted' && accepted++ % SWEEP_EVERY === 0) yield* sweep(now);
        return result;
      }),
    find: (id) => driver.run(() => selectCall(id)),
    findByKey: (site, idempotencyKey) => driver.run(() => selectByKey(site, idempotencyKey, clock.now())),
    findByRef: (provider, providerRef) => driver.run(() => selectByRef(provider, providerRef)),
    takeDue: (limit, decide) => driver.run(() => takeDue(limit, decide, clock.now())),
    settle: (id, fence, change) =>
      driver.run(function* () {
        const call = yield* selectCall(id);
        return call?.fence === fence ? yield* applyChange(call, change) : undefined;
      }),
    amend: (id, decide) =>
      driver.run(function* () {
        const call = yield* selectCall(id);
        return call && (yield* applyChange(call, decide(call, clock.now())));
      }),
    nextDueAt: () => driver.run(selectNextLook),
    async ping() {
      await driver.run(() => query(PING, [clock.now()]));
    },
    close: () => driver.close(),
  };
}

function* applyChange(call: Call, change: Change | undefined): SqlUnit<Call | undefined> {
  const changed = change && changeCall(call, change);
  if (changed !== undefined) yield* updateCall(call, changed);
  return changed;
}

function* takeDue(limit: number, decide: Decide, now: number): SqlUnit<Taken[]> {
  const found: Taken[] = [];
  const seen = new Set<string>();
  for (;;) {
    const due = (yield* selectDue(now, limit - found.length)).filter(({ id }) => !seen.has(id));
    if (due.length === 0) return found;
    for (const before of due) {
      seen.add(before.id);
      const taken = yield* takeCall(before, decide(before, now));
      if (taken === undefined) yield* setAside(before.id, now + SET_ASIDE_MS);
      else found.push({ before, taken });
    }
  }
}

function takeCall(call: Call, change: Change | undefined): SqlUnit<Call | undefined> {
  return applyChange({ ...call, fence: call.fence + 1 }, change);
}
