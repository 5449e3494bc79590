import { expect, test } from 'vitest';
import type { CallEnd, CallRecord } from '../../follow-ups/call-cards.ts';
import { fakeClock } from '../../simulators/fake-clock.ts';
import { bitrix24Cards } from './bitrix24-cards.ts';
import type { Bitrix24Client, Reply } from './bitrix24-client.ts';
import { judgeError } from './bitrix24-faults.ts';

const START = Date.UTC(2026, 0, 5, 9);
const RECORD: CallRecord = {
  callId: '019b8d2e-5c80-7000-8000-000000000001',
  receipt: undefined,
  number: '+4915123456789',
  userId: 7,
  line: undefined,
  crm: undefined,
  startedAt: START,
  end: undefined,
};
const CONNECTED: CallEnd = { state: 'connected', reason: undefined, talkedMs: 41_600, cost: undefined };

/** A portal that gives these answers, and a plain success to everything else. */
function scripted(answers: Readonly<Record<string, Reply>> = {}) {
  const asked: { method: string; params: Readonly<Record<string, unknown>> }[] = [];
  const plain: Readonly<Record<string, unknown>> = {
    'telephony.externalCall.register': { CALL_ID: 'externalCall.a.1' },
    'voximplant.statistic.get': [],
  };
  const client: Bitrix24Client = {
    async call(method, params) {
      asked.push({ method: method.replace('telephony.externalCall.', ''), params });
      return answers[method] ?? { kind: 'result', result: plain[method] ?? true, operatingResetAt: undefined };
    },
  };
  return { cards: bitrix24Cards(client, fakeClock(START)), asked, methods: () => asked.map(({ method }) => method) };
}

const paramsOf = async (record: Partial<CallRecord>, method: string) => {
  const { cards, asked } = scripted();
  await cards.write({ ...RECORD, ...record });
  return asked.find((each) => each.method === method)?.params;
};

test('while it rings a call is registered without being shown, then shown', async () => {
  const { cards, asked } = scripted();
  expect(await cards.write(RECORD)).toEqual({ kind: 'delivered', receipt: 'externalCall.a.1' });
  expect(asked).toEqual([
    {
      method: 'register',
      params: {
        USER_ID: 7,
        PHONE_NUMBER: '+4915123456789',
        TYPE: 4,
        CALL_START_DATE: '2026-01-05T09:00:00+00:00',
        SHOW: 0,
        CRM_CREATE: 1,
        EXTERNAL_CALL_ID: RECORD.callId,
      },
    },
    { method: 'show', params: { CALL_ID: 'externalCall.a.1', USER_ID: 7 } },
  ]);
});

test('a call that is over when it is first written down is shown to nobody', async () => {
  const { cards, methods } = scripted();
  await cards.write({ ...RECORD, end: CONNECTED });
  expect(methods()).toEqual(['voximplant.statistic.get', 'register', 'finish']);
});

test('the entry of the form is named where the portal takes its kind, and found by the number otherwise', async () => {
  expect(await paramsOf({ crm: { type: 'lead', id: '12' } }, 'register')).toMatchObject({
    CRM_ENTITY_TYPE: 'LEAD',
    CRM_ENTITY_ID: 12,
    CRM_CREATE: 0,
  });
  for (const crm of [
    { type: 'DEAL', id: '12' },
    { type: 'LEAD', id: '1; DROP' },
  ]) {
    const params = await paramsOf({ crm }, 'register');
    expect(params).toMatchObject({ CRM_CREATE: 1 });
    expect(params).not.toHaveProperty('CRM_ENTITY_ID');
  }
});

test.each<[CallEnd['state'], string | undefined, string]>([
  ['connected', undefined, '200'],
  ['missed', 'not_answered', '304'],
  ['missed', 'busy', '486'],
  ['missed', 'declined', '603'],
  ['missed', 'cancelled', '603-S'],
  ['missed', 'number_not_found', '404'],
  ['missed', 'temporarily_unavailable', '480'],
  ['missed', 'funds_missing', '402'],
  ['missed', 'call_forbidden', '403'],
  ['missed', 'number_blocked', '423'],
  ['missed', 'number_incomplete', '484'],
  ['missed', 'direction_unavailable', '503'],
  ['missed', 'something_else', '304'],
  ['refused', 'line_unknown', '503'],
  ['refused', 'number_not_accepted', '404'],
  ['expired', 'deadline_passed', '304'],
  ['cancelled', undefined, '603-S'],
  ['ended_unknown', undefined, 'OTHER'],
  ['abandoned', 'answer_too_late', 'OTHER'],
])('%s (%s) is told as %s', async (state, reason, code) => {
  const end = { state, reason, talkedMs: 0, cost: undefined };
  expect(await paramsOf({ receipt: 'externalCall.a.1', end }, 'finish')).toMatchObject({ STATUS_CODE: code, DURATION: 0 });
});

test('duration in whole seconds, cost in whole units of its currency', async () => {
  const finish = (cost: CallEnd['cost']) => paramsOf({ end: { ...CONNECTED, cost } }, 'finish');
  expect(await finish({ amount: 7, currency: 'EUR' })).toMatchObject({ DURATION: 42, COST: 0.07, COST_CURRENCY: 'EUR' });
  expect(await finish({ amount: 12, currency: 'JPY' })).toMatchObject({ COST: 12 });
  expect(await finish({ amount: 1_234, currency: 'KWD' })).toMatchObject({ COST: 1.234 });
  expect(await finish(undefined)).not.toHaveProperty('COST');
});

test('what the statistics know is not finished again; where they may not be read, it is', async () => {
  const known = {
    'voximplant.statistic.get': { kind: 'result', result: [{ CALL_ID: 'externalCall.a.1' }], operatingResetAt: undefined },
  } as const;
  const denied = { 'voximplant.statistic.get': judgeError(403, 'ACCESS_DENIED', 'Access denied!') };
  const record = { ...RECORD, receipt: 'externalCall.a.1', end: CONNECTED };

  const finished = scripted(known);
  expect(await finished.cards.write(record)).toEqual({ kind: 'delivered', receipt: 'externalCall.a.1' });
  expect(finished.methods()).toEqual(['voximplant.statistic.get']);
  const unread = scripted(denied);
  expect(await unread.cards.write(record)).toEqual({ kind: 'delivered', receipt: 'externalCall.a.1' });
  expect(unread.methods()).toEqual(['voximplant.statistic.get', 'finish']);
});

test('a finish that failed keeps the card that it was for', async () => {
  const { cards } = scripted({ 'telephony.externalCall.finish': judgeError(500, 'INTERNAL_SERVER_ERROR', '') });
  expect(await cards.write({ ...RECORD, end: CONNECTED })).toMatchObject({ kind: 'again', receipt: 'externalCall.a.1' });
});

test.each(['register', 'finish'])(
  'after an unclear answer to %s nothing is looked up before it has been carried out or never will be',
  async (method) => {
    const { cards } = scripted({ [`telephony.externalCall.${method}`]: judgeError(500, 'INTERNAL_SERVER_ERROR', '') });
    expect(await cards.write({ ...RECORD, end: CONNECTED })).toMatchObject({ kind: 'again', retryAt: START + 75_000 });
    const refused = scripted({ [`telephony.externalCall.${method}`]: judgeError(400, 'ERROR_CORE', 'Unknown TYPE') });
    expect(await refused.cards.write({ ...RECORD, end: CONNECTED })).toMatchObject({ kind: 'again', retryAt: undefined });
  },
);

test('a card that could not be shown was made all the same', async () => {
  const { cards } = scripted({ 'telephony.externalCall.show': judgeError(500, 'INTERNAL_SERVER_ERROR', '') });
  expect(await cards.write(RECORD)).toEqual({ kind: 'delivered', receipt: 'externalCall.a.1' });
});

test.each([
  [403, 'WRONG_AUTH_TYPE', 'Current authorization type is denied for this method', 'application_wanted'],
  [403, 'insufficient_scope', '', 'cards_scope_missing'],
  [400, 'ERROR_CORE', 'User is not found or is not active', 'portal_user_unknown'],
  [400, 'ERROR_CORE', 'Unknown TYPE', 'card_refused'],
])('%i %s %s says what to change', async (status, error, description, code) => {
  const { cards } = scripted({ 'telephony.externalCall.register': judgeError(status, error, description) });
  expect(await cards.write(RECORD)).toMatchObject({ kind: 'again', fault: { code, configuration: true } });
});
