/** What became of a call, in words for whoever asked for it on the command line. Every state and every refusal has its sentence. */
import type { ProblemCode } from '../contract/problems.ts';
import type { CallAnswer, CallNews } from '../platforms/relay-desk.ts';
import type { CallState } from '../store/call.ts';

export function describeNews({ state, step, fault, provider, talkedMs }: CallNews): string {
  const why = fault === undefined ? '' : ` (${fault})`;
  switch (state) {
    case 'scheduled':
    case 'accepted':
      return 'Accepted. It waits for its turn.';
    case 'dialing':
      return 'Asking the provider to ring.';
    case 'placed':
      return step === undefined ? `${provider ?? 'The provider'} took the order: your line rings first.` : STEPS[step];
    case 'uncertain':
      return `It is not known whether anybody was rung${why}. It is looked up, and never dialled again.`;
    case 'connected':
      return talkedMs === undefined ? 'Connected, and over.' : `Connected, and over after ${Math.round(talkedMs / 1000)} s.`;
    case 'missed':
      return `Missed${why}.`;
    case 'ended_unknown':
      return 'It is over, and nobody reported how it ended.';
    case 'refused':
      return `The provider refused; nobody was rung${why}.`;
    case 'expired':
      return `It could not be started in time; nobody was rung${why}.`;
    case 'cancelled':
      return 'Taken back; nobody was rung.';
    case 'abandoned':
      return `What became of it could not be found out${why}.`;
  }
}

const STEPS = {
  agent_ringing: 'Your line rings.',
  agent_answered: 'Your line was answered and hears the announcement.',
  visitor_ringing: 'The number rings.',
} as const;

export function describeRefusal({ code, retryAt, opensAt }: Extract<CallAnswer, { kind: 'refused' }>): string {
  const when = opensAt ?? retryAt;
  return `${REFUSALS[code] ?? `Refused: ${code}.`}${when === undefined ? '' : ` Not before ${new Date(when).toISOString()}.`}`;
}

const REFUSALS: Partial<Record<ProblemCode, string>> = {
  number_invalid: 'This is no telephone number that can be called.',
  number_refused:
    'The site does not call this number: its country or type is not among those of the site, it is one of the company’s own or blocked ones, or it has asked to be left alone.',
  closed: 'The site is closed, or it is night where the number is.',
  rate_limited: 'The limit for this number or this site is reached, or a call to the number is still under way.',
  unavailable: 'The relay takes no calls: it or the site is paused, or a limit or the budget of the day is reached.',
  unknown_site: 'The running relay has no such site. Let it read the settings anew (SIGHUP), or start it again.',
};

/** 0: both spoke. 1: they did not. 3: nobody knows, or not yet. */
export function exitCodeOf(state: CallState): 0 | 1 | 3 {
  switch (state) {
    case 'connected':
      return 0;
    case 'missed':
    case 'refused':
    case 'expired':
    case 'cancelled':
      return 1;
    case 'scheduled':
    case 'accepted':
    case 'dialing':
    case 'placed':
    case 'uncertain':
    case 'ended_unknown':
    case 'abandoned':
      return 3;
  }
}
