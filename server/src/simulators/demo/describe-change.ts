/** What a telephone has just done, in the words of the demo. */
import type { LegName, LegState, SimulatedCall } from '../bitrix24/telephones.ts';

type Legs = Pick<SimulatedCall, LegName>;

/** The lines for a call that was `before` and is `after`; before its first change a call had two silent telephones. */
export function describeChange(before: Legs | undefined, after: Legs): string[] {
  const agent = newState('agent', before, after);
  const visitor = newState('visitor', before, after);
  if (agent === 'talking' || visitor === 'talking') return ['both are talking'];
  // A call that ends is dead for both at once; what is told is who ended it, where that can be seen.
  if (agent === 'hung_up' && visitor === 'hung_up') return [before?.visitor === 'talking' ? 'the call has ended' : 'agent hung up'];
  const changes: [LegName, LegState | undefined][] = [
    ['agent', agent === 'hung_up' && visitor !== undefined ? undefined : agent],
    ['visitor', visitor],
  ];
  return changes.flatMap(([leg, state]) => (state === undefined ? [] : describeLeg(leg, state)));
}

function newState(leg: LegName, before: Legs | undefined, after: Legs): LegState | undefined {
  return after[leg] === (before?.[leg] ?? 'waiting') ? undefined : after[leg];
}

function describeLeg(leg: LegName, state: LegState): string | [] {
  switch (state) {
    case 'waiting':
    case 'talking':
      return [];
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
