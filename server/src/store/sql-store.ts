/** The store in SQL, over any driver: each verb is one unit of work, at one reading of the clock. */
import type { Clock } from '../clock.ts';
import { type Call, type Change, type Decide, isEndState, type Taken } from './call.ts';
import { changeCall, ERASED } from './change-call.ts';
import { acceptCall } from './sql-accept.ts';
import {
  countBusy,
  hastenForget,
  selectByKey,
  selectByNumber,
  selectByRef,
  selectCall,
  selectDue,
  setAside,
  updateCall,
} from './sql-calls.ts';
import { selectCredential, swapCredential } from './sql-credentials.ts';
import { query, type SqlDriver, type SqlUnit } from './sql-driver.ts';
import {
  hasWaitingLead,
  insertAboutCall,
  insertNotices,
  listMessages,
  retryQuarantined,
  settleMessage,
  takeMessages,
  withdrawLeads,
} from './sql-messages.ts';
import { eraseAtEnd, eraseCall, insertOptOut, isOptedOut, isToBeErased } from './sql-numbers.ts';
import { addCost, settleCost } from './sql-purses.ts';
import { countScheduled } from './sql-slots.ts';
import { SWEEP_EVERY, sweeper } from './sql-sweep.ts';
import { KEY_LIFE_MS, SET_ASIDE_MS, type Store } from './store.ts';

const SELECT_NEXT_DUE = `SELECT (SELECT MIN(look_at) FROM calls WHERE look_at IS NOT NULL),
  (SELECT MIN(due_at) FROM messages WHERE due_at IS NOT NULL)`;
const PING = 'INSERT INTO pings (id, pinged_at) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET pinged_at = excluded.pinged_at';

export function sqlStore(driver: SqlDriver, clock: Clock): Store {
  const sweep = sweeper();
  // Counts from the first call of a process, so that processes which live shortly sweep as well.
  let accepted = 0;

  /** Runs a unit that may erase something, and sees to it that the bytes go as well. */
  async function runErasing<T>(unit: (now: number, erased: () => void) => SqlUnit<T>): Promise<T> {
    let hasErased = false;
    const result = await driver.run(() =>
      unit(clock.now(), () => {
        hasErased = true;
      }),
    );
    if (hasErased) driver.scrub();
    return result;
  }

  return {
    accept: (draft, guard) =>
      driver.run(function* () {
        const now = clock.now();
        const result = yield* acceptCall(draft, guard, now);
        if (result.kind === 'accepted' && accepted++ % SWEEP_EVERY === 0) yield* sweep(now);
        return result;
      }),
    find: (id) => driver.run(() => selectCall(id)),
    findByKey: (site, idempotencyKey) => driver.run(() => selectByKey(site, idempotencyKey, clock.now() - KEY_LIFE_MS)),
    findByRef: (provider, providerRef) => driver.run(() => selectByRef(provider, providerRef)),
    findByNumber: (numberKeys, since) =>
      driver.run(function* () {
        return (yield* selectByNumber(numberKeys)).filter(({ acceptedAt }) => acceptedAt >= since);
      }),
    countScheduled: (site, department, from, until) => driver.run(() => countScheduled(site, department, from, until)),
    takeDue: (limit, decide) => runErasing((now, erased) => takeDue(limit, decide, now, erased)),
    settle: (id, fence, change) =>
      runErasing(function* (now, erased) {
        const call = yield* selectCall(id);
        return call?.fence === fence ? yield* applyChange(call, change, now, erased) : undefined;
      }),
    amend: (id, decide) =>
      runErasing(function* (now, erased) {
        const call = yield* selectCall(id);
        return call && (yield* applyChange(call, decide(call, now, { busy: yield* countBusy(call, now) }), now, erased));
      }),
    optOut: (numberKeys, until) =>
      runErasing(function* (now, erased) {
        for (const key of numberKeys) yield* insertOptOut(key, until);
        if (until <= now) return;
        for (const call of yield* selectByNumber(numberKeys)) yield* applyChange(call, cancelOptedOut(call, now), now, erased);
      }),
    forgetNumber: (numberKeys) =>
      runErasing(function* (now, erased) {
        const calls = yield* selectByNumber(numberKeys);
        for (const call of calls) {
          if (isEndState(call.state)) {
            yield* applyChange(call, { forget: true }, now, erased);
          } else {
            yield* eraseAtEnd(call);
            yield* withdrawLeads(call.id);
          }
        }
        return calls.filter(({ state }) => isEndState(state)).length;
      }),
    postNotices: (drafts) => driver.run(() => insertNotices(drafts, clock.now())),
    takeMessages: (limit, leaseMs) => driver.run(() => takeMessages(limit, leaseMs, clock.now())),
    settleMessage: (id, fence, change) =>
      driver.run(function* () {
        const settled = yield* settleMessage(id, fence, change);
        if (settled?.callId !== undefined && change.state !== 'waiting') yield* hastenForget(settled.callId);
        return settled !== undefined;
      }),
    listMessages: (filter, limit) => driver.run(() => listMessages(filter, limit)),
    retryQuarantined: () => driver.run(() => retryQuarantined(clock.now())),
    readCredential: (key) => driver.run(() => selectCredential(key)),
    swapCredential: (key, version, sealed) => runErasing((_now, erased) => swapCredential(key, version, sealed, erased)),
    nextDueAt: () => driver.run(selectNextDue),
    async ping() {
      await driver.run(() => query(PING, [clock.now()]));
    },
    close: () => driver.close(),
  };
}

/** Of calls and messages alike; a call that was set aside is due again when it is looked at again. */
function* selectNextDue(): SqlUnit<number | undefined> {
  const [row = []] = yield* query<(number | null)[]>(SELECT_NEXT_DUE, []);
  const times = row.filter((at) => at !== null);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** `erased` is told when the call was forgotten: by this change, or because it ended and its number had asked for it. */
function* applyChange(call: Call, change: Change | undefined, now: number, erased: () => void): SqlUnit<Call | undefined> {
  const changed = change && changeCall(call, change);
  if (change === undefined || changed === undefined) return undefined;
  yield* updateCall(changed);
  if (change.cost !== undefined) yield* settleCost(call.id, change.cost);
  if (change.extraCost !== undefined) yield* addCost(call.id, change.extraCost);
  const { leads = [], records = [] } = change;
  if (leads.length + records.length > 0 && (yield* mayTell(call))) {
    yield* insertAboutCall('lead', call, leads, now);
    yield* insertAboutCall('record', call, records, now);
  }
  // A dial that was not sent puts the call back in the queue; its number may have opted out meanwhile.
  if (changed.state === 'accepted' && call.state === 'dialing' && (yield* isOptedOut(call.id, now))) {
    return yield* applyChange(changed, cancelOptedOut(changed, now), now, erased);
  }
  const hasEnded = isEndState(changed.state) && !isEndState(call.state);
  if (!change.forget && !(hasEnded && (yield* isToBeErased(call.id)))) return changed;
  yield* eraseCall(call.id, now);
  yield* withdrawLeads(call.id);
  erased();
  return { ...changed, ...ERASED };
}

/** Nobody is told of a call that was forgotten, or is to be as soon as it ends. */
function* mayTell({ id, sealedNumber }: Call): SqlUnit<boolean> {
  return sealedNumber !== ERASED.sealedNumber && !(yield* isToBeErased(id));
}

/** Nothing was dialled, so nothing is held or spent, and there is no reason to keep the number: it is due to be forgotten. */
function cancelOptedOut({ state }: Call, now: number): Change | undefined {
  if (state !== 'accepted' && state !== 'scheduled') return undefined;
  return { state: 'cancelled', fault: 'opted_out', endedAt: now, heldUntil: now, cost: 0, dueStep: 'forget', dueAt: now };
}

function* takeDue(limit: number, decide: Decide, now: number, erased: () => void): SqlUnit<Taken[]> {
  const found: Taken[] = [];
  const seen = new Set<string>();
  for (;;) {
    const due = (yield* selectDue(now, limit - found.length)).filter(({ id }) => !seen.has(id));
    if (due.length === 0) return found;
    for (const before of due) {
      seen.add(before.id);
      // Counted anew for each: those that were taken a moment ago keep their site busy.
      const change = decide(before, now, { busy: yield* countBusy(before, now) });
      // A lead is written from the call when it is sent, so what has run out of time is kept until the company has been told of it.
      const isNeeded = change?.forget && (yield* hasWaitingLead(before.id));
      const taken = isNeeded ? undefined : yield* applyChange({ ...before, fence: before.fence + 1 }, change, now, erased);
      if (taken === undefined) yield* setAside(before.id, now + SET_ASIDE_MS);
      else found.push({ before, taken });
    }
  }
}
