/** What a telephone has just done, in the words of the demo. */
import type { LegName, LegState, SimulatedCall } from '../bitrix24/telephones.ts';

type Legs = Pick<SimulatedCall, LegName>;

/** The lines for a call that was `before` and is `after`; before its first change a call had two silent telephones. */
export function describeChange(before: Legs | undefined, after: Legs): string[] {
  const agent = newState('agent', before, after);
  const visitor = newState('visitor', before, after);
  if (agent === 'talking' || visitor === 'talking') return ['both are talking'];
  // One side hangs up and the line is dead for both: that is one event, not two.
  if (agent === 'hung_up' && visitor === 'hung_up') return ['the call has ended'];
  return [agent && describeLeg('agent', agent), visitor && describeLeg('visitor', visitor)].filter((line) => line !== undefined);
}

function newState(leg: LegName, before: Legs | undefined, after: Legs): LegState | undefined {
  return after[leg] === (before?.[leg] ?? 'waiting') ? undefined : after[leg];
}

function describeLeg(leg: LegName, state: LegState): string | undefined {
  switch (state) {
    case 'waiting':
    case 'talking':
      return undefined;
    case 'ringing':
      return `${leg}'s phone rings`;
    case 'listening':
      return `${leg} answered; announcement spoken`;
    case 'declined':
      return `${leg} declined`;
    case 'unanswered':
      return `${leg} did not answer`;
    case 'hung_up':
      return `${leg} hung up`;
    default:
      return state satisfies never;
  }
}
