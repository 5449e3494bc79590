/** What the company is told, as it is kept until somebody has taken it. */

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
  /** How many times it was taken to be delivered. */
  readonly attempts: number;
  readonly fence: number;
  /** Why the last attempt failed: a code. */
  readonly fault: string | undefined;
  /** What the channel calls what it made of the message, such as a lead's id in the CRM. */
  readonly receipt: string | undefined;
}

/** `quarantined`: it kept failing and waits for the operator. `needless`: what it was to tell is not true any more. */
export type MessageState = 'waiting' | 'delivered' | 'needless' | 'quarantined';

export type NoticeDraft = NoticeWords & (Quiet | Gathered);

export interface NoticeWords {
  /** Names what has happened, such as `provider:main:access_denied`. */
  topic: string;
  /** The topic that takes this one back: since it was posted nothing is quiet, and what waits of it is withdrawn. */
  endedBy?: string | undefined;
  /** The topic that this one takes back: posted only where that was the last of the two, and what waits of it is withdrawn. */
  ends?: string | undefined;
  channel: string;
  site?: string | undefined;
  text: string;
}

export interface Quiet {
  /** Nothing is posted where the same topic was posted to the same channel within this time, 30 days at most. */
  quietMs: number;
}

export interface Gathered {
  /** Is added to a message of the same topic and channel that still waits for others; where there is none, one begins with `text`. */
  item: string;
  /** For so long a message that has begun waits for others. */
  gatherMs: number;
}

/** What became of an attempt. */
export type MessageChange =
  | { state: 'delivered'; receipt?: string | undefined }
  | { state: 'needless' }
  /** `isLook`: nothing was tried, so no attempt is counted. */
  | { state: 'waiting'; dueAt: number; fault: string; receipt?: string | undefined; isLook?: true }
  | { state: 'quarantined'; fault: string };
