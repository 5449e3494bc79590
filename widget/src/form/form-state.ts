/** What the form knows at one moment, and what can happen to it. No Preact, no browser. */
import type { CallAccepted, CallRequest, CallStep, CallView, PublicState } from '../../../server/src/contract/calls.ts';
import type { ProblemCode } from '../../../server/src/contract/problems.ts';
import type { SiteView } from '../../../server/src/contract/site-view.ts';
import type { Answer } from '../relay/relay-client.ts';
import type { TextKey } from '../text/en.ts';

/** Which of the form's pictures is shown; each is also the key of its title. */
export type Scene = 'editing' | 'sending' | PublicState | 'doubtful' | 'unconfirmed' | Stop;

/** No call was accepted, as far as the page knows. */
export type Stop = Extract<ProblemCode, 'number_refused' | 'rate_limited' | 'closed' | 'unavailable'> | 'offline' | 'unreachable';

export interface FormState {
  readonly scene: Scene;
  readonly fields: Fields;
  /** While editing: what is wrong with a field. */
  readonly fault?: Fault | undefined;
  /** Absent until the relay has told it. */
  readonly view?: SiteView | undefined;
  /** The request as it was first sent; kept until the visitor asks for something else or nothing more is to be expected of it. */
  readonly ask?: Ask | undefined;
  /** While sending: how often it was sent. */
  readonly tries: number;
  /** With a stop; 0: nobody knows. */
  readonly retryAfterMs: number;
  /** With `closed`, RFC 3339: from when on a call may be asked for, where the relay knows. */
  readonly opensAt?: string | undefined;
  /** From acceptance on, and until a new one. */
  readonly call?: FollowedCall | undefined;
}

/** What the visitor typed and chose. Nothing but the visitor ever empties them. */
export interface Fields {
  readonly typed: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly name: string;
  /** Key; empty while none is chosen. */
  readonly department: string;
  /** A slot of the site view; empty: as soon as possible. */
  readonly at: string;
  /** When the visitor ticked the box, RFC 3339; empty while it is not ticked. */
  readonly consentAt: string;
}

export interface Fault {
  readonly field: 'phone' | 'consent' | 'at';
  readonly text: TextKey;
}

export interface Ask {
  readonly key: string;
  /** Frozen: a repeat sends these very bytes. Only a proof is ever put in. */
  readonly body: string;
  /** What was asked for, to see whether it has changed since. */
  readonly fields: Fields;
  /** It went out before and nothing came back: what the relay says later is no word on that. */
  readonly lost?: boolean;
}

export interface FollowedCall {
  readonly id: string;
  readonly token: string;
  /** The relay's reading, formatted for display. */
  readonly number: string;
  /** Every step that was really reported, in the order the page heard of them. */
  readonly seen: readonly CallStep[];
  /** From this moment (epoch ms) silence is said to be silence. */
  readonly lateAt: number;
  /** Questions in a row that got no answer. */
  readonly unheard: number;
  readonly cancelling: 'no' | 'asked' | 'too_late' | 'not_cancelled';
  /** Of a failed call, as far as a visitor may know. */
  readonly problem?: CallView['problem'] | undefined;
}

export type Message =
  | { readonly kind: 'edit'; readonly change: Partial<Fields> }
  | Submit
  | { readonly kind: 'site'; readonly view: SiteView /** From the tag; may be empty. */; readonly country: string }
  | {
      readonly kind: 'posted';
      /** As it was sent at last: under the same key, but perhaps with a proof. */
      readonly ask: Ask;
      readonly answer: Answer<CallAccepted>;
      readonly isOnline: boolean;
      readonly now: number;
    }
  | Heard
  | { readonly kind: 'cancel' }
  /** The same request once more, or after its end back to the fields. */
  | { readonly kind: 'again' };

export interface Submit {
  readonly kind: 'submit';
  /** Taken for a new intent only. */
  readonly key: string;
  /** What the page adds to the fields. */
  readonly rest: Pick<CallRequest, 'site' | 'locale' | 'page'>;
}

export interface Heard {
  readonly kind: 'heard' | 'cancel_heard';
  readonly id: string;
  readonly answer: Answer<CallView>;
  readonly now: number;
}

/** What the world outside is asked to do after a step. */
export type Effect =
  | { readonly kind: 'load_site' }
  | { readonly kind: 'post'; readonly ask: Ask; readonly afterMs: number }
  | { readonly kind: 'ask' | 'cancel'; readonly call: FollowedCall; readonly afterMs: number };

export type Step = readonly [state: FormState, effect?: Effect | undefined];
