/**
 * The port behind which a call is written down elsewhere, such as in a CRM that another provider's calls do not reach by themselves.
 * Written at least once, and never twice: every record carries the call's id, and the receiver's own id of what it made of it.
 */
import type { Call } from '../store/call.ts';
import type { Delivery } from './channel.ts';

/** One call, as it stands. */
export interface CallRecord {
  callId: string;
  /** What the receiver made of an earlier attempt; undefined: it is not known to have made anything. */
  receipt: string | undefined;
  /** E.164 of the visitor. */
  number: string;
  /** User of the portal to whom it is shown and written down. */
  userId: number;
  /** The portal's line that the site stands for. */
  line: string | undefined;
  /** What the visitor's request stands as in the CRM; undefined: to be found by the number. */
  crm: { type: string; id: string } | undefined;
  /** Epoch ms. */
  startedAt: number;
  /** Undefined while it goes on. */
  end: CallEnd | undefined;
}

export interface CallEnd {
  state: Call['state'];
  /** Why, as a code: the provider's or the relay's own. */
  reason: string | undefined;
  talkedMs: number;
  /** In the smallest unit of the currency; undefined where the provider named no price. */
  cost: { amount: number; currency: string } | undefined;
}

export interface CallCards {
  /** `delivered` with a receipt: it stands there as far as it goes. Never throws, and ends within `LONGEST_DELIVERY_MS`. */
  write(record: CallRecord): Promise<Delivery>;
}
