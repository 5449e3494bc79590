import { expect, test } from 'vitest';
import { type HistoryRecord, readEnd, readTime } from './telphin-end.ts';

const NUMBER = '+4915123456789';
const TO_AGENT = { application: 'callback', to_username: '341', dest_number: '341' };
const TO_VISITOR = { application: 'callback', to_username: NUMBER, dest_number: '4915123456789' };

test.each<[string, HistoryRecord, object]>([
  ['talked', { result: 'bridged', bridged_duration: 24 }, { end: 'connected', talkedMs: 24_000 }],
  ['talked, without a time', { result: 'bridged', bridged_duration: null }, { end: 'connected' }],
  ['put through, under another word', { result: 'answered', bridged_duration: '7' }, { end: 'connected', talkedMs: 7_000 }],
  ['the agent let it ring', { result: 'not answered', cdr: [TO_AGENT] }, { end: 'missed', fault: 'agent_not_answered' }],
  ['the visitor let it ring', { result: 'not answered', cdr: [TO_AGENT, TO_VISITOR] }, { end: 'missed', fault: 'not_answered' }],
  ['somebody let it ring', { result: 'not answered' }, { end: 'missed', fault: 'not_answered' }],
  ['broken off', { result: 'not answered', hangup_disposition: 'caller_cancel' }, { end: 'missed', fault: 'cancelled' }],
  ['answered by one side alone', { result: 'answered', bridged_duration: null }, { end: 'missed', fault: 'no_conversation' }],
  ['a mailbox', { result: 'voicemail' }, { end: 'missed', fault: 'no_conversation' }],
  ['busy', { result: 'busy' }, { end: 'missed', fault: 'busy' }],
  ['declined', { result: 'rejected' }, { end: 'missed', fault: 'declined' }],
  ['declined, by the way it was hung up', { result: 'failed', hangup_disposition: 'callee_refuse' }, { end: 'missed', fault: 'declined' }],
  ['failed', { result: 'failed' }, { end: 'missed', fault: 'temporarily_unavailable' }],
  ['something new', { result: 'parked' }, { end: 'missed', fault: 'ended_otherwise' }],
])('%s', (_, record, end) => {
  expect(readEnd(record, NUMBER)).toEqual({ kind: 'end', ...end });
});

test('times are UTC, with and without fractions', () => {
  expect(readTime('2021-01-01 16:29:38')).toBe(Date.UTC(2021, 0, 1, 16, 29, 38));
  expect(readTime('2021-01-01 16:29:38.76')).toBe(Date.UTC(2021, 0, 1, 16, 29, 38, 760));
  for (const other of [null, 17, '', '2021-01-01', '01.01.2021 16:29:38', '2021-13-01 16:29:38', '2021-01-01 16:29:38+03:00']) {
    expect(readTime(other)).toBeUndefined();
  }
});
