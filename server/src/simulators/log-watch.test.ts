import { expect, test } from 'vitest';
import { Secret } from '../config/secret.ts';
import type { Log, LogEntry } from '../log.ts';
import { MARKED_NUMBERS, MARKS } from './canary-marks.ts';
import { isLeak, takeLeaks } from './log-watch.ts';

const entry = (fields: Partial<LogEntry>): LogEntry => ({ level: 'info', event: 'call.placed', ...fields });
const { watchLog } = globalThis as unknown as { watchLog: (log: Log) => Log };

test.each([
  ['together', '+4915123456789'],
  ['set apart', 'to (0151) 234-56 789.'],
  ['behind spaces that do not break', '+49\u00a0151\u00a023456789'],
  ['with a mark', MARKED_NUMBERS[0] ?? ''],
])('a number %s is a leak in whatever field but an id', (_, number) => {
  for (const field of ['message', 'fault', 'site', 'detail', 'error']) expect(isLeak(entry({ [field]: number })), field).toBe(true);
});

test('a secret is a leak once it has been revealed, in every field', () => {
  const secret = new Secret(`s3cret-${crypto.randomUUID()}`);
  const tells = (text: string) => isLeak(entry({ callId: `x${text}x` }));
  const text = secret.reveal();
  expect(tells(text)).toBe(true);
  expect(tells(text.slice(1))).toBe(false);
  expect(isLeak(entry({ [text]: 1 }))).toBe(true);
});

test('a secret that is shorter than a word is none', () => {
  expect(isLeak(entry({ message: new Secret('call').reveal() }))).toBe(false);
});

test('marks are leaks, also encoded', () => {
  expect(isLeak(entry({ error: `at https://portal.example/${MARKS.webhookSecret}/` }))).toBe(true);
  expect(isLeak(entry({ message: Buffer.from(MARKS.name).toString('base64') }))).toBe(true);
});

test('ids, counts, codes and times are none', () => {
  const ids = {
    callId: '01a1fac8-2aaf-7d7c-a7e2-123456789012',
    ref: 'callback.0123456789.1795208797',
    receipt: '1795208797123',
    messageId: '123456789012',
  };
  expect(isLeak(entry({ ...ids, at: '2026-01-05T09:00:00.000Z', bytes: 123_456_789_012, country: 'DE', ends: '…89' }))).toBe(false);
});

test('what a watched log is given is passed on, and told by its event alone where it leaks', () => {
  const entries: LogEntry[] = [];
  const log = watchLog((given) => entries.push(given));
  const given = [
    entry({ callId: 'one' }),
    entry({ event: 'call.leaky', message: '+4915123456789' }),
    entry({ event: 'call.leaky', fault: '0151 23456789' }),
  ];
  for (const each of given) log(each);
  expect(entries).toEqual(given);
  expect(takeLeaks()).toEqual(['call.leaky']);
  expect(takeLeaks()).toEqual([]);
});
