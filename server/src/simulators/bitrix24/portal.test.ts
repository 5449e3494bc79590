import { expect, onTestFinished, test } from 'vitest';
import { fakeClock } from '../fake-clock.ts';
import { type Bitrix24PortalOptions, bitrix24Portal } from './portal.ts';
import { servePortal } from './serve-portal.ts';

const DIAL = 'voximplant.callback.start';
const ORDER = { FROM_LINE: 'reg1', TO_NUMBER: '+4915123456789', TEXT_TO_PRONOUNCE: 'Ring' };

function open(options: Partial<Bitrix24PortalOptions> = {}) {
  const clock = fakeClock();
  const portal = bitrix24Portal({ clock, userId: '1', webhookSecret: 's', lines: { reg1: 'Office', reg2: 'Shop' }, ...options });
  /** As JSON by webhook unless told otherwise. */
  async function ask(method: string, params: object = {}, path = `/rest/1/s/${method}`, headers: Record<string, string> = {}) {
    const init = { method: 'POST', body: JSON.stringify(params), headers: { 'Content-Type': 'application/json', ...headers } };
    const response = await portal.app.fetch(new Request(`http://portal.test${path}`, init));
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }
  return { clock, portal, ask };
}

const refusal = (status: number, error: string) => ({ status, body: { error, error_description: expect.any(String) } });

test('a success is the documented one', async () => {
  const { clock, portal, ask } = open({ random: () => 0.5 });
  const { status, body } = await ask(DIAL, ORDER);
  const seconds = clock.now() / 1000;
  expect(status).toBe(200);
  expect(body).toEqual({
    result: { RESULT: true, CALL_ID: `callback.${'8'.repeat(32)}.${seconds}` },
    time: {
      start: seconds,
      finish: seconds + 0.96,
      duration: 0.96,
      processing: 0.96,
      date_start: '2026-01-05T09:00:00+00:00',
      date_finish: '2026-01-05T09:00:00+00:00',
      operating_reset_at: seconds + 600,
      operating: 0.96,
    },
  });
  expect(portal.telephones.dials).toMatchObject([{ line: 'reg1', number: '+4915123456789', announcement: 'Ring', agent: 'ringing' }]);
});

test('both calling styles, suffixes, JSON, forms and queries', async () => {
  const { portal, ask } = open({ accessTokens: ['token'], expiredTokens: ['old'] });
  const form = (path: string, body: string) =>
    portal.app.fetch(new Request(`http://portal.test${path}`, { method: 'POST', body: new URLSearchParams(body) }));
  const encoded = new URLSearchParams(ORDER).toString();

  expect(await ask(DIAL, ORDER, `/rest/1/s/${DIAL}.json`)).toMatchObject({ status: 200 });
  expect(await ask(DIAL, { ...ORDER, auth: 'token' }, `/rest/${DIAL}`)).toMatchObject({ status: 200 });
  expect(await ask(DIAL, ORDER, `/rest/Voximplant.Callback.Start`, { Authorization: 'Bearer token' })).toMatchObject({ status: 200 });
  expect((await form(`/rest/1/s/${DIAL}`, encoded)).status).toBe(200);
  expect((await form(`/rest/${DIAL}?auth=token`, encoded)).status).toBe(200);
  expect((await portal.app.fetch(new Request(`http://portal.test/rest/1/s/${DIAL}?${encoded}`))).status).toBe(200);
  expect(portal.telephones.dials).toHaveLength(6);

  expect(await ask(DIAL, ORDER, `/rest/1/wrong/${DIAL}`)).toEqual(refusal(401, 'NO_AUTH_FOUND'));
  expect(await ask(DIAL, ORDER, `/rest/2/s/${DIAL}`)).toEqual(refusal(401, 'NO_AUTH_FOUND'));
  expect(await ask(DIAL, ORDER, `/rest/${DIAL}`)).toEqual(refusal(401, 'NO_AUTH_FOUND'));
  expect(await ask(DIAL, { ...ORDER, auth: 'old' }, `/rest/${DIAL}`)).toEqual(refusal(401, 'expired_token'));
  expect(await ask('no.such.method')).toEqual(refusal(404, 'ERROR_METHOD_NOT_FOUND'));
  expect(portal.telephones.dials).toHaveLength(6);
});

test('fifty requests at once, then two a second', async () => {
  const { clock, portal, ask } = open();
  const statuses = async (times: number) =>
    (await Promise.all(Array.from({ length: times }, () => ask('scope')))).map(({ status }) => status);
  expect(await statuses(50)).toEqual(Array.from({ length: 50 }, () => 200));
  expect(await ask(DIAL, ORDER)).toEqual(refusal(503, 'QUERY_LIMIT_EXCEEDED'));
  await clock.advance(1_000);
  expect(await statuses(3)).toEqual([200, 200, 503]);
  await clock.advance(3_600_000);
  expect(await statuses(51)).toEqual([...Array.from({ length: 50 }, () => 200), 503]);
  expect(portal.telephones.dials).toEqual([]);
});

test('eight minutes of work within ten are enough', async () => {
  const { clock, ask } = open();
  let calls = 0;
  let last = await ask(DIAL, ORDER);
  for (; last.status === 200; last = await ask(DIAL, ORDER)) {
    calls += 1;
    await clock.advance(500);
  }
  expect(calls).toBe(500);
  expect(last).toEqual(refusal(429, 'OPERATION_TIME_LIMIT'));
  expect(await ask('scope')).toMatchObject({ status: 200 });
  await clock.advance(600_000);
  expect(await ask(DIAL, ORDER)).toMatchObject({ status: 200 });
});

test('a staged fault meets the next requests of its method, in order, and no other', async () => {
  const { portal, ask } = open();
  portal.misbehave(DIAL, { kind: 'error', name: 'overload' }, 2);
  portal.misbehave(DIAL, { kind: 'answer', status: 200, contentType: 'application/json', body: '{}', executes: true });
  expect(await ask('scope')).toMatchObject({ status: 200 });
  expect(await ask(DIAL, ORDER)).toEqual(refusal(503, 'OVERLOAD_LIMIT'));
  expect(await ask(DIAL, ORDER)).toEqual(refusal(503, 'OVERLOAD_LIMIT'));
  expect(portal.telephones.dials).toHaveLength(0);
  expect(await ask(DIAL, ORDER)).toEqual({ status: 200, body: {} });
  expect(portal.telephones.dials).toHaveLength(1);
  expect((await ask(DIAL, ORDER)).body).toHaveProperty('result.CALL_ID');
  expect(portal.requests.map(({ method }) => method)).toEqual(['scope', DIAL, DIAL, DIAL, DIAL]);
});

test('a slow answer comes after its delay; the call is made at once', async () => {
  const { clock, portal, ask } = open();
  portal.misbehave(DIAL, { kind: 'slow', delayMs: 14_000 });
  let status = 0;
  const answer = ask(DIAL, ORDER).then((reply) => {
    status = reply.status;
  });
  await clock.advance(13_999);
  expect([status, portal.telephones.dials.length]).toEqual([0, 1]);
  await clock.advance(1);
  await answer;
  expect(status).toBe(200);
});

test('without a network too, a dropped or truncated answer is an error for whoever reads it', async () => {
  const { portal, ask } = open();
  portal.misbehave(DIAL, { kind: 'drop', executes: false });
  await expect(ask(DIAL, ORDER)).rejects.toThrow();
  portal.misbehave(DIAL, { kind: 'truncated' });
  await expect(ask(DIAL, ORDER)).rejects.toThrow();
  expect(portal.telephones.dials).toHaveLength(1);
});

test('each step of a call is posted once, as a form, with the token', async () => {
  const posts: Record<string, string>[] = [];
  const { clock, portal, ask } = open({
    events: {
      url: () => 'http://relay.test/events',
      token: 'secret',
      fetch: async (input, init) => {
        const request = new Request(input, init);
        expect(request.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
        posts.push(Object.fromEntries(new URLSearchParams(await request.text())));
        throw new TypeError('nobody there');
      },
    },
  });
  await ask(DIAL, ORDER);
  const callId = portal.telephones.dials[0]?.callId ?? '';
  portal.telephones.answer('agent', callId);
  await clock.advance(4_000);
  portal.telephones.answer('visitor', callId);
  await clock.advance(20_000);
  portal.telephones.hangUp('agent', callId);
  await clock.advance(0);

  expect(posts.map(({ event }) => event)).toEqual(['ONVOXIMPLANTCALLINIT', 'ONVOXIMPLANTCALLSTART', 'ONVOXIMPLANTCALLEND']);
  for (const post of posts) expect(post).toMatchObject({ 'data[CALL_ID]': callId, 'auth[application_token]': 'secret' });
  expect(posts[2]).toMatchObject({ 'data[CALL_FAILED_CODE]': '200', 'data[CALL_DURATION]': '20', 'data[COST]': '0.0100' });
});

test('statistics know ended calls only, and find them again', async () => {
  const { clock, portal, ask } = open();
  const rows = async (params: object) =>
    ((await ask('voximplant.statistic.get', params)).body.result as Record<string, string>[]).map(({ ID }) => ID);
  const ids: string[] = [];
  for (const number of ['+491511111111', '+491522222222', '+491511111111']) {
    await ask(DIAL, { ...ORDER, TO_NUMBER: number });
    ids.push(portal.telephones.dials.at(-1)?.callId ?? '');
    expect(await rows({ FILTER: { CALL_ID: ids.at(-1) } })).toEqual([]);
    portal.telephones.hangUp('agent', ids.at(-1) ?? '');
    await clock.advance(60_000);
  }
  const since = new Date(clock.now() - 90_000).toISOString();
  expect(await rows({})).toEqual(['1', '2', '3']);
  expect(await rows({ FILTER: { CALL_ID: ids[1] } })).toEqual(['2']);
  expect(await rows({ FILTER: { PHONE_NUMBER: '+491511111111', CALL_TYPE: 4 } })).toEqual(['1', '3']);
  expect(await rows({ FILTER: { PHONE_NUMBER: '+491511111111', CALL_TYPE: 4, '>=CALL_START_DATE': since } })).toEqual(['3']);
  expect(await rows({ FILTER: { CALL_TYPE: [1, 2] } })).toEqual([]);

  const query = `FILTER[PHONE_NUMBER]=%2B491522222222&FILTER[${encodeURIComponent('>=CALL_START_DATE')}]=2026-01-01`;
  const response = await portal.app.fetch(new Request(`http://portal.test/rest/1/s/voximplant.statistic.get?${query}`));
  expect(await response.json()).toMatchObject({
    total: 1,
    result: [{ ID: '2', CALL_FAILED_CODE: '603', CALL_DURATION: '0', PORTAL_NUMBER: 'reg1', COST: '0.0000' }],
  });
});

test('statistics come fifty at a time', async () => {
  const { clock, portal, ask } = open();
  for (let dialled = 0; dialled < 60; dialled += 1) {
    await ask(DIAL, ORDER);
    portal.telephones.hangUp('agent', portal.telephones.dials.at(-1)?.callId ?? '');
    await clock.advance(1_000);
  }
  const first = await ask('voximplant.statistic.get');
  expect(first.body).toMatchObject({ total: 60, next: 50 });
  expect(first.body.result).toHaveLength(50);
  const second = await ask('voximplant.statistic.get', { start: 50 });
  expect(second.body.result).toHaveLength(10);
  expect(second.body).not.toHaveProperty('next');
});

test('on a socket: answers, cuts connections for real, and closes with a request hanging', async () => {
  const { portal } = open();
  const served = await servePortal(portal);
  let isOpen = true;
  onTestFinished(() => (isOpen ? served.close() : undefined));
  const post = () => fetch(`${served.webhookUrl}${DIAL}`, { method: 'POST', body: new URLSearchParams(ORDER) });

  expect((await post()).status).toBe(200);
  portal.misbehave(DIAL, { kind: 'drop', executes: false });
  await expect(post()).rejects.toThrow('fetch failed');
  portal.misbehave(DIAL, { kind: 'truncated' });
  const half = await post();
  expect(half.status).toBe(200);
  await expect(half.text()).rejects.toThrow('terminated');
  expect(portal.telephones.dials).toHaveLength(2);

  portal.misbehave(DIAL, { kind: 'hang', executes: true });
  const hanging = expect(post()).rejects.toThrow('fetch failed');
  while (portal.telephones.dials.length < 3) await new Promise<void>((resolve) => setImmediate(resolve));
  await served.close();
  isOpen = false;
  await hanging;
});
