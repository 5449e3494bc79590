/**
 * The port behind which somebody rings. No provider accepts an idempotency key, so an answer first of all says whether a
 * telephone may have rung: only `not_sent` may ever be tried again. What every provider promises is `provider.suite.ts`.
 */

import type { TelphinOptions } from '../config/config.ts';
import type { CallStep } from '../contract/calls.ts';
import type { ProblemCode } from '../contract/problems.ts';

/** One dial command: the agent's line rings first, the agent hears the announcement, then the visitor's phone rings. */
export interface DialOrder {
  line: string;
  /** E.164. */
  number: string;
  /** Spoken to the agent only. */
  announcement: string;
  voice?: string | undefined;
  /** Nothing is sent from then on, epoch ms: for a provider that may have to ask for something else before it dials. */
  sendBefore?: number | undefined;
  /** What the operator has set for this kind of provider alone. */
  telphin?: TelphinOptions | undefined;
}

/** Why a dial did not plainly succeed. */
export interface Fault {
  /** Stable, lower-case; stands in the stored call and in logs. */
  code: string;
  /** For the operator: what is wrong and what to do. Holds no secret and no number. */
  message: string;
  /** What the visitor may be told. */
  problem: Extract<ProblemCode, 'number_invalid' | 'number_refused' | 'unavailable'>;
  /** A fault in the set-up: every further call meets it too until the operator acts. */
  configuration: boolean;
}

export type Outcome =
  /** The provider took the order. Some give no id of their own. `controlRef`: by what it is asked to break the call off, where that is another. */
  | { kind: 'placed'; ref: string | undefined; controlRef?: string | undefined }
  /** The provider said no; nobody was rung. */
  | { kind: 'refused'; fault: Fault }
  /** Proved that the order was not carried out. `retryAt` (epoch ms) where the provider said when to come back. */
  | { kind: 'not_sent'; fault: Fault; retryAt?: number | undefined }
  /** A telephone may have rung. Never dialled again. */
  | { kind: 'uncertain'; fault: Fault };

/** What `verify` found: one sentence an item, each saying what to do where something is missing. */
export interface Finding {
  ok: boolean;
  code: string;
  message: string;
}

export interface Line {
  id: string;
  name: string;
}

export interface Voice {
  id: string;
  name: string;
}

/** A provider's question answered, or the fault that stood in the way. */
export type Answer<T> = { ok: true; value: T } | { ok: false; fault: Fault };

/** What a provider's event says about one call, after its origin has been verified. */
export interface ProviderEvent {
  ref: string;
  /** E.164 of the visitor, where the event names it: a call that the provider repeats by itself comes under an id that nobody knows. */
  number?: string | undefined;
  /** When the call began by the provider's clock, epoch ms, where the event says it. */
  beganAt?: number | undefined;
  news: News;
}

export type News = { kind: 'step'; step: CallStep } | EndNews;

export interface EndNews {
  kind: 'end';
  end: 'connected' | 'missed';
  fault?: string | undefined;
  cost?: Cost | undefined;
  talkedMs?: number | undefined;
  /** For the operator, where the end shows a fault in the set-up: what to put right. Holds no secret and no number. */
  advice?: string | undefined;
}

/** What one delivery says. */
export type EventReading =
  | { kind: 'event'; event: ProviderEvent }
  /** Somebody asked for a call in a form of the provider's own. */
  | { kind: 'request'; request: CallbackRequest }
  /** Says nothing about a call, or has been dealt with by the provider itself (installed, updated). */
  | { kind: 'ignored' }
  | { kind: 'forged' };

export interface CallbackRequest {
  /** The same for every delivery of the same request, and for no other. */
  key: string;
  /** When it was asked, by the provider's clock, epoch ms; undefined: it does not say. */
  askedAt: number | undefined;
  /** As the provider's form took it. */
  phone: string;
  /** The provider's line that was asked; undefined where it names none. */
  line: string | undefined;
  /** What it is tied to in the provider's CRM. */
  crm: { type: string; id: string } | undefined;
}

/** Which call is looked for: by the provider's id, else by number and time. */
export interface FindQuery {
  ref: string | undefined;
  /** E.164. */
  number: string;
  line: string;
  /** Epoch ms between which the provider began the call, its clock's error included. */
  from: number;
  until: number;
  /** Ids of other calls, which are not looked for by number and time. */
  except?: readonly string[] | undefined;
}

/** What reading found. `nothing` is no proof that nothing rings: some providers list only calls that are over. */
export type Found =
  | { kind: 'nothing' }
  | { kind: 'running'; ref: string | undefined }
  | { kind: 'ended'; ref: string | undefined; news: EndNews };

/** What a call really cost, both legs together. */
export interface Cost {
  /** In the smallest unit of the currency. */
  amount: number;
  /** ISO 4217, upper case. */
  currency: string;
}

/** Requests that a provider takes: steadily so many a second, and once so many that were not used before. */
export interface Pace {
  /**
   * Host, and port where it is not the usual one, that the requests go to: whoever asks there shares the pace. Read anew at every use,
   * because some accounts learn it only as they go.
   */
  readonly host: string;
  perSecond: number;
  burst: number;
}

/** The call that is to be broken off, as far as it is known. */
export type Wanted = Pick<FindQuery, 'ref' | 'number' | 'line'> & { controlRef: string | undefined };

/** What became of asking for a call to be broken off. `not_running`: it is not among the calls that go on. */
export type HangUp = { kind: 'asked' } | { kind: 'not_running' } | { kind: 'failed'; fault: Fault };

export interface Provider {
  /** Name of the account in the configuration. */
  readonly name: string;
  /** Whether it tells how a call goes on. Of one that does not, nobody will ever know when a call was over. */
  readonly reportsEvents: boolean;
  /** For this long after nobody answered it may call again by itself, under an id of its own making; undefined where it never does. */
  readonly redialsForMs?: number | undefined;
  /** How fast it may be asked, by dials and questions together; undefined where it sets no pace. */
  readonly pace?: Pace | undefined;
  /** Sends at most one dial command. Never throws. */
  dial(order: DialOrder): Promise<Outcome>;
  /** Why calls cannot be looked up afterwards; undefined where they can. */
  readonly cannotFind?: string | undefined;
  /** Reads what became of a call. Never rings anyone. */
  find(query: FindQuery): Promise<Answer<Found>>;
  /** Asks for a call that goes on to be broken off. Never rings anyone. Undefined: it cannot be asked. */
  readonly hangUp?: ((call: Wanted) => Promise<HangUp>) | undefined;
  /** Looks whether a dial from `line` could work, with what the operator has set for Telphin. Never rings anyone. */
  verify(line: string, telphin?: TelphinOptions): Promise<Finding[]>;
  /** What a visitor may be told about a fault code of this provider; undefined if it is none of its codes. */
  problemOf(fault: string): Fault['problem'] | undefined;
  /**
   * Does what the account has to do by itself, asked whenever the relay looks for work; undefined: there is nothing at the moment. A
   * fault is told to the operator. Never rings anyone, and never throws.
   */
  keepUp?(): Promise<Fault | undefined> | undefined;
  lines(): Promise<Answer<Line[]>>;
  voices(): Promise<Answer<Voice[]>>;
  /**
   * Reads one delivery to `/events/{provider}/{secret}`, whose path secret has been checked already. `forged` where the sender
   * does not prove itself, `ignored` where it says nothing about a call.
   */
  readEvent(contentType: string, body: string): EventReading | Promise<EventReading>;
}

/** Of an account that is installed by the provider's customers: what it may do is handed over at run time, not configured. */
export interface Installer {
  /** Reads one delivery to `/install/{provider}/{secret}`, whose path secret has been checked already. Never throws. */
  receive(delivery: InstallDelivery): Promise<InstallAnswer>;
}

export interface InstallDelivery {
  contentType: string;
  body: string;
  /** Where the relay, at the address by which it was reached, takes the account's events. */
  eventAddress: string;
}

/** `shown`: a person looks at the answer, in a frame of `frame` (an origin) where that is known. `message`: for the operator. */
export type InstallAnswer =
  | { kind: 'installed'; shown: boolean; frame: string; message: string | undefined }
  | { kind: 'refused'; shown: boolean; code: string; message: string; mayRepeat: boolean }
  /** Dealt with, or nothing to deal with. */
  | { kind: 'heeded' };
