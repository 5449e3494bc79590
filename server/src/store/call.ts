/** A call as it is kept, where it may go from there, and what a change of it is. */
import type { CallStep } from '../contract/calls.ts';
import type { Teller } from './acceptance.ts';

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
  /** By what the provider is asked to break the call off, where that is another id. */
  readonly controlRef: string | undefined;
  readonly placedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Since when it should have an end, and the provider's records could not be looked at. */
  readonly unreadSince: number | undefined;
  /** Of the conversation, as the provider reported it. */
  readonly talkedMs: number | undefined;
  /** What the provider reported to have charged: in the smallest unit of `currency` (ISO 4217). Stays when the call is forgotten. */
  readonly charged: number | undefined;
  readonly currency: string | undefined;
}

/** The fault of a call whose row is not what was written. Nobody knows whether it has rung, so it stands as `uncertain`. */
export const ROW_DAMAGED = 'row_damaged';

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
    | 'controlRef'
    | 'placedAt'
    | 'endedAt'
    | 'unreadSince'
    | 'talkedMs'
    | 'charged'
    | 'currency'
  >
> & {
  /**
   * When a call that waits for its turn is looked at again, at most `TURN_WITHIN_MS` from now; it keeps its place among those of its site
   * by `dueAt`. Absent: when it is due.
   */
  lookAt?: number;
  /** What the call really cost, in place of what was reserved for it; 0 gives the reservation back. */
  cost?: number;
  /** What was charged on top of a cost that was settled before; nothing while the reservation still stands for the whole. */
  extraCost?: number;
  /** Who tells of a budget that the cost has used up; absent: nobody. */
  teller?: Teller | undefined;
  /**
   * Erases number, details, every key that could find them, and what is known of messages about the call; only ids, times, site and
   * end state stay. Leads that nobody has taken become `needless`. The idempotency key stays for as long as it lives: until then the
   * call's step is `forget` once more, and afterwards it has none.
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
