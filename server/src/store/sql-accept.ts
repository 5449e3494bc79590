/** The transaction that turns a request into a call, or refuses it without leaving a trace (I2, I7, I10). */

import type { AcceptGuard, AcceptResult, Alert, CallDraft } from './acceptance.ts';
import type { Call } from './call.ts';
import { type Aftermath, tellOf } from './sql-alerts.ts';
import { insertCall, selectByKey } from './sql-calls.ts';
import { countCall, judgeLimits, roomsOf } from './sql-counts.ts';
import type { SqlUnit } from './sql-driver.ts';
import { isUsedUp, useUp } from './sql-nonces.ts';
import { standingOf } from './sql-numbers.ts';
import { judgeReservations, noteReserved, reserve } from './sql-purses.ts';
import { hasRoom } from './sql-slots.ts';
import { KEY_LIFE_MS } from './store.ts';

/** Whoever types somebody else's number is not told when that one has an appointment. */
const PLANNED_RETRY_MS = 3_600_000;

/** Everything is judged before anything is written. Hard limits come before soft ones, and money is not shown to who has no proof. */
export function* acceptCall(draft: CallDraft, guard: AcceptGuard, now: number, aftermath: Aftermath): SqlUnit<AcceptResult> {
  const known = yield* selectByKey(draft.site, draft.idempotencyKey, now - KEY_LIFE_MS);
  if (known !== undefined) {
    return isSameRequest(draft, known.fingerprint) ? { kind: 'replayed', call: known.call } : { kind: 'key_reused' };
  }
  const { limits, reservations = [], proof, slot, proofFloor = 0 } = guard;

  const { optedOutUntil, heldUntil, plannedUntil } = yield* standingOf([draft.numberKey, ...(draft.formerNumberKeys ?? [])]);
  if (optedOutUntil > now) return { kind: 'opted_out' };
  if (plannedUntil > now) return { kind: 'limited', scope: 'number_active', retryAt: now + PLANNED_RETRY_MS };
  if (heldUntil > now) return { kind: 'limited', scope: 'number_active', retryAt: heldUntil };
  const call = newCall(draft, now);
  const { dueAt = now, dialBefore } = call;
  const counted = yield* judgeLimits(limits, proofFloor, { now, startsAt: Math.max(now, dueAt), dialBefore });
  if (counted.kind === 'full') return { kind: 'limited', scope: counted.scope, retryAt: counted.retryAt };
  // Before a proof is asked for: nobody is to work for a place that is gone.
  if (slot && !(yield* hasRoom(draft, slot.capacity))) return { kind: 'slot_taken' };
  if ((proof?.level ?? 0) < counted.wanted) return { kind: 'proof_wanted', level: counted.wanted };
  if (proof && (yield* isUsedUp([proof.nonceKey, ...(proof.alsoNonceKeys ?? [])]))) return { kind: 'proof_used' };
  const money = yield* judgeReservations(reservations);
  if (money.kind === 'over') return { kind: 'over_budget', scope: money.scope, retryAt: money.retryAt };

  const room = yield* roomsOf(counted.closest, now);
  yield* insertCall(call, draft, noteReserved(reservations));
  yield* countCall(limits, counted, now);
  if (proof) yield* useUp(proof.nonceKey, proof.expiresAt);
  const alerts: Alert[] = yield* reserve(money.purses);
  if (counted.passing) alerts.push({ kind: 'destination', country: call.country, ...counted.passing });
  yield* tellOf(alerts, guard.teller, now, aftermath);
  return { kind: 'accepted', call, room };
}

function isSameRequest({ fingerprint, formerFingerprints = [] }: CallDraft, known: string): boolean {
  return known === fingerprint || formerFingerprints.includes(known);
}

function newCall(draft: CallDraft, now: number): Call {
  const startAt = draft.scheduledFor ?? now;
  const dialBefore = Math.min(startAt + draft.dialWithinMs, draft.dialBefore ?? Number.POSITIVE_INFINITY);
  return {
    id: draft.id,
    site: draft.site,
    state: draft.scheduledFor === undefined ? 'accepted' : 'scheduled',
    step: undefined,
    fault: undefined,
    sealedNumber: draft.sealedNumber,
    sealedDetails: draft.sealedDetails,
    country: draft.country,
    locale: draft.locale,
    department: draft.department,
    acceptedAt: now,
    scheduledFor: draft.scheduledFor,
    dialBefore,
    attempts: 0,
    fence: 0,
    dueStep: 'dial',
    dueAt: draft.scheduledFor === undefined ? now : startAt + (draft.dialAfterMs ?? 0),
    heldUntil: dialBefore + draft.holdMs,
    provider: undefined,
    providerRef: undefined,
    controlRef: undefined,
    placedAt: undefined,
    endedAt: undefined,
    unreadSince: undefined,
    talkedMs: undefined,
    charged: undefined,
    currency: undefined,
  };
}
