import { expect, onTestFinished, test } from 'vitest';
import { type AppAtPortal, appAtPortal, INSTALL_ADDRESS, RECORD_KEY } from '../../simulators/app-at-portal.ts';
import { APPLICATION_TOKEN, MEMBER_ID } from '../../simulators/bitrix24/application-world.ts';
import type { EventReading } from '../provider.ts';

const FORM = 'application/x-www-form-urlencoded';
const CALL_ID = 'callback.72f42b118e019a4cc47629ff60525f43.1773736077';

async function installed(): Promise<AppAtPortal> {
  const rig = appAtPortal();
  onTestFinished(() => rig.close());
  await rig.world.application.install(INSTALL_ADDRESS);
  return rig;
}

type Changes = Readonly<Record<string, string>>;

/** A delivery as a visitor sets it off: without anybody's tokens. */
function delivery(event: string, data: Changes, changes: Changes = {}): [string, string][] {
  const fields = {
    event,
    event_handler_id: '41',
    ...Object.fromEntries(Object.entries(data).map(([name, value]) => [`data[${name}]`, value])),
    ts: '1773234727',
    'auth[domain]': 'acme.bitrix24.com',
    'auth[server_endpoint]': 'https://oauth.bitrix.info/rest/',
    'auth[client_endpoint]': 'https://acme.bitrix24.com/rest/',
    'auth[member_id]': MEMBER_ID,
    'auth[application_token]': APPLICATION_TOKEN,
    ...changes,
  };
  return Object.entries(fields);
}

async function read({ app }: AppAtPortal, fields: [string, string][]): Promise<EventReading> {
  return app.provider.readEvent(FORM, new URLSearchParams(fields).toString());
}

const ASKED = { PHONE_NUMBER: '+14151234567', TEXT: '', VOICE: '', CRM_ENTITY_TYPE: 'CONTACT', CRM_ENTITY_ID: '5785', LINE_NUMBER: '7' };
const ask = (changes: Changes = {}, data: Changes = ASKED) => delivery('ONEXTERNALCALLBACKSTART', data, changes);

test('how a call goes on is read as from a webhook', async () => {
  const rig = await installed();
  const end = delivery('ONVOXIMPLANTCALLEND', { CALL_ID, CALL_FAILED_CODE: '304', CALL_DURATION: '0' });
  expect(await read(rig, end)).toMatchObject({ kind: 'event', event: { ref: CALL_ID, news: { kind: 'end', end: 'missed' } } });
  expect(await read(rig, delivery('OnVoximplantCallStart', { CALL_ID, USER_ID: '1' }))).toMatchObject({
    kind: 'event',
    event: { ref: CALL_ID, news: { kind: 'step', step: 'agent_answered' } },
  });
  expect(await read(rig, delivery('ONEXTERNALCALLSTART', { CALL_ID: 'externalCall.1.1' }))).toEqual({ kind: 'ignored' });
});

test("a request in the portal's own form", async () => {
  const rig = await installed();
  expect(await read(rig, ask())).toEqual({
    kind: 'request',
    request: {
      key: expect.stringMatching(/^[\da-f]{64}$/),
      askedAt: 1_773_234_727_000,
      phone: '+14151234567',
      line: '7',
      crm: { type: 'CONTACT', id: '5785' },
    },
  });
  const bare = { ...ASKED, LINE_NUMBER: '', CRM_ENTITY_TYPE: '', CRM_ENTITY_ID: '' };
  expect(await read(rig, ask({}, bare))).toMatchObject({ request: { line: undefined, crm: undefined } });
  for (const ts of ['', '0', '-1', 'soon', 'Infinity']) {
    expect(await read(rig, ask({ ts }))).toMatchObject({ request: { askedAt: undefined } });
  }
  expect(await read(rig, ask({}, { ...ASKED, PHONE_NUMBER: ' ' }))).toEqual({ kind: 'ignored' });
});

test('the same request has the same key however it is written, and any other has another', async () => {
  const rig = await installed();
  const keyOf = async (fields: [string, string][]) => {
    const reading = await read(rig, fields);
    return reading.kind === 'request' ? reading.request.key : reading.kind;
  };
  const key = await keyOf(ask());
  expect(await keyOf(ask().reverse())).toBe(key);
  // Another handler and other tokens are another delivery of the same thing.
  expect(await keyOf(ask({ event_handler_id: '42', 'auth[access_token]': 'some' }))).toBe(key);
  const json = {
    event: 'OnExternalCallbackStart'.toUpperCase(),
    data: ASKED,
    ts: '1773234727',
    auth: { member_id: MEMBER_ID, application_token: APPLICATION_TOKEN },
  };
  expect(await rig.app.provider.readEvent('application/json', JSON.stringify(json))).toMatchObject({ request: { key } });
  const others = [
    ask({ ts: '1773234728' }),
    ask({}, { ...ASKED, PHONE_NUMBER: '+14151234568' }),
    ask({}, { ...ASKED, CRM_ENTITY_ID: '5786' }),
    ask({}, { ...ASKED, LINE_NUMBER: '' }),
  ];
  const keys = await Promise.all(others.map(keyOf));
  expect(new Set([key, ...keys]).size).toBe(1 + others.length);
});

test.each([
  ['no token', { 'auth[application_token]': '' }],
  ['a guessed token', { 'auth[application_token]': 'guessed' }],
  ['part of the token', { 'auth[application_token]': APPLICATION_TOKEN.slice(0, -1) }],
  ['another tenant', { 'auth[member_id]': 'somebodyelse' }],
  ['no tenant', { 'auth[member_id]': '' }],
])('with %s an event is forged, whatever it says', async (_, changes) => {
  const rig = await installed();
  for (const event of ['ONEXTERNALCALLBACKSTART', 'ONVOXIMPLANTCALLEND', 'ONAPPUPDATE', 'ONAPPUNINSTALL', 'ONAPPINSTALL']) {
    expect(await read(rig, delivery(event, { ...ASKED, CALL_ID }, changes))).toEqual({ kind: 'forged' });
  }
});

test('before the application is installed, and after it is gone, every event is forged', async () => {
  const rig = appAtPortal();
  onTestFinished(() => rig.close());
  expect(await read(rig, ask())).toEqual({ kind: 'forged' });
  await rig.world.application.install(INSTALL_ADDRESS);
  expect(await read(rig, ask())).toMatchObject({ kind: 'request' });
  await rig.world.application.uninstall(false);
  expect(await read(rig, ask())).toEqual({ kind: 'forged' });
});

test('addresses and tokens that come with an event are left alone', async () => {
  const rig = await installed();
  const before = await rig.credentials.read(RECORD_KEY);
  const evil = {
    'auth[client_endpoint]': 'https://evil.example/rest/',
    'auth[server_endpoint]': 'https://evil.example/rest/',
    'auth[access_token]': 'evil',
    'auth[refresh_token]': 'evil',
  };
  await read(rig, ask(evil));
  await read(rig, delivery('ONAPPUPDATE', { VERSION: '2' }, evil));
  expect(await rig.credentials.read(RECORD_KEY)).toEqual(before);
  expect(rig.world.strangers).toEqual([]);
  expect(rig.world.oauth.exchanges).toHaveLength(1);
});
