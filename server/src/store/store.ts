/**
 * The port behind which calls are kept. A store is dumb and atomic: what may happen to a call is decided by pure functions of
 * `calls/`, which a store runs inside its own transaction. What every store promises is `store.suite.ts`.
 */
import type { CallStep } from '../contract/calls.ts';

/** The life of a call (docs/flow.md). Moves go forward only, along `MOVES`. */
export const CALL_STATES = [
  'scheduled',
  'accepted',
  'dialing',
  'uncertain',
  'placed',
  'connected',
  'missed',
  'ended_unknown',
  'refused',
  'expired',
  'cancelled',
  'abandoned',
] as const;
export type CallState = (typeof CALL_STATES)[number];

/** Which state may follow which. `dialing → accepted` is for a dial that was proved not to have been sent. */
export const MOVES: Readonly<Record<CallState, readonly CallState[]>> = {
  scheduled: ['accepted', 'dialing', 'expired', 'cancelled'],
  accepted: ['dialing', 'expired', 'cancelled'],
  dialing: ['accepted', 'placed', 'refused', 'uncertain', 'expired'],
  uncertain: ['placed', 'connected', 'missed', 'ended_unknown', 'abandoned'],
  placed: ['connected', 'missed', 'ended_unknown'],
  connected: [],
  missed: [],
  ended_unknown: [],
  refused: [],
  expired: [],
  cancelled: [],
  abandoned: [],
};

export const isEndState = (state: CallState): boolean => MOVES[state].length === 0;

/** What is to be done next with a call; at most one step is due at a time. Telling the company is a `Message` of its own. */
export const DUE_STEPS = ['dial', 'reconcile', 'check', 'forget'] as const;
export type DueStep = (typeof DUE_STEPS)[number];

/** A call as it is kept. Times are epoch milliseconds by the store's clock. */
export interface Call {
  readonly id: string;
  readonly site: string;
  readonly state: CallState;
  /** Progress that the provider reported while `placed`. */
  readonly step: CallStep | undefined;
  /** Why the call stands where it stands: a fault code of the provider port, or the relay's own word. */
  readonly fault: string | undefined;
  /** The E.164 number, sealed by the vault with the call's id; only a dial opens it. */
  readonly sealedNumber: string;
  /** Name, page, consent and the like as sealed JSON; undefined where the visitor gave nothing. */
  readonly sealedDetails: string | undefined;
  /** ISO 3166-1 alpha-2 of the number, for logs. */
  readonly country: string;
  readonly locale: string | undefined;
  readonly department: string | undefined;
  readonly acceptedAt: number;
  /** The slot that the visitor took; undefined for a call as soon as possible. */
  readonly scheduledFor: number | undefined;
  /** Nothing is dialled from this moment on (I4). */
  readonly dialBefore: number;
  /** How many times a dial was claimed. */
  readonly attempts: number;
  /** Grows with every take; only the holder of the newest may settle. */
  readonly fence: number;
  readonly dueStep: DueStep | undefined;
  readonly dueAt: number | undefined;
  /** Until then no other call to this number is accepted (one active call per number, and the cooldown after it). */
  readonly heldUntil: number;
  /** Name of the provider account and its own id of the call, once known. */
  readonly provider: string | undefined;
  readonly providerRef: string | undefined;
  readonly placedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Of the conversation, as the provider reported it. */
  readonly talkedMs: number | undefined;
  /** What the provider reported to have charged: in the smallest unit of `currency` (ISO 4217). Stays when the call is forgotten. */
  readonly charged: number | undefined;
  readonly currency: string | undefined;
}

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
  readonly scope: 'number' | 'source' | 'source_numbers' | 'site' | 'deployment';
  readonly key: string;
  /** Under which the same thing was counted before the secret changed: looked at with `key`, never written to. */
  readonly alsoKeys?: readonly string[] | undefined;
  readonly windows: readonly Window[];
  /** Past one of these the call is still taken, but only with a proof of at least that level. */
  readonly soft?: readonly (Window & { readonly level: ProofLevel })[] | undefined;
  /** Count different members instead of calls: `source_numbers` counts numbers, so a repeated number costs nothing more. */
  readonly member?: string | undefined;
  /** Names that the same member had before the secret changed. While one of them still counts, it goes on under that. */
  readonly alsoMembers?: readonly string[] | undefined;
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
      /** Shares of a budget that this call was the first to reach. */
      alerts: readonly BudgetAlert[];
    }
  /** The same request came before; nothing was counted again. */
  | { kind: 'replayed'; call: Call }
  | { kind: 'key_reused' }
  /** The number asked not to be called. Nothing was written. */
  | { kind: 'opted_out' }
  /** Nothing was written or counted. `retryAt` is when this limit would let the call through. */
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

export interface BudgetAlert {
  readonly scope: Reservation['scope'];
  readonly key: string;
  readonly percent: 50 | 80 | 100;
}

export interface Credential {
  readonly sealed: string;
  /** Grows with every change, also over an erasure. */
  readonly version: number;
}

/** What is to change in a call. Keys that are absent stay as they are; `undefined` clears. */
export type Change = Partial<
  Pick<
    Call,
    | 'state'
    | 'step'
    | 'fault'
    | 'attempts'
    | 'dueStep'
    | 'dueAt'
    | 'heldUntil'
    | 'provider'
    | 'providerRef'
    | 'placedAt'
    | 'endedAt'
    | 'talkedMs'
    | 'charged'
    | 'currency'
  >
> & {
  /** What the call really cost, in place of what was reserved for it; 0 gives the reservation back. */
  cost?: number;
  /**
   * Erases number, details, every key that could find them, and what is known of messages about the call; only ids, times, site and
   * end state stay. Leads that nobody has taken become `needless`.
   */
  forget?: true;
  /** Channels by which the company is told of this call (I6): one message a channel, with this change or not at all, and only once. */
  leads?: readonly string[];
  /** Where this call is written down whatever becomes of it: one message each, like leads. */
  records?: readonly string[];
};

/** A pure decision about one call at the store's time; undefined leaves it untouched. */
export type Decide = (call: Call, now: number, site: SiteLoad) => Change | undefined;

/** How busy a call's site is, the call itself left out. */
export interface SiteLoad {
  /** Calls of the site that are `dialing`, or `placed` or `uncertain` with their number still held. */
  readonly busy: number;
}

/** A call that `takeDue` has taken: as it stood, and as it stands now. `taken.fence` is the token to settle with. */
export interface Taken {
  readonly before: Call;
  readonly taken: Call;
}

/**
 * Something that the company is told until a channel has taken it: at least once, so each carries an id that a receiver knows it by.
 * A lead is about one call, and is written from that call when it is sent, so that no message holds a number. So is a record, by which
 * a call is written down elsewhere, however it ends. A notice is about the relay itself.
 */
export interface Message {
  /** The same for every attempt; of a lead or a record derived from call and channel. */
  readonly id: string;
  readonly kind: 'lead' | 'record' | 'notice';
  /** Name of the channel in the configuration. */
  readonly channel: string;
  /** Undefined: about the whole deployment. */
  readonly site: string | undefined;
  /** Of a lead and of a record. */
  readonly callId: string | undefined;
  /** Of a notice: what it is about, and its words. No number and no secret stands in either. */
  readonly topic: string | undefined;
  readonly text: string | undefined;
  readonly state: MessageState;
  readonly createdAt: number;
  readonly dueAt: number | undefined;
  /** How many times it was taken. */
  readonly attempts: number;
  readonly fence: number;
  /** Why the last attempt failed: a code. */
  readonly fault: string | undefined;
  /** What the channel calls what it made of the message, such as a lead's id in the CRM. */
  readonly receipt: string | undefined;
}

/** `quarantined`: it kept failing and waits for the operator. `needless`: what it was to tell is not true any more. */
export type MessageState = 'waiting' | 'delivered' | 'needless' | 'quarantined';

export interface NoticeDraft {
  /** Names what has happened, such as `provider:main:access_denied`. */
  topic: string;
  channel: string;
  site?: string | undefined;
  text: string;
  /** Nothing is posted where the same topic was posted to the same channel within this time, 30 days at most. */
  quietMs: number;
}

/** What became of an attempt. */
export type MessageChange =
  | { state: 'delivered'; receipt?: string | undefined }
  | { state: 'needless' }
  | { state: 'waiting'; dueAt: number; fault: string; receipt?: string | undefined }
  | { state: 'quarantined'; fault: string };

/** An idempotency key is known for this long after acceptance; then the same key is a new one. */
export const KEY_LIFE_MS = 86_400_000;

/** How long a due call that nobody wanted to act on is left alone, unless it is changed before. */
export const SET_ASIDE_MS = 60_000;

/** The store could not do what was asked, and nothing was done: fail closed (503). */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  /** True: this store will never work again and the process has to be started anew. False: a later call may succeed. */
  readonly permanent: boolean;

  constructor(message: string, options: { permanent: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.permanent = options.permanent;
  }
}

/** Every call but `close` rejects with `StoreUnavailable` where the store itself is the trouble. */
export interface Store {
  /**
   * One transaction: idempotency key, opt-outs, the hold on the number, every window of every limit, the place in the slot, the
   * budgets, the proof's nonce, and the call itself. All or nothing. The stored call is the queue entry: `accepted`, step `dial`,
   * due at once (or `scheduled`, due some time into its slot).
   */
  accept(draft: CallDraft, guard: AcceptGuard): Promise<AcceptResult>;
  find(id: string): Promise<Call | undefined>;
  /** The call that came with this idempotency key in the last `KEY_LIFE_MS`, and its fingerprint. */
  findByKey(site: string, idempotencyKey: string): Promise<{ call: Call; fingerprint: string } | undefined>;
  /** The call that a provider account calls by this id. */
  findByRef(provider: string, providerRef: string): Promise<Call | undefined>;
  /** Calls to this number that were accepted since then and are not forgotten, newest first. `numberKeys`: under every secret. */
  findByNumber(numberKeys: readonly string[], since: number): Promise<Call[]>;
  /** How many calls stand in each slot of a site (and department), by the slot's time; slots without calls are left out. */
  countScheduled(site: string, department: string | undefined, from: number, until: number): Promise<ReadonlyMap<number, number>>;
  /**
   * Takes at most `limit` calls whose step is due, oldest first. For each, `decide` says what taking it means: a durable
   * claim with a lease (`dueAt` = end of the lease), or its end. The fence grows by one with each. Two takers never get one call.
   * A call that `decide` leaves untouched, or would move along no way of `MOVES`, stays as it is and is set aside for
   * `SET_ASIDE_MS`: it keeps neither the others waiting nor the drain spinning. So is one that `decide` would forget while a lead of
   * it waits; it is looked at again as soon as that lead is settled.
   */
  takeDue(limit: number, decide: Decide): Promise<Taken[]>;
  /** Applies `change` if `fence` is still the newest and the move is allowed; undefined if not. */
  settle(id: string, fence: number, change: Change): Promise<Call | undefined>;
  /** Lets `decide` change a call out of turn (a cancel, a provider's event); undefined if it does not exist, declines or the move is not allowed. */
  amend(id: string, decide: Decide): Promise<Call | undefined>;
  /**
   * The number asked not to be called: no call to it is accepted before `until`, and none that waits is dialled. `numberKeys`: its
   * hashes under every secret, newest first. It is kept under each, because a call stands under the one that it was accepted with.
   */
  optOut(numberKeys: readonly string[], until: number): Promise<void>;
  /**
   * Erases what is known of a number, in every call that has ended; open ones are forgotten when they end. No lead of either
   * is sent any more. Returns how many.
   */
  forgetNumber(numberKeys: readonly string[]): Promise<number>;
  /** Posts those notices whose topic has been quiet for long enough; returns how many. */
  postNotices(drafts: readonly NoticeDraft[]): Promise<number>;
  /** Takes due messages under a lease, oldest first: attempts and fence grow by one, `dueAt` is the end of the lease. */
  takeMessages(limit: number, leaseMs: number): Promise<Message[]>;
  /** Applies the change if `fence` is still the newest and the message still waits; false if not. */
  settleMessage(id: string, fence: number, change: MessageChange): Promise<boolean>;
  /** Newest first. */
  listMessages(filter: { state?: MessageState; callId?: string }, limit: number): Promise<Message[]>;
  /** Lets every quarantined message wait again, due at once, with no attempt counted; returns how many. */
  retryQuarantined(): Promise<number>;
  /** What is kept for an account of a provider, such as the tokens of an installation; sealed by whoever keeps it. */
  readCredential(key: string): Promise<Credential | undefined>;
  /**
   * Compare-and-swap, durable before it answers: puts `sealed` (undefined erases) where `version` is still what is kept (undefined:
   * nothing is). False, and nothing is changed, where somebody was faster.
   */
  swapCredential(key: string, version: number | undefined, sealed: string | undefined): Promise<boolean>;
  /** When `takeDue` or `takeMessages` will next find something; in the past if it would now, undefined when nothing is due at any time. */
  nextDueAt(): Promise<number | undefined>;
  /** Throws unless the store can be written to. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
