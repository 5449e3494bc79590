/** The state machine of the form: (state, message) → state and at most one thing to do. Pure; a message out of place changes nothing. */
import type { CallAccepted } from '../../../server/src/contract/calls.ts';
import type { SiteView } from '../../../server/src/contract/site-view.ts';
import { callingCode, countryOfTyped } from '../phone/read-number.ts';
import type { Answer } from '../relay/relay-client.ts';
import { composeAsk, findFault } from './compose-ask.ts';
import { beginCall, stepCall } from './follow-call.ts';
import type { Fields, FormState, Message, Phase, Step, Submit } from './form-state.ts';
import { judgeProblem } from './judge-problem.ts';

export function stepForm(state: FormState, message: Message): Step {
  const { phase } = state;
  switch (message.kind) {
    case 'edit':
      return phase.kind === 'editing' ? [editFields(state, message.change)] : [state];
    case 'submit':
      // Anything but an editable form has been submitted already: the second half of a double click.
      return phase.kind === 'editing' ? submit(state, message, false) : [state];
    case 'site':
      return takeSite(state, message.answer, message.country);
    case 'posted':
      return phase.kind === 'sending' && phase.ask.key === message.key ? takePosted(state, phase, message) : [state];
    case 'heard':
    case 'cancel_heard':
    case 'cancel':
      return phase.kind === 'following' ? stepCall(state, phase.call, message) : [state];
    case 'again':
      return tryAgain(state);
    case 'change':
      return [withPhase(state, { kind: 'editing' })];
  }
}

function editFields(state: FormState, change: Partial<Fields>): FormState {
  const fields = { ...state.fields, ...change };
  const meant = change.typed === undefined ? undefined : countryOfTyped(change.typed);
  // Of countries that share a code, the one that was chosen stays.
  const follows = meant !== undefined && callingCode(meant) !== callingCode(fields.country) && isOffered(meant, state.view);
  return withPhase({ ...state, fields: follows ? { ...fields, country: meant } : fields }, { kind: 'editing' });
}

function submit(state: FormState, message: Submit, isPrepared: boolean): Step {
  const fault = findFault(state);
  if (fault) return [withPhase(state, { kind: 'editing', fault })];
  // Only the site view knows whether consent must be asked for. If it can't be had, the relay will say.
  if (!state.view && !isPrepared) return [withPhase(state, { kind: 'preparing', submit: message }), { kind: 'load_site' }];
  return send({ ...state, ask: composeAsk(state, message) });
}

function send(state: FormState, tries = 1, afterMs = 0): Step {
  const { ask } = state;
  if (!ask) return [withPhase(state, { kind: 'editing' })];
  return [withPhase(state, { kind: 'sending', ask, tries }), { kind: 'post', ask, afterMs }];
}

function takeSite(state: FormState, answer: Answer<SiteView>, wished: string | undefined): Step {
  const { phase } = state;
  if (answer.kind !== 'ok') {
    if (phase.kind === 'preparing') return submit(state, phase.submit, true);
    const judged = answer.kind === 'problem' ? judgeProblem(answer.code) : undefined;
    return phase.kind === 'editing' && judged && 'cause' in judged && judged.cause === 'misplaced'
      ? [withPhase(state, { kind: 'stopped', cause: 'misplaced' })]
      : [state];
  }
  const view = answer.value;
  const { fields } = state;
  const isUntouched = fields.typed === '';
  const country = [isUntouched ? (wished ?? view.country) : fields.country, view.country].find((each) => isOffered(each, view));
  const next: FormState = { ...state, view, fields: { ...fields, country: country ?? view.countries[0] ?? fields.country } };
  switch (phase.kind) {
    case 'preparing':
      return view.open ? submit(next, phase.submit, true) : [withPhase(next, { kind: 'stopped', cause: 'closed' })];
    case 'editing':
      return [view.open ? next : withPhase(next, { kind: 'stopped', cause: 'closed' })];
    case 'stopped':
      return [phase.cause === 'closed' && view.open ? withPhase(next, { kind: 'editing' }) : next];
    default:
      return [next];
  }
}

/** Pauses before the same request goes out again by itself. */
const REPEAT_AFTER_MS = [700, 2500];

function takePosted(state: FormState, { tries }: Phase & { kind: 'sending' }, message: Message & { kind: 'posted' }): Step {
  const answer: Answer<CallAccepted> = message.answer;
  switch (answer.kind) {
    case 'ok':
      return beginCall(state, answer.value, message.now);
    case 'unreachable': {
      const pauseMs = REPEAT_AFTER_MS[tries - 1];
      if (pauseMs !== undefined) return send(state, tries + 1, pauseMs);
      return [withPhase(state, { kind: 'stopped', cause: message.isOnline ? 'unreachable' : 'offline' })];
    }
    case 'problem': {
      const judged = judgeProblem(answer.code);
      // A key that the relay knows with another body will never do.
      const next = answer.code === 'key_reused' ? { ...state, ask: undefined } : state;
      if ('cause' in judged) return [withPhase(next, { kind: 'stopped', cause: judged.cause, retryAfterMs: answer.retryAfterMs })];
      const editing = withPhase(next, { kind: 'editing', fault: judged.fault });
      // Consent was asked for and there is no text of it yet, or it is an old one.
      return judged.fault.field === 'consent' ? [editing, { kind: 'load_site' }] : [editing];
    }
  }
}

function tryAgain(state: FormState): Step {
  const { phase } = state;
  switch (phase.kind) {
    case 'stopped':
      if (phase.cause === 'closed' || phase.cause === 'misplaced') return [withPhase(state, { kind: 'editing' }), { kind: 'load_site' }];
      return send(state);
    case 'ended':
      return [withPhase({ ...state, ask: undefined }, { kind: 'editing' })];
    case 'following':
      // The visitor has waited in vain and wants another call: a new intent, which the relay's limits still guard.
      return phase.call.isLate ? [withPhase({ ...state, ask: undefined }, { kind: 'editing' })] : [state];
    default:
      return [state];
  }
}

function isOffered(country: string, view: SiteView | undefined): boolean {
  return !view || view.countries.includes(country);
}

function withPhase(state: FormState, phase: Phase): FormState {
  return { ...state, phase };
}
