/**
 * The port behind which calls are kept. A store is dumb and atomic: what may happen to a call is decided by pure functions of
 * `calls/`, which a store runs inside its own transaction. What every store promises is `store.suite.ts`.
 */
import type { AcceptGuard, AcceptResult, CallDraft, Reservation } from './acceptance.ts';
import type { Call, Change, Decide, Taken } from './call.ts';
import type { Message, MessageChange, MessageState, NoticeDraft } from './message.ts';

export interface Credential {
  readonly sealed: string;
  /** Grows with every change, also over an erasure. */
  readonly version: number;
}

/** An idempotency key is known for this long after acceptance; then the same key is a new one. */
export const KEY_LIFE_MS = 86_400_000;

/** How long a due call that nobody wanted to act on is left alone, unless it is changed before. */
export const SET_ASIDE_MS = 60_000;

/** A call that waits for its turn is looked at again within this time. Until then, others of its site find it in this part of the queue. */
export const TURN_WITHIN_MS = 5_000;

/**
 * Retention does not forget a call whose lead was given up before the lead is this old: the operator was told of it, and needs the time
 * to mend the channel.
 */
export const LEADS_KEPT_MS = 14 * 86_400_000;

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

/** How far a walk through the queue has come. */
export interface QueuePlace {
  readonly lookAt: number;
  readonly id: string;
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
  /** Whether the number asked not to be called, under any of its hashes. `accept` decides; this is for whoever answers before it. */
  isOptedOut(numberKeys: readonly string[]): Promise<boolean>;
  /** The call that a provider account calls by this id. */
  findByRef(provider: string, providerRef: string): Promise<Call | undefined>;
  /** Calls to this number that were accepted since then and are not forgotten, newest first. `numberKeys`: under every secret. */
  findByNumber(numberKeys: readonly string[], since: number): Promise<Call[]>;
  /** How many calls stand in each slot of a site (and department), by the slot's time; slots without calls are left out. */
  countScheduled(site: string, department: string | undefined, from: number, until: number): Promise<ReadonlyMap<number, number>>;
  /** Whether each of these would find room in all of its purses now. `accept` decides; this is for whoever offers beforehand. */
  haveRoom(each: readonly (readonly Reservation[])[]): Promise<readonly boolean[]>;
  /**
   * Takes at most `limit` calls whose step is due, oldest first. Before a dial is decided on, those of the same site are that wait for
   * their turn (`lookAt`) and were due before it: what they can do now is not left for whoever happens to be looked at first. For each, `decide` says what taking it means: a durable
   * claim with a lease (`dueAt` = end of the lease), or its end. The fence grows by one with each. Two takers never get one call.
   * A call that `decide` leaves untouched, or would move along no way of `MOVES`, stays as it is and is set aside for
   * `SET_ASIDE_MS`: it keeps neither the others waiting nor the drain spinning. So is one that `decide` would forget while a lead of
   * it waits, or was given up and is younger than `LEADS_KEPT_MS`; it is looked at again as soon as that lead is settled. One whose
   * change the store itself cannot carry out is given to `onStumble` in the place of `decide`, and set aside where that cannot be
   * carried out either; the others are taken.
   */
  takeDue(limit: number, decide: Decide, onStumble?: Decide): Promise<Taken[]>;
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
  /** Uses up what counts once until then, such as a request that was refused; false: somebody has before. Kept as spent proofs are. */
  useUp(key: string, until: number): Promise<boolean>;
  /** Whether one of these has been used up. */
  isUsedUp(keys: readonly string[]): Promise<boolean>;
  /**
   * Walks on through the queue from where the last walk ended (undefined: from its beginning), a batch at a time, and brings forward the
   * forgetting of every call that has ended longer ago than `retentionOf` its site allows, or will have by the time that it was set for.
   * Undefined there: the site is left as it is. Returns from where to walk on, undefined at the end.
   */
  hastenForgets(from: QueuePlace | undefined, retentionOf: (site: string) => number | undefined): Promise<QueuePlace | undefined>;
  /** Clears away a few of the counters, holds and messages that count no longer; the next sweep goes on behind them. */
  sweep(): Promise<void>;
  /** Posts those notices whose topic has been quiet for long enough, and gathers the others; returns how many messages began. */
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
