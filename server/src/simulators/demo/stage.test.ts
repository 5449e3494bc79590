import { expect, test } from 'vitest';
import type { SimulatedCall } from '../bitrix24/telephones.ts';
import { stageOf } from './stage.ts';

function call(change: Partial<SimulatedCall>): SimulatedCall {
  return {
    callId: 'callback.1',
    line: 'reg1332',
    number: '+4915123456789',
    announcement: 'You have a callback request.',
    voice: undefined,
    dialledAt: 1_000,
    agent: 'ringing',
    visitor: 'waiting',
    connectedAt: undefined,
    endedAt: undefined,
    ...change,
  };
}

test('before the first call both telephones rest and the newcomer is told what to press', () => {
  const stage = stageOf([]);
  expect(stage).toMatchObject({ callId: undefined, act: 'ask', agent: { mood: 'quiet', canAnswer: false } });
  expect(stage.hint).toContain('Call me back');
});

test('the agent rings first, and only there can be answered', () => {
  const stage = stageOf([call({})]);
  expect(stage.act).toBe('agent');
  expect(stage.agent).toMatchObject({ mood: 'ringing', canAnswer: true, ending: 'decline' });
  expect(stage.visitor).toMatchObject({ mood: 'quiet', title: '+49 1512 3456789', canAnswer: false, ending: undefined });
});

test('the announcement is there while the agent hears it, and at no other time', () => {
  const announcementOf = (change: Partial<SimulatedCall>) => stageOf([call(change)]).announcement;
  expect(announcementOf({})).toBeUndefined();
  expect(announcementOf({ agent: 'listening' })).toBe('You have a callback request.');
  expect(announcementOf({ agent: 'talking', visitor: 'talking', connectedAt: 2_000 })).toBeUndefined();
  expect(announcementOf({ agent: 'hung_up', endedAt: 2_000 })).toBeUndefined();
});

test('when the visitor rings, that is the telephone to answer', () => {
  const stage = stageOf([call({ agent: 'listening', visitor: 'ringing' })]);
  expect(stage.act).toBe('visitor');
  expect(stage.agent).toMatchObject({ mood: 'live', canAnswer: false, ending: 'hang_up' });
  expect(stage.visitor).toMatchObject({ mood: 'ringing', canAnswer: true, ending: 'decline' });
});

test('the time of talking runs from the connection to the end', () => {
  const talking = { agent: 'talking', visitor: 'talking', connectedAt: 2_000 } as const;
  expect(stageOf([call(talking)])).toMatchObject({ act: 'talking', talkingSince: 2_000, talkedUntil: undefined });
  const over = stageOf([call({ ...talking, agent: 'hung_up', visitor: 'hung_up', endedAt: 9_000 })]);
  expect(over).toMatchObject({ act: 'over', talkingSince: 2_000, talkedUntil: 9_000, agent: { status: 'call ended', ending: undefined } });
});

test.each([
  [{ agent: 'declined' }, 'The agent declined, so the visitor’s phone never rang.', 'never rang'],
  [{ agent: 'unanswered' }, 'The agent did not answer, so the visitor’s phone never rang.', 'never rang'],
  [{ agent: 'hung_up', visitor: 'declined' }, 'The visitor declined.', 'declined'],
  [{ agent: 'hung_up', visitor: 'unanswered' }, 'The visitor did not answer.', 'missed call'],
  [{ agent: 'hung_up', visitor: 'hung_up' }, 'The agent hung up before anybody talked.', 'call ended'],
] as const)('a call that ended as %j without talking says so', (ends, sentence, visitorStatus) => {
  const stage = stageOf([call({ ...ends, endedAt: 3_000 })]);
  expect(stage.hint).toBe(`${sentence} Try another number.`);
  expect(stage.visitor).toMatchObject({ status: visitorStatus, canAnswer: false, ending: undefined });
});

test('a second call waits until the first is over', () => {
  const [first, second] = [call({}), call({ callId: 'callback.2' })];
  expect(stageOf([first, second]).callId).toBe('callback.1');
  expect(stageOf([{ ...first, endedAt: 2_000 }, second]).callId).toBe('callback.2');
  expect(
    stageOf([
      { ...first, endedAt: 2_000 },
      { ...second, endedAt: 3_000 },
    ]).callId,
  ).toBe('callback.2');
});

test('a number is shown grouped, with or without its plus; what is no number is shown as it came', () => {
  expect(stageOf([call({ number: '4930901820' })]).visitor.title).toBe('+49 30 901820');
  expect(stageOf([call({ number: 'sip:anna' })]).visitor.title).toBe('sip:anna');
});
