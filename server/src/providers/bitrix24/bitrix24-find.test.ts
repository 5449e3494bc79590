import { expect, test } from 'vitest';
import { Secret } from '../../config/secret.ts';
import { type Bitrix24PortalOptions, bitrix24Portal } from '../../simulators/bitrix24/portal.ts';
import { fakeClock } from '../../simulators/fake-clock.ts';
import type { FindQuery } from '../provider.ts';
import { bitrix24 } from './bitrix24.ts';

const DIAL = 'voximplant.callback.start';
const FIND = 'voximplant.statistic.get';
const NUMBER = '+4915123456789';
const LINE = 'reg1332';
const ORDER = { line: LINE, number: NUMBER, announcement: 'Ring', voice: undefined };

function pair(options: Partial<Bitrix24PortalOptions> = {}) {
  const clock = fakeClock();
  const portal = bitrix24Portal({ clock, userId: '1', webhookSecret: 's3cr3t', lines: { [LINE]: 'Office' }, ...options });
  const provider = bitrix24({
    name: 'main',
    webhookUrl: new Secret(`http://127.0.0.1${portal.webhookPath}`),
    fetch: async (input, init) => portal.app.fetch(new Request(input, init)),
    clock,
  });
  const began = clock.now();
  const find = (changes: Partial<FindQuery> = {}) =>
    provider.find({ ref: undefined, number: NUMBER, line: LINE, from: began - 30_000, until: began + 90_000, ...changes });
  const stage = (rows: unknown) =>
    portal.misbehave(FIND, {
      kind: 'answer',
      status: 200,
      contentType: 'application/json',
      body: JSON.stringify({ result: rows }),
      executes: false,
    });
  return { clock, portal, provider, find, stage, began, reads: () => portal.requests.filter(({ method }) => method === FIND) };
}

const ROW = {
  CALL_ID: 'callback.1.1',
  CALL_TYPE: '4',
  PHONE_NUMBER: '4915123456789',
  CALL_START_DATE: '2026-01-05T09:00:00+00:00',
  CALL_DURATION: '7',
  CALL_FAILED_CODE: '200',
  COST: '0.0700',
  COST_CURRENCY: 'EUR',
};

test('by its id the request asks for nothing else', async () => {
  const { find, reads } = pair();
  await find({ ref: 'callback.1.1' });
  expect(reads()).toHaveLength(1);
  expect(reads()[0]?.params).toMatchObject({ FILTER: { CALL_ID: 'callback.1.1' } });
});

test('by number the request asks for callbacks of that time, in both spellings of the number', async () => {
  const { find, reads } = pair();
  expect(await find()).toEqual({ ok: true, value: { kind: 'nothing' } });
  expect(reads().map(({ params }) => params.FILTER)).toEqual(
    ['4915123456789', NUMBER].map((spelling) => ({
      PHONE_NUMBER: spelling,
      CALL_TYPE: '4',
      '>=CALL_START_DATE': '2026-01-05T08:59:30+00:00',
      '<=CALL_START_DATE': '2026-01-05T09:01:30+00:00',
    })),
  );
});

test.each([
  ['without a plus', '4915123456789'],
  ['as it was dialled', NUMBER],
])('a portal that stores numbers %s is understood', async (_, stored) => {
  const { clock, portal, provider, find } = pair();
  await provider.dial({ ...ORDER, number: stored });
  await clock.advance(30_000);
  expect(portal.telephones.dials[0]?.number).toBe(stored);
  expect(await find()).toMatchObject({ ok: true, value: { kind: 'ended', news: { end: 'missed', fault: 'not_answered' } } });
});

test('what a row says is all passed on', async () => {
  const { find, stage } = pair();
  stage([ROW]);
  const news = { kind: 'end', end: 'connected', talkedMs: 7_000, cost: { amount: 7, currency: 'EUR' } };
  expect(await find()).toEqual({ ok: true, value: { kind: 'ended', ref: 'callback.1.1', news } });
});

test('of several rows the conversation is told, and what all of them cost; those of other calls are left out', async () => {
  const { find, stage } = pair();
  const rows = [
    { ...ROW, CALL_ID: 'callback.0.0', COST: '9.0000' },
    { ...ROW, CALL_FAILED_CODE: '304', CALL_DURATION: '0', COST: '0.0200' },
    { ...ROW, CALL_ID: 'callback.2.2', COST: '0.0500' },
  ];
  stage(rows);
  const news = { kind: 'end', end: 'connected', talkedMs: 7_000, cost: { amount: 7, currency: 'EUR' } };
  expect(await find({ except: ['callback.0.0'] })).toEqual({ ok: true, value: { kind: 'ended', ref: 'callback.2.2', news } });
  stage([...rows.slice(1), { ...ROW, CALL_ID: 'callback.3.3', CALL_FAILED_CODE: '304', COST: '' }]);
  expect(await find()).toEqual({
    ok: true,
    value: { kind: 'ended', ref: 'callback.2.2', news: { kind: 'end', end: 'connected', talkedMs: 7_000 } },
  });
});

test.each([
  ['another number', { PHONE_NUMBER: '4915123456780' }],
  ['another type', { CALL_TYPE: '1' }],
  ['a time before', { CALL_START_DATE: '2026-01-05T08:59:28+00:00' }],
  ['a time after', { CALL_START_DATE: '2026-01-05T09:01:31+00:00' }],
  ['a time of no zone', { CALL_START_DATE: '2026-01-05 09:00:00' }],
  ['no time', { CALL_START_DATE: null }],
])('a portal that does not heed its filter deceives nobody: %s', async (_, change) => {
  const { find, stage } = pair();
  stage([{ ...ROW, ...change }]);
  stage([{ ...ROW, ...change }]);
  expect(await find()).toEqual({ ok: true, value: { kind: 'nothing' } });
});

test('nor does one that sends another call for an id', async () => {
  const { find, stage } = pair();
  stage([ROW]);
  expect(await find({ ref: 'callback.2.2' })).toEqual({ ok: true, value: { kind: 'nothing' } });
});

test('a call that the portal repeated by itself is the one in which people talked, else the last', async () => {
  const { find, stage } = pair();
  const missed = { ...ROW, CALL_FAILED_CODE: '304', CALL_DURATION: '0' };
  const redialled = { ...ROW, CALL_ID: 'callback.2.2', CALL_START_DATE: '2026-01-05T09:01:20+00:00' };
  stage([missed, redialled]);
  expect(await find()).toMatchObject({ value: { ref: 'callback.2.2', news: { end: 'connected' } } });
  stage([missed, { ...redialled, CALL_FAILED_CODE: '486' }]);
  expect(await find()).toMatchObject({ value: { ref: 'callback.2.2', news: { end: 'missed', fault: 'busy' } } });
});

test('the portal begins a call late, and it is found all the same', async () => {
  const { clock, portal, provider, find } = pair();
  portal.misbehave(DIAL, { kind: 'hang', executes: true, afterMs: 60_000 });
  const dialling = provider.dial(ORDER);
  await clock.advance(15_000);
  expect((await dialling).kind).toBe('uncertain');
  expect(portal.telephones.dials).toEqual([]);
  await clock.advance(44_999);
  expect(await find()).toEqual({ ok: true, value: { kind: 'nothing' } });
  await clock.advance(30_001);
  expect(await find()).toMatchObject({ value: { kind: 'ended', news: { end: 'missed' } } });
  expect(portal.telephones.dials).toHaveLength(1);
});

test('more rows than one page holds are read on, but not without end', async () => {
  const { find, stage, reads } = pair();
  const foreign = Array.from({ length: 50 }, () => ({ CALL_TYPE: '4' }));
  stage(foreign);
  stage([ROW]);
  expect(await find()).toMatchObject({ value: { kind: 'ended', ref: 'callback.1.1' } });
  expect(reads().map(({ params }) => params.start)).toEqual([0, 50]);
  for (let page = 0; page < 5; page++) stage(foreign);
  expect(await find()).toEqual({ ok: true, value: { kind: 'nothing' } });
  expect(reads()).toHaveLength(5);
});

test('without the right to see statistics the operator learns which one it is', async () => {
  const { find } = pair({ rights: { callStatistics: false } });
  expect(await find()).toMatchObject({
    ok: false,
    fault: { code: 'statistics_hidden', configuration: true, message: expect.stringContaining('Call statistics') },
  });
});
