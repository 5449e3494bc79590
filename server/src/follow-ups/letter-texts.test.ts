import { expect, test } from 'vitest';
import type { Lead } from './channel.ts';
import { LANGUAGES, LETTER_TEXTS } from './letter-texts.ts';

const why = (lead: Partial<Lead>, language: (typeof LANGUAGES)[number] = 'en') => LETTER_TEXTS[language].why(lead as Lead);

test.each([
  ['not_answered', 'visitor', 'The company answered; the visitor did not.'],
  ['agent_not_answered', 'agent', 'Nobody at the company answered.'],
  ['busy', undefined, 'One of the two telephones was not answered.'],
  ['number_not_found', undefined, 'The telephone system could not reach the number: it does not exist, or is incomplete.'],
  ['number_incomplete', undefined, 'The telephone system could not reach the number: it does not exist, or is incomplete.'],
  ['funds_missing', undefined, 'The call did not come about.'],
  ['number_blocked', undefined, 'The call did not come about.'],
  ['ended_otherwise', undefined, 'The call did not come about.'],
] as const)('a call that was kept as missed is told by its fault: %s, by %s', (reason, missedBy, text) => {
  expect(why({ state: 'missed', reason, missedBy })).toBe(text);
});

test('a call that was started is not said not to have come about', () => {
  expect(why({ state: 'placed' })).toBe(why({ state: 'ended_unknown' }));
});

test('each language tells apart what another does', () => {
  const reasons = ['not_answered', 'number_not_found', 'funds_missing'];
  for (const language of LANGUAGES) {
    expect(new Set(reasons.map((reason) => why({ state: 'missed', reason }, language))).size).toBe(reasons.length);
  }
});
