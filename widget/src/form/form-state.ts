/** What the form knows at one moment, and what can happen to it. No Preact, no browser. */
import type { CallAccepted, CallRequest, CallStep, CallView, PublicState } from '../../../server/src/contract/calls.ts';
import type { SiteView } from '../../../server/src/contract/site-view.ts';
import type { Answer } from '../relay/relay-client.ts';
import type { TextKey } from '../text/en.ts';

export interface FormState {
  readonly fields: Fields;
  /** Absent until the relay has told it. */
  readonly view: SiteView | undefined;
  /** The request as it was first sent; kept until the visitor asks for something else or the call has ended. */
  readonly ask: Ask | undefined;
  readonly phase: Phase;
}

/** What the visitor typed and chose. Nothing but the visitor ever empties them. */
export interface Fields {
  readonly typed: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly name: string;
  readonly department: string;
  /** When the visitor ticked the box, RFC 3339; empty while it is not ticked. */
  readonly consentAt: string;
}

export interface Ask {
  readonly key: string;
  /** The body's bytes, frozen: a repeat sends these and no others. */
  readonly body: string;
  /** What was asked for, to see whether it has changed since. */
  readonly fields: Fields;
}

export type Phase =
  | { readonly kind: 'editing'; readonly fault?: Fault }
  /** Sent before the site view was there; goes on when it comes. */
  | { readonly kind: 'preparing'; readonly submit: Submit }
  | { readonly kind: 'sending'; readonly ask: Ask; readonly tries: number }
  | { readonly kind: 'following'; readonly call: FollowedCall }
  | { readonly kind: 'ended'; readonly end: End; readonly number: string; readonly badNumber: boolean }
  /** No call was accepted, as far as the page knows. */
  | { readonly kind: 'stopped'; readonly cause: StopCause; readonly retryAfterMs?: number | undefined };

export interface Fault {
  readonly field: 'phone' | 'consent';
  readonly text: TextKey;
}

export type End = Extract<PublicState, 'done' | 'missed' | 'failed' | 'cancelled'>;

export type StopCause = 'refused' | 'limited' | 'offline' | 'unreachable' | 'unavailable' | 'closed' | 'misplaced';

export interface FollowedCall {
  readonly id: string;
  readonly token: string;
  /** The relay's reading, formatted for display. */
  readonly number: string;
  readonly state: PublicState;
  /** Every step that was really reported, with the moment (epoch ms) the page heard of it. */
  readonly seen: readonly { readonly step: CallStep; readonly at: number }[];
  readonly receivedAt: number;
  /** From this moment silence is said to be silence. */
  readonly lateAt: number;
  readonly isLate: boolean;
  /** Questions in a row that got no answer. */
  readonly unheard: number;
  readonly cancelling: 'no' | 'asked' | 'too_late' | 'unheard';
}

export interface Submit {
  readonly kind: 'submit';
  /** Taken for a new intent only. */
  readonly key: string;
  readonly site: string;
  readonly locale: string;
  /** Within the contract's limits. */
  readonly page: CallRequest['page'];
}

export type Message =
  | { readonly kind: 'edit'; readonly change: Partial<Fields> }
  | Submit
  | { readonly kind: 'site'; readonly answer: Answer<SiteView>; readonly country: string | undefined }
  | { readonly kind: 'posted'; readonly key: string; readonly answer: Answer<CallAccepted>; readonly isOnline: boolean; readonly now: number }
  | { readonly kind: 'heard'; readonly id: string; readonly answer: Answer<CallView>; readonly now: number }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'cancel_heard'; readonly id: string; readonly answer: Answer<CallView>; readonly now: number }
  /** The one button of an ended or stopped form: back to the fields, or the same request once more. */
  | { readonly kind: 'again' }
  | { readonly kind: 'change' };

/** What the world outside is asked to do after a step. */
export type Effect =
  | { readonly kind: 'load_site' }
  | { readonly kind: 'post'; readonly ask: Ask; readonly afterMs: number }
  | { readonly kind: 'ask'; readonly call: FollowedCall; readonly afterMs: number }
  | { readonly kind: 'cancel'; readonly call: FollowedCall };

export type Step = readonly [state: FormState, effect?: Effect];

export function emptyForm(country: string, department: string): FormState {
  return {
    fields: { typed: '', country, name: '', department, consentAt: '' },
    view: undefined,
    ask: undefined,
    phase: { kind: 'editing' },
  };
}
