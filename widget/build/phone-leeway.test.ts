import { expect, test } from 'vitest';
import { type ReadingPlan, writeLooseRules } from './phone-leeway.ts';
import { intersection, NONE, ofLengths, parseNumberSet } from './phone-number-set.ts';

/** A plan with calling code 49 of one region. */
function planOf(pattern: string, lengths: number[], trunk = '', { codeLengths = [lengths], local = '' } = {}): ReadingPlan {
  const [code, matched, trunks] = [parseNumberSet('49'), parseNumberSet(pattern), trunk ? parseNumberSet(trunk) : NONE];
  return { code, lengths, codeLengths, matched, trunks, local: local ? parseNumberSet(local) : NONE };
}

test.each([
  ['one length: nothing else can be meant', planOf('[2-7]\\d{8}', [9]), 'i'],
  ['a trunk prefix that leaves too few digits is none', planOf('[1-9]\\d{8}', [9], '0'), 'i'],
  ['what is left after a trunk prefix is read first', planOf('[1-9]\\d{7,8}', [8, 9], '0'), 'hi'],
  ['a trunk prefix begins whole numbers too', planOf('[89]\\d{8}|8[1-5]\\d{8}', [9, 10], '8'), 'i[89]j8[1-5]'],
  ['the code may begin a number', planOf('[1-6]\\d{6}|[5-7]\\d{8}', [7, 9]), 'g[1-6]i[5-7]'],
  ['a region with other lengths', planOf('[1-9]\\d{8}', [9], '0', { codeLengths: [[9], [10]] }), 'i[1-9]'],
  ['digits dialled without area code', planOf('4[2-5]\\d{4}|3\\d{8}', [6, 9], '', { local: '\\d{6}' }), 'f4[2-5]i'],
])('%s', (_name, plan, rules) => {
  expect(writeLooseRules(intersection(plan.matched, ofLengths(plan.lengths)), [plan])).toBe(rules);
});
