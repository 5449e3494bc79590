/** The store in SQL, over any driver: each verb is one unit of work, at one reading of the clock. */
import type { Clock } from '../clock.ts';
import { type Call, type Change, type Decide, isEndState, type Taken } from './call.ts';
import { changeCall, ERASED } from './change-call.ts';
import { acceptCall } from './sql-accept.ts';
import { type Aftermath, tellOf } from './sql-alerts.ts';
import {
  countBusy,
  hastenForget,
  selectByKey,
  selectByNumber,
  selectByRef,
  selectCall,
  selectDue,
  selectLine,
  setAside,
  updateCall,
} from './sql-calls.ts';
import { countFromNow } from './sql-counts.ts';
import { selectCredential, swapCredential } from './sql-credentials.ts';
import { query, type SqlDriver, type SqlUnit } from './sql-driver.ts';
import {
  insertAboutCall,
  insertNotices,
  isNeededForLead,
  listMessages,
  retryQuarantined,
  settleMessage,
  takeMessages,
  withdrawLeads,
} from './sql-messages.ts';
import { isUsedUp, useUp } from './sql-nonces.ts';
import { eraseAtEnd, eraseCall, insertOptOut, isOptedOut, isToBeErased, standingOf } from './sql-numbers.ts';
import { addCost, judgeReservations, settleCost } from './sql-purses.ts';
import { hastenForgets } from './sql-retention.ts';
import { countScheduled } from './sql-slots.ts';
import { SWEEP_EVERY, sweeper } from './sql-sweep.ts';
import { KEY_LIFE_MS, SET_ASIDE_MS, type Store, StoreUnavailable } from './store.ts';

const SELECT_NEXT_DUE = `SELECT (SELECT MIN(look_at) FROM calls WHERE look_at IS NOT NULL),
  (SELECT MIN(due_at) FROM messages WHERE due_at IS NOT NULL)`;
const PING = 'INSERT INTO pings (id, pinged_at) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET pinged_at = excluded.pinged_at';

export function sqlStore(driver: SqlDriver, clock: Clock): Store {
  const sweep = sweeper();
  // Counts from the first call of a process, so that processes which live shortly sweep as well.
  let accepted = 0;

  /** Runs a unit, and when it stands does what it has left to do: tells of it, and sees to it that erased bytes go as well. */
  async function runThrough<T>(unit: (now: number, aftermath: Aftermath) => SqlUnit<T>): Promise<T> {
    let aftermath: Aftermath = { hasErased: false, tell: [] };
    const result = await driver.run(() => {
      aftermath = { hasErased: false, tell: [] };
      return unit(clock.now(), aftermath);
    });
    if (aftermath.hasErased) driver.scrubSoon();
    for (const tell of aftermath.tell) tell();
    return result;
  }

  return {
    accept: (draft, guard) =>
      runThrough(function* (now, aftermath) {
        const result = yield* acceptCall(draft, guard, now, aftermath);
        if (result.kind === 'accepted' && accepted++ % SWEEP_EVERY === 0) yield* sweep(now);
        return result;
      }),
    find: (id) => driver.run(() => selectCall(id)),
    findByKey: (site, idempotencyKey) => driver.run(() => selectByKey(site, idempotencyKey, clock.now() - KEY_LIFE_MS)),
    isOptedOut: (numberKeys) =>
      driver.run(function* () {
        return (yield* standingOf(numberKeys)).optedOutUntil > clock.now();
      }),
    findByRef: (provider, providerRef) => driver.run(() => selectByRef(provider, providerRef)),
    findByNumber: (numberKeys, since) =>
      driver.run(function* () {
        return (yield* selectByNumber(numberKeys)).filter(({ acceptedAt }) => acceptedAt >= since);
      }),
    countScheduled: (site, department, from, until) => driver.run(() => countScheduled(site, department, from, until)),
    haveRoom: (each) =>
      driver.run(function* () {
        const rooms: boolean[] = [];
        for (const reservations of each) rooms.push((yield* judgeReservations(reservations)).kind === 'room');
        return rooms;
      }),
    takeDue: (limit, decide, onStumble) =>
      aroundStumbles(decide, onStumble, (careful) => runThrough((now, aftermath) => takeDue(limit, careful, now, aftermath))),
    settle: (id, fence, change) =>
      runThrough(function* (now, aftermath) {
        const call = yield* selectCall(id);
        return call?.fence === fence ? yield* applyChange(call, change, now, aftermath) : undefined;
      }),
    amend: (id, decide) =>
      runThrough(function* (now, aftermath) {
        const call = yield* selectCall(id);
        return call && (yield* applyChange(call, decide(call, now, { busy: yield* countBusy(call, now) }), now, aftermath));
      }),
    optOut: (numberKeys, until) =>
      runThrough(function* (now, aftermath) {
        for (const key of numberKeys) yield* insertOptOut(key, until);
        if (until <= now) return;
        for (const call of yield* selectByNumber(numberKeys))
          yield* applyChange(call, cancelWaiting(call, 'opted_out', now), now, aftermath);
      }),
    async forgetNumber(numberKeys) {
      const count = await driver.run(() => forgetNumber(numberKeys, clock.now()));
      // Also where nothing was found: an order that is carried out again may have got no further than this the first time.
      await driver.scrub();
      return count;
    },
    useUp: (key, until) => driver.run(() => useUp(key, until)),
    isUsedUp: (keys) => driver.run(() => isUsedUp(keys)),
    hastenForgets: (from, retentionOf) => driver.run(() => hastenForgets(from, retentionOf, clock.now())),
    sweep: () => driver.run(() => sweep(clock.now())),
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
    swapCredential: (key, version, sealed) =>
      runThrough((_now, aftermath) =>
        swapCredential(key, version, sealed, () => {
          aftermath.hasErased = true;
        }),
      ),
    nextDueAt: () => driver.run(selectNextDue),
    async ping() {
      await driver.run(() => query(PING, [clock.now()]));
    },
    close: () => driver.close(),
  };
}

/**
 * Takes again without the call that made the taking fail, so that one bad row keeps nobody else waiting; what is usual costs nothing.
 * At first `onStumble` says what is to become of that call, and if even this fails it is set aside.
 */
async function aroundStumbles(
  decide: Decide,
  onStumble: Decide = () => undefined,
  take: (careful: Decide) => Promise<Taken[]>,
): Promise<Taken[]> {
  const stumbles = new Map<string, number>();
  for (;;) {
    let applying: string | undefined;
    const careful: Decide = (call, ...about) => {
      // What a decision throws is its maker's to hear.
      applying = undefined;
      const deciding = [decide, onStumble][stumbles.get(call.id) ?? 0];
      const change = deciding?.(call, ...about);
      applying = call.id;
      return change;
    };
    try {
      return await take(careful);
    } catch (error) {
      const times = stumbles.get(applying ?? '') ?? 0;
      if (applying === undefined || error instanceof StoreUnavailable || times >= 2) throw error;
      stumbles.set(applying, times + 1);
    }
  }
}

/** Of calls and messages alike; a call that was set aside is due again when it is looked at again. */
function* selectNextDue(): SqlUnit<number | undefined> {
  const [row = []] = yield* query<(number | null)[]>(SELECT_NEXT_DUE, []);
  const times = row.filter((at) => at !== null);
  return times.length === 0 ? undefined : Math.min(...times);
}

/** The call may be forgotten by this change, or because it ended and its number had asked for it. */
function* applyChange(call: Call, change: Change | undefined, now: number, aftermath: Aftermath): SqlUnit<Call | undefined> {
  const changed = change && changeCall(call, change);
  if (change === undefined || changed === undefined) return undefined;
  yield* updateCall(changed, change.lookAt);
  if (mayBeDialled(call) && !mayBeDialled(changed)) yield* countFromNow(call, now);
  if (change.cost !== undefined) yield* tellOf(yield* settleCost(call.id, change.cost), change.teller, now, aftermath);
  if (change.extraCost !== undefined) yield* tellOf(yield* addCost(call.id, change.extraCost), change.teller, now, aftermath);
  const { leads = [], records = [] } = change;
  if (leads.length + records.length > 0 && (yield* mayTell(call))) {
    yield* insertAboutCall('lead', call, leads, now);
    yield* insertAboutCall('record', call, records, now);
  }
  // A dial that was not sent puts the call back in the queue; its number may have opted out meanwhile, or asked to be forgotten.
  if (changed.state === 'accepted' && call.state === 'dialing') {
    const unwanted = (yield* isOptedOut(call.id, now)) ? 'opted_out' : (yield* isToBeErased(call.id)) ? 'forgotten' : undefined;
    if (unwanted !== undefined) return yield* applyChange(changed, cancelWaiting(changed, unwanted, now), now, aftermath);
  }
  const hasEnded = isEndState(changed.state) && !isEndState(call.state);
  if (!change.forget && !(hasEnded && (yield* isToBeErased(call.id)))) return changed;
  yield* withdrawLeads(call.id);
  aftermath.hasErased = true;
  return yield* eraseCall(changed, now);
}

function* forgetNumber(numberKeys: readonly string[], now: number): SqlUnit<number> {
  let forgotten = 0;
  for (const call of yield* selectByNumber(numberKeys)) {
    // What waits is not wanted any more; what may be ringing is forgotten when it ends.
    const change: Change = { ...cancelWaiting(call, 'forgotten', now), forget: true, dueStep: undefined, dueAt: undefined };
    if ((yield* applyChange(call, change, now, { hasErased: false, tell: [] })) !== undefined) {
      forgotten += 1;
    } else {
      yield* eraseAtEnd(call);
      yield* withdrawLeads(call.id);
    }
  }
  return forgotten;
}

const mayBeDialled = ({ state }: Call) => state === 'scheduled' || state === 'accepted' || state === 'dialing';

/** Nobody is told of a call that was forgotten, or is to be as soon as it ends. */
function* mayTell({ id, sealedNumber }: Call): SqlUnit<boolean> {
  return sealedNumber !== ERASED.sealedNumber && !(yield* isToBeErased(id));
}

/** Nothing was dialled, so nothing is held or spent, and there is no reason to keep the number: it is due to be forgotten. */
function cancelWaiting({ state }: Call, fault: 'opted_out' | 'forgotten', now: number): Change | undefined {
  if (state !== 'accepted' && state !== 'scheduled') return undefined;
  return { state: 'cancelled', fault, endedAt: now, heldUntil: now, cost: 0, dueStep: 'forget', dueAt: now };
}

function* takeDue(limit: number, decide: Decide, now: number, aftermath: Aftermath): SqlUnit<Taken[]> {
  const found: Taken[] = [];
  const seen = new Set<string>();
  const linedUp = new Set<string>();

  function* take(before: Call, isDue: boolean): SqlUnit<void> {
    if (seen.has(before.id) || found.length === limit) return;
    seen.add(before.id);
    // Counted anew for each: those that were taken a moment ago keep their site busy.
    const change = decide(before, now, { busy: yield* countBusy(before, now) });
    // It was looked at before its time, in case that it can go, and waits on as it did.
    if (!isDue && change?.state === undefined) return;
    // A lead is written from the call when it is sent, so what has run out of time is kept until the company has been told of it.
    const isNeeded = change?.forget && (yield* isNeededForLead(before.id, now));
    const taken = isNeeded ? undefined : yield* applyChange({ ...before, fence: before.fence + 1 }, change, now, aftermath);
    if (taken === undefined) yield* setAside(before.id, now + SET_ASIDE_MS);
    else found.push({ before, taken });
  }

  for (;;) {
    const due = (yield* selectDue(now, limit - found.length)).filter(({ call }) => !seen.has(call.id));
    if (due.length === 0) return found;
    for (const { call, hasCompany } of due) {
      if (hasCompany && !linedUp.has(call.site)) {
        linedUp.add(call.site);
        for (const { call: other, isDue } of yield* selectLine(call, now)) yield* take(other, isDue);
      }
      yield* take(call, true);
    }
  }
}
