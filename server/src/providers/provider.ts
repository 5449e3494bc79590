/**
 * The port behind which somebody rings. No provider accepts an idempotency key, so an answer first of all says whether a
 * telephone may have rung: only `not_sent` may ever be tried again. What every provider promises is `provider.suite.ts`.
 */
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
  /** The provider took the order. Some give no id of their own. */
  | { kind: 'placed'; ref: string | undefined }
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
  news:
    | { kind: 'step'; step: CallStep }
    | { kind: 'end'; end: 'connected' | 'missed'; fault?: string | undefined; cost?: Cost | undefined };
}

/** What a call really cost, both legs together. */
export interface Cost {
  /** In the smallest unit of the currency. */
  amount: number;
  /** ISO 4217, upper case. */
  currency: string;
}

export interface Provider {
  /** Name of the account in the configuration. */
  readonly name: string;
  /** Whether it tells how a call goes on. Of one that does not, nobody will ever know when a call was over. */
  readonly reportsEvents: boolean;
  /** Sends at most one dial command. Never throws. */
  dial(order: DialOrder): Promise<Outcome>;
  /** Looks whether a dial from `line` could work. Never rings anyone. */
  verify(line: string): Promise<Finding[]>;
  /** What a visitor may be told about a fault code of this provider; undefined if it is none of its codes. */
  problemOf(fault: string): Fault['problem'] | undefined;
  lines(): Promise<Answer<Line[]>>;
  voices(): Promise<Answer<Voice[]>>;
  /**
   * Reads one delivery to `/events/{provider}/{secret}`, whose path secret has been checked already. `forged` where the sender
   * does not prove itself, `ignored` where it says nothing about a call.
   */
  readEvent(contentType: string, body: string): { kind: 'event'; event: ProviderEvent } | { kind: 'ignored' } | { kind: 'forged' };
}
