import { expect, test } from 'vitest';
import { fakeClock } from '../fake-clock.ts';
import { bitrix24Portal } from './portal.ts';

const CALL = { USER_ID: 1, PHONE_NUMBER: '+4915123456789', TYPE: 4, SHOW: 0, EXTERNAL_CALL_ID: 'a' };
const MINUTE_MS = 60_000;

function open() {
  const clock = fakeClock();
  const portal = bitrix24Portal({ clock, userId: '1', webhookSecret: 's', lines: {}, accessTokens: ['token'] });
  async function ask(method: string, params: object = {}, path = '/rest/') {
    const init = { method: 'POST', body: JSON.stringify({ ...params, auth: 'token' }), headers: { 'Content-Type': 'application/json' } };
    const response = await portal.app.fetch(new Request(`http://portal.test${path}${method}`, init));
    return (await response.json()) as { error?: string; error_description?: string; result?: Record<string, unknown> };
  }
  return { clock, portal, ask, register: (changes: object = {}) => ask('telephony.externalCall.register', { ...CALL, ...changes }) };
}

test('the same words within half an hour are the same call; any other, or later, is another', async () => {
  const { clock, portal, register } = open();
  const first = await register();
  await clock.advance(29 * MINUTE_MS);
  expect((await register({ CRM_ENTITY_TYPE: 'LEAD', CRM_ENTITY_ID: 4 })).result?.CALL_ID).toBe(first.result?.CALL_ID);
  await register({ EXTERNAL_CALL_ID: 'b' });
  await register({ LINE_NUMBER: '1' });
  expect(portal.external.cards).toHaveLength(3);
  await clock.advance(2 * MINUTE_MS);
  await register();
  expect(portal.external.cards).toHaveLength(4);
});

test('a call is shown when it is registered, unless that is not wanted', async () => {
  const { portal, register } = open();
  await register({ SHOW: 1 });
  await register({ SHOW: 0, EXTERNAL_CALL_ID: 'b' });
  await register({ SHOW: undefined, EXTERNAL_CALL_ID: 'c' });
  expect(portal.external.cards.map(({ shownTo }) => shownTo)).toEqual([['1'], [], ['1']]);
});

test('finished calls stand in the statistics, and only they', async () => {
  const { ask, register } = open();
  const id = (await register()).result?.CALL_ID;
  const look = () => ask('voximplant.statistic.get', { FILTER: { CALL_ID: id } });
  expect((await look()).result).toEqual([]);
  await ask('telephony.externalCall.finish', { CALL_ID: id, USER_ID: 1, DURATION: 5 });
  expect((await look()).result).toMatchObject([{ CALL_ID: id, CALL_FAILED_CODE: '200', CALL_DURATION: 5 }]);
});

test.each([
  ['telephony.externalCall.register', { ...CALL, USER_ID: 99 }, 'User is not found or is not active'],
  ['telephony.externalCall.register', { ...CALL, USER_ID: undefined }, 'USER_ID or USER_PHONE_INNER should be set'],
  ['telephony.externalCall.register', { ...CALL, TYPE: 9 }, 'Unknown TYPE'],
  ['telephony.externalCall.register', { ...CALL, PHONE_NUMBER: 'x' }, 'Unsupported phone number format'],
  [
    'telephony.externalCall.finish',
    { CALL_ID: 'externalCall.none', USER_ID: 1 },
    'Call is not found (call should be registered prior to finishing)',
  ],
])('%s refuses in the documented words: %j', async (method, params, description) => {
  const { ask } = open();
  expect(await ask(method, params)).toMatchObject({ error: 'ERROR_CORE', error_description: description });
});

test('a webhook may show a card, and neither register nor finish one', async () => {
  const { ask } = open();
  const byWebhook = (method: string) => ask(`telephony.externalCall.${method}`, CALL, '/rest/1/s/');
  expect(await byWebhook('register')).toMatchObject({ error: 'WRONG_AUTH_TYPE' });
  expect(await byWebhook('finish')).toMatchObject({ error: 'WRONG_AUTH_TYPE' });
  expect(await byWebhook('show')).toMatchObject({ result: false });
});
