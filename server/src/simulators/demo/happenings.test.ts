import { expect, test } from 'vitest';
import { fakeClock } from '../fake-clock.ts';
import { describeLog, type Happening, happenings, MAX_LINES } from './happenings.ts';

test('a line carries the time at which it was said', async () => {
  const clock = fakeClock(1_000);
  const feed = happenings(clock);
  feed.say('page', 'first');
  await clock.advance(7);
  feed.say('phone', 'second');
  expect(feed.since(0)).toEqual([
    { id: 1, at: 1_000, who: 'page', text: 'first' },
    { id: 2, at: 1_007, who: 'phone', text: 'second' },
  ]);
  expect(feed.since(1).map(({ text }) => text)).toEqual(['second']);
});

test('only the newest lines are kept', () => {
  const feed = happenings(fakeClock());
  for (let line = 1; line <= MAX_LINES + 3; line += 1) feed.say('relay', `line ${line}`);
  const kept = feed.since(0);
  expect(kept).toHaveLength(MAX_LINES);
  expect(kept[0]?.text).toBe('line 4');
  expect(kept.at(-1)?.text).toBe(`line ${MAX_LINES + 3}`);
});

test('a listener hears every line until it leaves, however often it came', () => {
  const feed = happenings(fakeClock());
  const heard: string[] = [];
  const listener = ({ text }: Happening) => void heard.push(text);
  const leave = feed.onSay(listener);
  const leaveToo = feed.onSay(listener);
  feed.say('page', 'twice');
  leave();
  feed.say('page', 'once');
  leaveToo();
  feed.say('page', 'unheard');
  expect(heard).toEqual(['twice', 'twice', 'once']);
});

const REF = 'callback.72f4c0a9d8e7f60123456789abcdef01.1767603600';

test.each([
  [{ event: 'request.accepted', callId: 'c1', site: 'default' }, 'POST /v1/calls → 202 waiting'],
  [{ event: 'request.replayed' }, 'POST /v1/calls again → 202, still the same call'],
  [{ event: 'request.refused', code: 'rate_limited' }, 'POST /v1/calls → 429 rate_limited'],
  [{ event: 'request.refused', code: 'toString' }, 'POST /v1/calls → refused'],
  [{ event: 'call.claimed' }, 'claimed, dialling once'],
  [{ event: 'call.placed', ref: REF }, 'voximplant.callback.start → CALL_ID callback.72f4…'],
  [{ event: 'call.placed', ref: 'abc' }, 'voximplant.callback.start → CALL_ID abc'],
  [{ event: 'call.placed' }, 'voximplant.callback.start → started, without a CALL_ID'],
  [{ event: 'call.refused', fault: 'line_unknown' }, 'voximplant.callback.start → refused, nobody rings (line unknown)'],
  [{ event: 'call.not_sent' }, 'the order did not reach the portal; it may be tried again'],
  [{ event: 'call.uncertain', fault: 'timeout' }, 'no clear answer; a phone may ring, so this call is never dialled again (timeout)'],
  [{ event: 'call.expired' }, 'too late to ring; nobody was dialled'],
  [{ event: 'call.cancelled' }, 'cancelled by the visitor; nobody was dialled'],
  [{ event: 'call.step', step: 'agent_answered' }, 'the page is told: agent answered'],
  [{ event: 'call.ended', state: 'connected' }, 'the call is over: connected'],
  [{ event: 'relay.started' }, undefined],
])('the log entry %j is told as one sentence', (entry, sentence) => {
  expect(describeLog({ level: 'info', ...entry })).toBe(sentence);
});
