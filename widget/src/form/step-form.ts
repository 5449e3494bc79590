/** The state machine of the form: (state, message) → state and at most one thing to do. Pure; a message out of place changes nothing. */
import type { CallAccepted } from '../../../server/src/contract/calls.ts';
import type { ProblemCode } from '../../../server/src/contract/problems.ts';
import type { SiteView } from '../../../server/src/contract/site-view.ts';
import { callingCode, countryOfTyped } from '../phone/read-number.ts';
import type { Answer } from '../relay/relay-client.ts';
import type { TextKey } from '../text/en.ts';
import { composeAsk } from './compose-ask.ts';
import { beginCall, isFollowing, stepCall } from './follow-call.ts';
import type { Ask, Fault, Fields, FormState, Message, Step, Submit } from './form-state.ts';

export function stepForm(state: FormState, message: Message): Step {
  const { scene, call } = state;
  const isEditing = scene === 'editing';
  switch (message.kind) {
    case 'edit':
      return isEditing ? editFields(state, message.change) : [state];
    case 'submit':
      // Anything but an editable form has been submitted already: the second half of a double click.
      return isEditing ? submit(state, message) : [state];
    case 'site':
      return [takeView(state, message.view, message.country)];
    case 'posted':
      return scene === 'sending' && state.ask?.key === message.ask.key ? takePosted({ ...state, ask: message.ask }, message) : [state];
    case 'heard':
    case 'cancel_heard':
    case 'cancel':
      return call && isFollowing(scene) ? stepCall(state, call, message) : [state];
    case 'again':
      // Asked before the end, this would be a second call beside the first.
      if (isAsking(state) || (isFollowing(scene) && state.ask)) return [state];
      // For later there may be room; unchanged fields are the same request still.
      return state.ask && !(scene === 'unavailable' && state.view?.slots.length)
        ? send(state, state.ask)
        : [edit(state), { kind: 'load_site' }];
  }
}

/** Whether the fields are shown. */
export function isAsking({ scene }: FormState): boolean {
  return scene === 'editing' || scene === 'sending';
}

/** Where nothing is known of the country, since some must be shown. */
const NO_COUNTRY = 'US';

/** `country`: the page's wish; may be empty. */
export function emptyForm(country: string, department: string): FormState {
  return {
    scene: 'editing',
    fields: { typed: '', country: country || NO_COUNTRY, name: '', department, at: '', consentAt: '' },
    tries: 0,
    retryAfterMs: 0,
  };
}

function edit(state: FormState, fault?: Fault): FormState {
  return { ...state, scene: 'editing', fault };
}

function editFields(state: FormState, change: Partial<Fields>): Step {
  const fields = { ...state.fields, ...change };
  const meant = countryOfTyped(change.typed ?? '');
  // Of countries that share a code, the one that was chosen stays.
  const follows = meant && callingCode(meant) !== callingCode(fields.country) && isOffered(meant, state.view);
  const edited = edit({ ...state, fields: follows ? { ...fields, country: meant } : fields });
  // Each department has hours of its own.
  return [edited, change.department == null ? undefined : { kind: 'load_site' }];
}

function submit(state: FormState, message: Submit): Step {
  const ask = composeAsk(state, message);
  return 'field' in ask ? [edit(state, ask)] : send(state, ask);
}

function send(state: FormState, ask: Ask, tries = 1, afterMs = 0): Step {
  return [
    { ...state, ask, scene: 'sending', tries },
    { kind: 'post', ask, afterMs },
  ];
}

function takeView(state: FormState, view: SiteView, wished: string): FormState {
  const { fields, scene } = state;
  // Before the first view the country was nobody's choice, unless it is that of the number itself.
  const isChosen = fields.typed && (state.view || countryOfTyped(fields.typed) || fields.country !== (wished || NO_COUNTRY));
  const country = [isChosen ? fields.country : wished || view.country, view.country, ...view.countries].find((each) =>
    isOffered(each, view),
  );
  const { open, opensAt, slots } = view;
  // What was chosen may have been taken by somebody else meanwhile; once it is asked for, the relay decides that.
  const at = slots.includes(fields.at) || !(scene === 'editing' || scene === 'closed') ? fields.at : (!open && slots[0]) || '';
  const next = { ...state, view, opensAt, fields: { ...fields, country: country ?? fields.country, at } };
  if (scene === 'editing' && !open && !at) return { ...next, scene: 'closed' };
  return scene === 'closed' && (open || at) ? edit(next) : next;
}

/** Pauses before the same request goes out again by itself. */
const REPEAT_AFTER_MS = [700, 2500];

const FAULTS: ReadonlyMap<ProblemCode, Fault['field']> = new Map([
  ['number_invalid', 'phone'],
  ['number_mismatch', 'phone'],
  ['consent_required', 'consent'],
  ['slot_unavailable', 'at'],
]);

/** Every other problem is `unavailable`: it is never the visitor's doing, and no word about it would help them. */
const STOPS = ['number_refused', 'rate_limited', 'closed'] as const;

const FINAL: readonly ProblemCode[] = ['number_refused', 'closed', 'key_reused'];

function takePosted(state: FormState, { answer, isOnline, now }: { answer: Answer<CallAccepted>; isOnline: boolean; now: number }): Step {
  if (answer.kind === 'ok') return beginCall(state, answer.value, now);
  if (answer.kind === 'unreachable') {
    const pauseMs = REPEAT_AFTER_MS[state.tries - 1];
    const ask = { ...(state.ask as Ask), lost: true };
    return pauseMs ? send(state, ask, state.tries + 1, pauseMs) : [{ ...state, ask, scene: isOnline ? 'unreachable' : 'offline' }];
  }
  const { code, retryAfterMs, opensAt } = answer;
  const field = FAULTS.get(code);
  // What else the visitor is to look at there may be old, or not there yet.
  if (field) return [edit(state, { field, text: code as TextKey }), field === 'phone' ? undefined : { kind: 'load_site' }];
  const scene = STOPS.find((stop) => stop === code) ?? 'unavailable';
  // Where the answer is final, or the key has come with another body, the same request will never do.
  return [{ ...state, scene, retryAfterMs, opensAt, ask: FINAL.includes(code) ? undefined : state.ask }];
}

function isOffered(country: string, view: SiteView | undefined): boolean {
  return !view || view.countries.includes(country);
}
