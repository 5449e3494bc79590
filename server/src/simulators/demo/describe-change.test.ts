import { expect, test } from 'vitest';
import type { LegState } from '../bitrix24/telephones.ts';
import { describeChange } from './describe-change.ts';

const legs = (agent: LegState, visitor: LegState) => ({ agent, visitor });

test.each([
  [undefined, legs('ringing', 'waiting'), ["agent's phone rings"]],
  [legs('ringing', 'waiting'), legs('listening', 'waiting'), ['agent answered; announcement spoken']],
  [legs('listening', 'waiting'), legs('listening', 'ringing'), ["visitor's phone rings"]],
  [legs('listening', 'ringing'), legs('talking', 'talking'), ['both are talking']],
  [legs('talking', 'talking'), legs('hung_up', 'hung_up'), ['the call has ended']],
  [legs('ringing', 'waiting'), legs('declined', 'waiting'), ['agent declined']],
  [legs('ringing', 'waiting'), legs('unanswered', 'waiting'), ['agent did not answer']],
  [legs('listening', 'waiting'), legs('hung_up', 'waiting'), ['agent hung up']],
  [legs('listening', 'ringing'), legs('hung_up', 'hung_up'), ['agent hung up']],
  [legs('listening', 'ringing'), legs('hung_up', 'declined'), ['visitor declined']],
  [legs('listening', 'ringing'), legs('hung_up', 'unanswered'), ['visitor did not answer']],
  [legs('listening', 'ringing'), legs('listening', 'ringing'), []],
])('%j → %j', (before, after, lines) => {
  expect(describeChange(before, after)).toEqual(lines);
});
