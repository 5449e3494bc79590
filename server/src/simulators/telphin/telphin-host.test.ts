import { expect, test } from 'vitest';
import { fakeClock } from '../fake-clock.ts';
import { type TelphinHostOptions, telphinHost } from './telphin-host.ts';

const APP = { appId: 'a99', appSecret: 's3cr3t' };
const NUMBER = '+4915123456789';
const BODY = { src_num: ['341'], dst_num: NUMBER };

function open(options: Partial<TelphinHostOptions> = {}) {
  const clock = fakeClock();
  const host = telphinHost({ clock, ...APP, extensions: { '34535': '12037*341' }, ...options });
  const ask = async (method: string, path: string, body?: object, token = host.tokens.given.at(-1)) =>
    host.app.request(`/api/ver1.0${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const signIn = (secret = APP.appSecret) => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: APP.appId, client_secret: secret });
    return host.app.request('/oauth/token', { method: 'POST', body });
  };
  const call = async () =>
    (await (await ask('POST', '/extension/34535/callback/', BODY)).json()) as { call_id: string; call_api_id: string };
  return { clock, host, ask, signIn, call };
}

test('a token is for the application alone, and ends', async () => {
  const { clock, ask, signIn } = open();
  expect((await signIn('wrong')).status).toBe(401);
  expect(await (await signIn()).json()).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
  expect((await ask('GET', '/user/')).status).toBe(200);
  await clock.advance(3_600_000);
  expect((await ask('GET', '/user/')).status).toBe(401);
});

test('a callback rings the agent, plays the recording, then rings the visitor', async () => {
  const { clock, host, ask, signIn, call } = open();
  await signIn();
  const { call_id: id, call_api_id: controlId } = await call();
  expect(controlId).not.toBe(id);
  expect(host.telephones.dials).toMatchObject([{ callId: id, line: '34535', number: NUMBER, agent: 'ringing', visitor: 'waiting' }]);
  host.telephones.answer('agent', id);
  expect(await (await ask('GET', '/extension/34535/current_calls/')).json()).toMatchObject([{ callback_id: id, call_api_id: controlId }]);
  expect((await ask('GET', `/client/@me/call_history/${id}`)).status).toBe(404);
  await clock.advance(4_000);
  host.telephones.answer('visitor', id);
  await clock.advance(10_000);
  host.telephones.hangUp('agent', id);
  expect(await (await ask('GET', `/client/@me/call_history/${id}`)).json()).toMatchObject({ result: 'bridged', bridged_duration: 10 });
  expect(await (await ask('GET', '/extension/34535/current_calls/')).json()).toEqual([]);
});

test('an order is read as strictly as it is documented', async () => {
  const { host, ask, signIn } = open();
  await signIn();
  const wrong = [{}, { dst_num: NUMBER }, { ...BODY, src_num: '341' }, { ...BODY, call_duration: '60' }, { ...BODY, callDuration: 60 }];
  for (const body of wrong) expect((await ask('POST', '/extension/34535/callback/', body)).status).toBe(400);
  expect((await ask('POST', '/extension/1/callback/', BODY)).status).toBe(404);
  expect((await ask('POST', '/extension/34535/callback/', BODY, 'forged')).status).toBe(401);
  expect(host.telephones.dials).toEqual([]);
});

test('every subscriber of the extension hears of every leg', async () => {
  const heard: string[] = [];
  const { clock, host, ask, signIn, call } = open({
    fetch: async (input, init) => {
      const fields = new URLSearchParams(String(init?.body));
      heard.push(`${input} ${fields.get('EventType')} ${fields.get('CalledNumber')} ${fields.get('CallStatus')} ${fields.get('Bridged')}`);
      return new Response(null, { status: 204 });
    },
  });
  await signIn();
  for (const eventType of ['dial-in', 'dial-out', 'answer', 'hangup']) {
    const subscription = { url: 'https://a.test', method: 'POST', event_type: eventType };
    expect((await ask('POST', '/extension/34535/event/', subscription)).status).toBe(201);
  }
  host.subscribe('1', 'https://b.test');
  const { call_id: id } = await call();
  host.telephones.answer('agent', id);
  await clock.advance(4_000);
  host.telephones.hangUp('visitor', id);
  expect(heard).toEqual([
    'https://a.test dial-in 341 CALLING null',
    'https://a.test answer 341 ANSWER null',
    `https://a.test dial-out ${NUMBER} CALLING null`,
    `https://a.test hangup ${NUMBER} BUSY false`,
    'https://a.test hangup 341 ANSWER false',
  ]);
});

test('every number of an order is a leg of its own: whoever is not needed is told so, under the id of the call', async () => {
  const heard: string[] = [];
  const { host, ask, signIn } = open({
    fetch: async (_, init) => {
      const fields = new URLSearchParams(String(init?.body));
      heard.push(`${fields.get('EventType')} ${fields.get('CalledNumber')} ${fields.get('CallStatus')} ${fields.get('CallBackID')}`);
      return new Response(null, { status: 204 });
    },
  });
  await signIn();
  host.subscribe('34535', 'https://a.test');
  const answer = await ask('POST', '/extension/34535/callback/', { ...BODY, src_num: ['341', '342'] });
  const { call_id: id } = (await answer.json()) as { call_id: string };
  expect(host.answerAs('343', id)).toBe(false);
  expect(host.answerAs('342', id)).toBe(true);
  host.consult(id, '343', 'unanswered');
  expect(heard).toEqual([
    `dial-in 341 CALLING ${id}`,
    `dial-in 342 CALLING ${id}`,
    `answer 342 ANSWER ${id}`,
    `hangup 341 CANCEL ${id}`,
    `dial-in 343 CALLING ${id}`,
    `hangup 343 NOANSWER ${id}`,
  ]);
});

test('an extension tells whether a telephone is signed in', async () => {
  const { ask, signIn } = open({ extensions: { '34535': '12037*341', '34536': '12037*342' }, offline: ['34536'] });
  await signIn();
  expect(await (await ask('GET', '/extension/34535/registration/')).json()).toMatchObject({ registered: true });
  expect(await (await ask('GET', '/extension/34536/registration/')).json()).toEqual({ registered: false, registrations: [] });
  expect((await ask('GET', '/extension/1/registration/')).status).toBe(404);
});

test('the quota is counted by the hour, and two readings of the history at once are one too many', async () => {
  const { clock, ask, signIn } = open({ hourlyQuota: 3, historyMs: 500 });
  await signIn();
  const first = await ask('GET', '/client/@me/call_history/?page=1');
  expect([first.status, first.headers.get('x-ratelimit-remaining'), first.headers.get('x-ratelimit-reset')]).toEqual([200, '2', '3600']);
  expect(await (await ask('GET', '/client/@me/call_history/')).json()).toEqual({ message: expect.any(String) });
  await ask('GET', '/user/');
  const last = await ask('GET', '/user/');
  expect([last.status, await last.json()]).toMatchObject([429, { status: 'rate_limit_exceeded' }]);
  await clock.advance(3_599_000);
  await signIn();
  await clock.advance(1_000);
  expect((await ask('GET', '/user/')).status).toBe(200);
});
