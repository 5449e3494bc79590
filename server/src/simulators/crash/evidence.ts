/** What a run leaves behind for the checker: plain data, from the side that the relay cannot see. Times are epoch ms. */
import type { PublicState } from '../../contract/calls.ts';
import type { Window } from '../../store/acceptance.ts';
import type { CallState } from '../../store/call.ts';

export interface Evidence {
  readonly rules: Rules;
  readonly asks: readonly Ask[];
  readonly commands: readonly DialCommand[];
  readonly rings: readonly Ring[];
  /** What stood in the store after each death, and at the end; oldest first. */
  readonly looks: readonly StoreLook[];
  readonly leads: readonly Lead[];
  /** Calls that were written down in the other portal. */
  readonly cards: readonly Card[];
}

export interface Card {
  readonly callId: string;
  readonly registeredAt: number;
  /** How often somebody said how it had ended. */
  readonly endings: number;
}

export interface Rules {
  /** Of calls to one number. */
  readonly number: readonly Window[];
  /** After the end of a call that may have rung, the next one to the number is not accepted before this has passed. */
  readonly cooldownMs: number;
  /** For so long a number is held at the least, unless its call ends before. */
  readonly heldMs: number;
  /** The company is told of a call that has been unclear for this long, by a relay that runs. */
  readonly toldWithinMs: number;
  /** What all calls of one site may cost in a day, and what one costs. The zone is so far ahead of UTC. */
  readonly budget: { readonly perCall: number; readonly perDay: number; readonly zoneOffsetMs: number };
  /** Calls of one site in one slot. */
  readonly slotCapacity: number;
  /** Whose calls are written down in the other portal. */
  readonly bridgedSite: string;
  /** The account of that portal, which writes its own calls down by itself. */
  readonly cardAccount: string;
  /** For so long that portal knows a card again that is registered twice; nothing better can be asked of it. */
  readonly cardKnownForMs: number;
  /** Channels that are told of a call which did not connect. */
  readonly channels: number;
}

/** One filled-in form, however often it was sent. */
export interface Ask {
  /** The name in it, which no other form has: by it dials and calls are recognised. */
  readonly mark: string;
  readonly key: string;
  readonly site: string;
  /** E.164. */
  readonly number: string;
  /** How often it was sent; a relay that died gave no answer. */
  readonly sends: number;
  readonly answers: readonly AskAnswer[];
  /** What the visitor was shown when he looked, in order. */
  readonly shown: readonly PublicState[];
  /** Whether the relay said that it took the call back. */
  readonly cancelled: boolean;
}

export type AskAnswer =
  | { readonly kind: 'accepted'; readonly at: number; readonly id: string; readonly dialBefore: number }
  | { readonly kind: 'refused'; readonly at: number; readonly code: string };

/** A dial command as it reached the portal, carried out or not. */
export interface DialCommand {
  readonly mark: string;
  readonly number: string;
  readonly at: number;
  /** `not_sent`: turned away in a way that proves that nobody is rung. `unclear`: the relay cannot know. */
  readonly answer: 'placed' | 'refused' | 'not_sent' | 'unclear';
}

/** A telephone that really rang. */
export interface Ring {
  readonly mark: string;
  readonly number: string;
  readonly at: number;
  /** Both ends talked with each other. */
  readonly connected: boolean;
}

export interface StoreLook {
  readonly at: number;
  /** When the relay that left it behind was started. */
  readonly since: number;
  /** By mark. */
  readonly calls: ReadonlyMap<string, KeptCall>;
}

export interface KeptCall {
  readonly id: string;
  readonly site: string;
  readonly state: CallState;
  readonly attempts: number;
  /** The account that was asked last. */
  readonly provider: string | undefined;
  readonly fence: number;
  readonly acceptedAt: number;
  readonly scheduledFor: number | undefined;
  readonly dialBefore: number;
  /** Since when it is unclear, or was placed. */
  readonly placedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Of what was forgotten nobody is told any more. */
  readonly isForgotten: boolean;
  /** Noted with the end: the provider was seen to call the number again, and people talked. */
  readonly talkedLater: boolean;
  /** When the lead of it was written down; undefined: there is none. */
  readonly leadAt: number | undefined;
}

/** A lead that reached the company. */
export interface Lead {
  readonly at: number;
  readonly messageId: string;
  readonly callId: string;
}
