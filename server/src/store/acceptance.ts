/** What turns a request into a call: what asks to be kept, what it is held to, and what came of it. */
import type { Call } from './call.ts';
import type { NoticeDraft } from './message.ts';

/** A call that asks to be kept. */
export interface CallDraft {
  id: string;
  site: string;
  idempotencyKey: string;
  /** Keyed hash of the request: the same key with another fingerprint is a conflict. */
  fingerprint: string;
  /** The same hash under secrets that were in use before: a call that was kept under one of them is the same request too. */
  formerFingerprints?: readonly string[] | undefined;
  /** Keyed hash of the E.164 number. */
  numberKey: string;
  /** The number's hashes under secrets that were in use before: opt-outs and holds are looked for under all, kept under the newest. */
  formerNumberKeys?: readonly string[] | undefined;
  sealedNumber: string;
  sealedDetails?: string | undefined;
  country: string;
  locale?: string | undefined;
  department?: string | undefined;
  scheduledFor?: number | undefined;
  /** Counted from acceptance, or from the slot. */
  dialWithinMs: number;
  /** Epoch ms, where that comes before. */
  dialBefore?: number | undefined;
  /** A scheduled call is dialled this long after its slot begins, so that a full slot does not burst. */
  dialAfterMs?: number | undefined;
  /** The number is held for this long after `dialBefore` unless the life of the call says otherwise. */
  holdMs: number;
}

/** At most `max` accepted calls per `perMs`, exactly: every acceptance is remembered, not averaged. */
export interface Window {
  readonly max: number;
  readonly perMs: number;
}

/** How hard a proof was, or has to be: 0 none, then base, four times, sixteen times the work. */
export type ProofLevel = 0 | 1 | 2 | 3;

/** One thing that acceptances are counted by. `key` is a keyed hash, never the thing itself. */
export interface Limit {
  readonly scope: 'number' | 'source' | 'source_numbers' | 'site' | 'deployment' | 'destination';
  readonly key: string;
  /** Under which the same thing was counted before the secret changed: looked at with `key`, never written to. */
  readonly alsoKeys?: readonly string[] | undefined;
  readonly windows: readonly Window[];
  /** Past one of these the call is still taken, but only with a proof of at least that level. */
  readonly soft?: readonly (Window & { readonly level: ProofLevel })[] | undefined;
  /** With `destination`: how large a part of the calls under this key may be this member's. */
  readonly share?: Share | undefined;
  /** What `source_numbers` counts different ones of, so that a repeated number costs nothing more, and `destination` the share of. */
  readonly member?: string | undefined;
  /** Names that the same member had before the secret changed. While one of them still counts, it goes on under that. */
  readonly alsoMembers?: readonly string[] | undefined;
}

/** More than `calls` and more than `percent` of the `last` calls, none of them older than `perMs`, is past it. */
export interface Share {
  readonly last: number;
  readonly perMs: number;
  readonly calls: number;
  readonly percent: number;
  /** Past it the next call of the same member is only taken with such a proof; the operator is told in any case. */
  readonly level: ProofLevel;
}

/** Money that this call may cost at most, in the smallest unit of the currency. Sums never pass the ceiling (I7). */
export interface Reservation {
  readonly scope: 'site_budget' | 'deployment_budget';
  /** Names the purse and its day, such as `site:default:2026-11-20`. */
  readonly key: string;
  readonly amount: number;
  readonly ceiling: number;
  /** When the next day's purse opens. */
  readonly resetsAt: number;
}

/** Everything that one acceptance is held to, besides its idempotency key and the hold on its number. */
export interface AcceptGuard {
  readonly limits: readonly Limit[];
  readonly reservations?: readonly Reservation[] | undefined;
  /** A solved proof, verified already: its nonce is consumed with the acceptance, and only then. */
  readonly proof?: SpentProof | undefined;
  /** The slot that the call takes (`CallDraft.scheduledFor`): at most `capacity` calls of its site and department, cancelled ones left out. */
  readonly slot?: { readonly capacity: number } | undefined;
  /** The least level of proof whatever the counts say. */
  readonly proofFloor?: ProofLevel | undefined;
  /** Absent: nobody is told. */
  readonly teller?: Teller | undefined;
}

/** Who tells the operator of what has come about. */
export interface Teller {
  /** Pure, as it runs inside the transaction: what it gives is kept with what has come about, or neither is. */
  draft(alert: Alert): readonly NoticeDraft[];
  /** Called once for each, when it stands. */
  told(alert: Alert): void;
}

export interface SpentProof {
  readonly nonceKey: string;
  /** Under which it would have been spent before the secret changed. */
  readonly alsoNonceKeys?: readonly string[] | undefined;
  readonly expiresAt: number;
  readonly level: ProofLevel;
}

export type AcceptResult =
  | {
      kind: 'accepted';
      call: Call;
      /** What is left of the caller's own limits after this call: the window with the least left, of `number` and of `source`. */
      room: readonly Room[];
    }
  /** The same request came before; nothing was counted again. */
  | { kind: 'replayed'; call: Call }
  | { kind: 'key_reused' }
  /** The number asked not to be called. Nothing was written. */
  | { kind: 'opted_out' }
  /** Nothing was written or counted. `retryAt` is when this limit would let the call through; a call at a slot that holds the number does not show when it is. */
  | { kind: 'limited'; scope: 'number_active' | Limit['scope']; retryAt: number }
  /** Nothing was written or counted: come again with a proof of this level. */
  | { kind: 'proof_wanted'; level: ProofLevel }
  /** The proof has been spent on another call. */
  | { kind: 'proof_used' }
  | { kind: 'over_budget'; scope: Reservation['scope']; retryAt: number }
  /** The slot is full. Nothing was written or counted. */
  | { kind: 'slot_taken' };

export interface Room {
  readonly scope: 'number' | 'source';
  readonly window: Window;
  readonly remaining: number;
  /** When the oldest counted acceptance leaves the window. */
  readonly resetAt: number;
}

export type Alert = BudgetAlert | DestinationAlert;

/** The numbers of the latest calls began alike more often than they may: `calls` of so many. */
export interface DestinationAlert {
  readonly kind: 'destination';
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly calls: number;
  readonly of: number;
}

/** A share of a budget was reached for the first time; at 100 there is no room for one more such call. */
export interface BudgetAlert {
  readonly kind: 'budget';
  readonly scope: Reservation['scope'];
  readonly key: string;
  readonly percent: 50 | 80 | 100;
}
