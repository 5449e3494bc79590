/**
 * The port behind which the company is told. A channel is told the same thing at least once, perhaps twice: every letter carries
 * an id that is the same at each attempt. What every channel promises is `channel.suite.ts`.
 */
import type { CallDetails } from '../calls/accept-call.ts';
import type { Finding } from '../providers/provider.ts';
import type { CallState } from '../store/call.ts';

export type Letter = Lead | RelayNotice;

interface Envelope {
  /** The same at each attempt; a receiver knows a repeat by it. */
  id: string;
  /** Epoch ms. */
  createdAt: number;
  /** What this channel made of an earlier attempt that did not get to its end. */
  receipt: string | undefined;
}

/** A call that did not verifiably connect: what a person needs to call back, as far as it is known. */
export interface Lead extends Envelope {
  kind: 'lead';
  callId: string;
  site: NamedSite;
  state: CallState;
  /** Why, as a code: the provider's or the relay's own. */
  reason: string | undefined;
  /** Who did not answer; undefined where nobody said. */
  missedBy: 'agent' | 'visitor' | undefined;
  /** E.164; undefined where it was sealed with a secret that this relay does not have. */
  number: string | undefined;
  /** ISO 3166-1 alpha-2 of the number. */
  country: string;
  name: string | undefined;
  department: string | undefined;
  page: CallDetails['page'];
  /** BCP 47 tag of the form that the visitor used. */
  locale: string | undefined;
  /** Epoch ms, like the two below. */
  requestedAt: number;
  scheduledFor: number | undefined;
  endedAt: number | undefined;
}

/** Something about the relay itself. Neither a number nor a secret stands in it. */
export interface RelayNotice extends Envelope {
  kind: 'notice';
  topic: string;
  site: NamedSite | undefined;
  text: string;
}

export interface NamedSite {
  key: string;
  /** What the company calls itself; the key where it has no name. */
  name: string;
  /** IANA zone in which times are told to people. */
  timeZone: string;
}

export interface ChannelFault {
  /** Stable, lower-case; stands in the stored message and in logs. */
  code: string;
  /** For the operator: what is wrong and what to do. Holds no secret and no number. */
  message: string;
  /** Every further letter meets it too until the operator acts. */
  configuration: boolean;
}

export type Delivery =
  /** `receipt`: what the receiver calls what it made of the letter. */
  | { kind: 'delivered'; receipt?: string | undefined }
  /**
   * `retryAt` (epoch ms) where the receiver said when to come back. `receipt`: how far it got, for the next attempt. `isPartial`: somebody
   * has it, and can be told by this channel who has not.
   */
  | { kind: 'again'; fault: ChannelFault; retryAt?: number | undefined; receipt?: string | undefined; isPartial?: boolean | undefined }
  /** This letter will never be taken. */
  | { kind: 'hopeless'; fault: ChannelFault };

export interface Channel {
  /** Its name in the configuration. */
  readonly name: string;
  /** Never throws, and ends within `LONGEST_DELIVERY_MS`. */
  deliver(letter: Letter): Promise<Delivery>;
  /** Looks whether a letter could be delivered, as far as that can be seen without sending one. */
  verify(): Promise<Finding[]>;
}

/** A delivery that has not ended by then is taken to be lost, and the letter is delivered anew. */
export const LONGEST_DELIVERY_MS = 180_000;

/** From the first byte sent to the last one read, of one request to a receiver. */
export const ANSWER_WITHIN_MS = 15_000;
