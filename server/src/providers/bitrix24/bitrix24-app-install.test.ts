import { expect, onTestFinished, test } from 'vitest';
import {
  type AppAtPortal,
  type AppAtPortalOptions,
  appAtPortal,
  EVENT_ADDRESS,
  INSTALL_ADDRESS,
  RECORD_KEY,
} from '../../simulators/app-at-portal.ts';
import { APPLICATION_TOKEN, CLIENT_SECRET, MEMBER_ID } from '../../simulators/bitrix24/application-world.ts';
import type { Credentials } from '../credentials.ts';
import type { DialOrder } from '../provider.ts';
import { BOUND_EVENTS } from './bitrix24-app-bindings.ts';

const ORDER: DialOrder = { line: 'reg151083', number: '+4915123456789', announcement: 'A visitor asks for a call.' };

function stage(options: AppAtPortalOptions = {}): AppAtPortal {
  const rig = appAtPortal(options);
  onTestFinished(() => rig.close());
  return rig;
}

async function kept({ credentials }: AppAtPortal): Promise<unknown> {
  const text = (await credentials.read(RECORD_KEY))?.text;
  return text === undefined ? undefined : JSON.parse(text);
}

const install = async (rig: AppAtPortal, changes?: Record<string, string>) =>
  (await rig.world.application.install(INSTALL_ADDRESS, changes)).json();

test('before it is installed nothing is sent anywhere', async () => {
  const rig = stage();
  expect(await rig.app.provider.dial(ORDER)).toMatchObject({
    kind: 'refused',
    fault: { code: 'application_not_installed', configuration: true },
  });
  expect(await rig.app.provider.verify(ORDER.line)).toMatchObject([{ ok: false, code: 'application_not_installed' }]);
  expect(rig.world.portal.requests).toEqual([]);
});

test('an installation is verified, kept and bound, and then calls go out', async () => {
  const rig = stage();
  expect(await install(rig)).toEqual({ kind: 'installed', shown: false, frame: 'https://acme.bitrix24.com' });
  expect(rig.world.oauth.exchanges).toMatchObject([{ outcome: 'granted' }]);
  expect(rig.world.application.bindings).toEqual(BOUND_EVENTS.map((event) => ({ event, handler: EVENT_ADDRESS })));
  expect(await rig.app.provider.dial(ORDER)).toMatchObject({ kind: 'placed' });
  expect((await rig.app.provider.verify(ORDER.line)).filter(({ ok }) => !ok)).toEqual([]);
});

test('opened inside the portal it is installed too, and its page may stand in that portal alone', async () => {
  const rig = stage();
  const answer = await (await rig.world.application.open(INSTALL_ADDRESS)).json();
  expect(answer).toEqual({ kind: 'installed', shown: true, frame: 'https://acme.bitrix24.com' });
  expect(await rig.app.provider.verify(ORDER.line)).toMatchObject([{ ok: false, code: 'installation_unfinished' }]);
  rig.world.application.finish();
  expect((await rig.app.provider.verify(ORDER.line)).filter(({ ok }) => !ok)).toEqual([]);
  // Opened again, nothing needs to be exchanged or bound again.
  await rig.world.application.open(INSTALL_ADDRESS);
  expect(rig.world.oauth.exchanges).toHaveLength(1);
  expect(rig.world.application.bindings).toHaveLength(BOUND_EVENTS.length);
});

test.each([
  'https://oauth.bitrix.info.evil.example/rest/',
  'https://evil.example/oauth.bitrix.info/rest/',
  'http://oauth.bitrix.info/rest/',
  'https://oauth.bitrix.info@evil.example/rest/',
  'http://127.0.0.1:9/rest/',
  'http://169.254.169.254/latest/',
  'evil',
])('a delivery that names %s as the authorisation server: no secret goes anywhere', async (endpoint) => {
  const rig = stage();
  expect(await install(rig, { 'auth[server_endpoint]': endpoint })).toMatchObject({ kind: 'refused', code: 'foreign_server' });
  expect(await (await rig.world.application.open(INSTALL_ADDRESS, { SERVER_ENDPOINT: endpoint })).json()).toMatchObject({
    kind: 'refused',
    shown: true,
  });
  expect(rig.world.strangers).toEqual([]);
  expect(rig.world.oauth.exchanges).toEqual([]);
  expect(await kept(rig)).toBeUndefined();
});

test('the address that a delivery gives for the portal is not believed', async () => {
  const rig = stage();
  await install(rig, { 'auth[client_endpoint]': 'https://evil.example/rest/', 'auth[domain]': 'evil.example' });
  expect(await kept(rig)).toMatchObject({ tokens: { clientEndpoint: 'https://acme.bitrix24.com/rest/' } });
  await rig.app.provider.dial(ORDER);
  expect(rig.world.strangers).toEqual([]);
});

test('tokens that the authorisation server did not give install nothing', async () => {
  const rig = stage();
  expect(await install(rig, { 'auth[refresh_token]': 'made-up' })).toMatchObject({ kind: 'refused', code: 'tokens_refused' });
  expect(await install(rig, { 'auth[member_id]': 'somebodyelse' })).toMatchObject({ kind: 'refused', code: 'other_portal' });
  expect(await kept(rig)).toBeUndefined();
  expect(rig.world.application.bindings).toEqual([]);
});

test.each(['auth[refresh_token]', 'auth[application_token]', 'auth[member_id]'])(
  'a delivery without %s installs nothing',
  async (field) => {
    const rig = stage();
    expect(await install(rig, { [field]: '' })).toMatchObject({ kind: 'refused', code: 'nothing_handed_over' });
    expect(rig.world.oauth.exchanges).toEqual([]);
  },
);

test('the first portal stays: another is refused before anything is sent', async () => {
  const rig = stage();
  await install(rig);
  const before = await kept(rig);
  expect(await install(rig, { 'auth[member_id]': 'somebodyelse' })).toMatchObject({ kind: 'refused', code: 'other_portal' });
  expect(rig.world.oauth.exchanges).toHaveLength(1);
  expect(await kept(rig)).toEqual(before);
});

test('where the settings name a portal, no other can install it', async () => {
  const rig = stage({ memberId: 'thewantedone' });
  expect(await install(rig)).toMatchObject({ kind: 'refused', code: 'other_portal' });
  expect(rig.world.oauth.exchanges).toEqual([]);
  const named = stage({ memberId: MEMBER_ID });
  expect(await install(named)).toMatchObject({ kind: 'installed' });
});

test('the same delivery twice is one installation', async () => {
  const rig = stage();
  const pair = rig.world.oauth.issue({ memberId: MEMBER_ID, endpoint: () => 'https://acme.bitrix24.com/rest/' });
  const changes = { 'auth[refresh_token]': pair.refreshToken };
  expect(await install(rig, changes)).toMatchObject({ kind: 'installed' });
  const before = await kept(rig);
  expect(await install(rig, changes)).toMatchObject({ kind: 'installed' });
  expect(await kept(rig)).toEqual(before);
  // Whoever only knows the used token learns nothing and changes nothing.
  expect(await install(rig, { ...changes, 'auth[application_token]': 'guessed' })).toMatchObject({
    kind: 'refused',
    code: 'tokens_refused',
  });
  expect(await kept(rig)).toEqual(before);
});

test('an authorisation server that is out of order: come again', async () => {
  const rig = stage();
  rig.world.oauth.trouble({ kind: 'answer', status: 500, body: 'oops', executes: false });
  expect(await install(rig)).toMatchObject({ kind: 'refused', mayRepeat: true });
  expect(await install(rig)).toMatchObject({ kind: 'installed' });
});

test.each([
  ['the portal delivers it again', async (rig: AppAtPortal, changes: Record<string, string>) => void (await install(rig, changes))],
  [
    'the relay looks for work',
    async ({ app, clock }: AppAtPortal) => {
      await clock.advance(5_000);
      await app.provider.keepUp?.();
    },
  ],
])('a store that is away when the application is installed: come again, and it is kept when %s', async (_, act) => {
  let isAway = true;
  const away = (credentials: Credentials): Credentials => ({
    ...credentials,
    swap: async (...asked) => {
      if (isAway) throw new Error('disk');
      return credentials.swap(...asked);
    },
  });
  const rig = stage({ wrap: away });
  const pair = rig.world.oauth.issue({ memberId: MEMBER_ID, endpoint: () => 'https://acme.bitrix24.com/rest/' });
  const changes = { 'auth[refresh_token]': pair.refreshToken };
  expect(await install(rig, changes)).toMatchObject({ kind: 'refused', code: 'store_unavailable', mayRepeat: true });
  // Who only knows the token that is used up gets nothing by it.
  expect(await install(rig, { ...changes, 'auth[application_token]': 'guessed' })).toMatchObject({ code: 'tokens_refused' });
  isAway = false;
  await act(rig, changes);
  expect(await rig.app.provider.dial(ORDER)).toMatchObject({ kind: 'placed' });
  expect(rig.world.application.bindings).toHaveLength(BOUND_EVENTS.length);
});

test('who waits for a page is shown one where the store is away', async () => {
  const away = (credentials: Credentials): Credentials => ({ ...credentials, swap: () => Promise.reject(new Error('disk')) });
  const answer = await (await stage({ wrap: away }).world.application.open(INSTALL_ADDRESS)).json();
  expect(answer).toMatchObject({ kind: 'refused', shown: true, mayRepeat: true });
});

test('what could not be bound is said, and bound when the application is opened', async () => {
  const rig = stage();
  rig.world.portal.misbehave('event.bind', { kind: 'error', name: 'internalError' });
  expect(await install(rig)).toMatchObject({ kind: 'installed', message: expect.stringContaining('will not report') });
  expect(await rig.app.provider.verify(ORDER.line)).toContainEqual(expect.objectContaining({ ok: false, code: 'events_unbound' }));
  await rig.world.application.open(INSTALL_ADDRESS);
  expect(rig.world.application.bindings).toHaveLength(BOUND_EVENTS.length);
});

test('a renamed portal: the redirect is not followed, its new address is learnt from the authorisation server, and one telephone rings', async () => {
  const rig = stage();
  await install(rig);
  rig.world.rename('newname.bitrix24.com');
  expect(await rig.app.provider.dial(ORDER)).toMatchObject({ kind: 'placed' });
  expect(rig.world.portal.telephones.dials).toHaveLength(1);
  expect(await kept(rig)).toMatchObject({ tokens: { clientEndpoint: 'https://newname.bitrix24.com/rest/' } });
  expect(rig.world.oauth.exchanges.map(({ outcome }) => outcome)).toEqual(['granted', 'granted']);
});

test('opened after the portal was renamed, the page may stand in the frame of its new name', async () => {
  const rig = stage();
  await install(rig);
  rig.world.rename('newname.bitrix24.com');
  expect(await (await rig.world.application.open(INSTALL_ADDRESS)).json()).toMatchObject({ frame: 'https://newname.bitrix24.com' });
});

test('tokens that the portal does not take are put right by opening the application once, as the fault says', async () => {
  const rig = stage();
  await install(rig);
  const before = await rig.credentials.read(RECORD_KEY);
  const record = JSON.parse(before?.text ?? '') as { tokens: object };
  const stale = { ...record, tokens: { ...record.tokens, accessToken: 'unknown', refreshToken: 'unknown-too' } };
  await rig.credentials.swap(RECORD_KEY, before?.version, JSON.stringify(stale));
  const advice = { code: 'token_unknown', message: expect.stringContaining('Open the application in the portal once') };
  expect(await rig.app.provider.dial(ORDER)).toMatchObject({ kind: 'refused', fault: advice });
  const opened = await (await rig.world.application.open(INSTALL_ADDRESS)).json();
  expect(opened).toEqual({ kind: 'installed', shown: true, frame: 'https://acme.bitrix24.com' });
  expect(await rig.app.provider.dial(ORDER)).toMatchObject({ kind: 'placed' });
});

test('where the delivered token is no better, opening says what stands in the way', async () => {
  const rig = stage();
  await install(rig);
  rig.world.portal.misbehave('event.get', { kind: 'error', name: 'noAuth' });
  const opened = await (await rig.world.application.open(INSTALL_ADDRESS, { REFRESH_ID: 'made-up' })).json();
  expect(opened).toMatchObject({ kind: 'installed', shown: true, message: expect.stringContaining('token') });
  expect(await rig.app.provider.dial(ORDER)).toMatchObject({ kind: 'placed' });
});

test('a redirect that no new name explains costs one renewal, not one a call', async () => {
  const rig = stage();
  await install(rig);
  rig.world.portal.misbehave('voximplant.callback.start', { kind: 'redirect', status: 302, location: 'https://evil.example/' }, 5);
  for (let call = 0; call < 5; call++) {
    expect(await rig.app.provider.dial(ORDER)).toMatchObject({ kind: 'refused', fault: { code: 'portal_moved' } });
  }
  expect(rig.world.oauth.exchanges).toHaveLength(2);
  expect(rig.world.strangers).toEqual([]);
});

test('nothing that is said or logged holds a secret', async () => {
  const rig = stage();
  const answers = [await install(rig), await install(rig, { 'auth[refresh_token]': 'refresh-9-canary' })];
  rig.world.oauth.expireAll();
  rig.world.oauth.revoke(MEMBER_ID);
  answers.push(await rig.app.provider.dial(ORDER), await rig.app.provider.verify(ORDER.line));
  const said = JSON.stringify([answers, rig.log]);
  for (const secret of [CLIENT_SECRET, APPLICATION_TOKEN, 'access-', 'refresh-', ORDER.number]) expect(said).not.toContain(secret);
});
