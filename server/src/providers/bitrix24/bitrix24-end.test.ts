import { expect, test } from 'vitest';
import { readEnd, readNumber, readStart } from './bitrix24-end.ts';

const ended = (failedCode: unknown, duration: unknown, cost?: unknown, currency?: unknown) =>
  readEnd({ failedCode, duration, cost, currency });

/** Written out by hand from the documentation, so that the table is not compared with itself. */
test.each([
  ['200', '61', { end: 'connected', talkedMs: 61_000 }],
  ['200', '0', { end: 'missed', fault: 'no_conversation' }],
  ['200', '', { end: 'missed', fault: 'no_conversation' }],
  ['200', '-5', { end: 'missed', fault: 'no_conversation' }],
  ['200', '1e9', { end: 'missed', fault: 'no_conversation' }],
  ['304', '0', { end: 'missed', fault: 'not_answered' }],
  ['402', '0', { end: 'missed', fault: 'funds_missing', advice: expect.stringContaining('balance') }],
  ['403', '0', { end: 'missed', fault: 'call_forbidden', advice: expect.stringContaining('permissions') }],
  ['404', '0', { end: 'missed', fault: 'number_not_found' }],
  ['423', '0', { end: 'missed', fault: 'number_blocked' }],
  ['480', '0', { end: 'missed', fault: 'temporarily_unavailable' }],
  ['484', '0', { end: 'missed', fault: 'number_incomplete', advice: expect.stringContaining('destination') }],
  ['486', '0', { end: 'missed', fault: 'busy' }],
  ['503', '0', { end: 'missed', fault: 'direction_unavailable', advice: expect.stringContaining('destination') }],
  ['603', '0', { end: 'missed', fault: 'declined' }],
  ['603-S', '0', { end: 'missed', fault: 'cancelled' }],
  ['603-s', '9', { end: 'missed', fault: 'cancelled' }],
  [' 304 ', '9', { end: 'missed', fault: 'not_answered' }],
  ['OTHER', '0', { end: 'missed', fault: 'ended_otherwise' }],
  ['999', '5', { end: 'missed', fault: 'ended_otherwise' }],
  ['', '5', { end: 'missed', fault: 'ended_otherwise' }],
  [undefined, '5', { end: 'missed', fault: 'ended_otherwise' }],
  [['200'], '5', { end: 'missed', fault: 'ended_otherwise' }],
])('code %j after %j seconds', (code, seconds, news) => {
  expect(ended(code, seconds)).toEqual({ kind: 'end', ...news });
});

test('a price is passed on; a conversation for nothing is billed by somebody else', () => {
  expect(ended('200', '61', '0.0720', 'EUR')).toMatchObject({ cost: { amount: 8, currency: 'EUR' } });
  expect(ended('486', '0', '0.0000', 'RUR')).toMatchObject({ cost: { amount: 0, currency: 'RUB' } });
  expect(ended('200', '61', '0.0000', 'EUR')).not.toHaveProperty('cost');
  expect(ended('200', '61', 'free', 'EUR')).not.toHaveProperty('cost');
});

test('a beginning is a time with its zone', () => {
  expect(readStart('2026-01-05T12:00:00+03:00')).toBe(Date.UTC(2026, 0, 5, 9));
  expect(readStart('2026-01-05T09:00:00Z')).toBe(Date.UTC(2026, 0, 5, 9));
  for (const date of ['2026-01-05T09:00:00', '2026-01-05 09:00:00', '05.01.2026 09:00', '2026-13-05T09:00:00Z', '', 1767603600, null]) {
    expect(readStart(date)).toBeUndefined();
  }
});

test('a number is read with its plus and without', () => {
  expect(readNumber('4915123456789')).toBe('+4915123456789');
  expect(readNumber('+4915123456789')).toBe('+4915123456789');
  for (const value of ['', '+', '015123456789', '++4915123456789', '12345', '1'.repeat(16), 'sip:1234567', 'reg1332', undefined, {}]) {
    expect(readNumber(value)).toBeUndefined();
  }
});
