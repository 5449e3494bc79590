import { expect, onTestFinished, test } from 'vitest';
import { Secret } from '../../config/secret.ts';
import { freshFetch } from '../../platforms/node-fetch.ts';
import { appAtPortal, INSTALL_ADDRESS, RECORD_KEY } from '../../simulators/app-at-portal.ts';
import { APPLICATION_TOKEN, CLIENT_ID, CLIENT_SECRET, MEMBER_ID } from '../../simulators/bitrix24/application-world.ts';
import { oauthServer } from '../../simulators/bitrix24/oauth-server.ts';
import { type Bitrix24Portal, bitrix24Portal } from '../../simulators/bitrix24/portal.ts';
import { portalApplication } from '../../simulators/bitrix24/portal-application.ts';
import { PORTAL_ERRORS, type PortalErrorName } from '../../simulators/bitrix24/portal-errors.ts';
import { serveApp, servePortal } from '../../simulators/bitrix24/serve-portal.ts';
import { type FakeClock, fakeClock } from '../../simulators/fake-clock.ts';
import type { Credentials } from '../credentials.ts';
import { type DocumentedError, type ProviderRig, providerSuite } from '../provider.suite.ts';
import type { DialOrder } from '../provider.ts';
import { MEANINGS, OWN_GARBAGE, OWN_READING_GARBAGE, setUp } from './bitrix24-answers.suite.ts';
import { bitrix24App } from './bitrix24-app.ts';
import { BOUND_EVENTS } from './bitrix24-app-bindings.ts';
import type { Installation } from './bitrix24-app-record.ts';

const DIAL = 'voximplant.callback.start';
const FIND = 'voximplant.statistic.get';
const ORDER: DialOrder = {
  line: 'reg151083',
  number: '+4915123456789',
  announcement: 'Somebody wants a call. Ünïcödé 📞',
  voice: 'ukenglishfemale',
};
/** Without its limit on requests at once: an order and its repeat are two. */
const PORTAL = { userId: '27', webhookSecret: 'n0ne', lines: { reg151083: 'Office' }, burst: 1_000 };
const EVENT_ADDRESS = 'https://relay.example/events/main/s3cret';

/** In memory, for one account. */
function credentialsWith(record: Installation): Credentials {
  const kept = new Map([
    ['bitrix24_app:main', { text: JSON.stringify({ memberId: record.memberId }), version: 1 }],
    [RECORD_KEY, { text: JSON.stringify(record), version: 1 }],
  ]);
  return {
    read: async (key) => kept.get(key),
    swap: async (key, known, text) => {
      if (known !== kept.get(key)?.version) return false;
      if (text === undefined) kept.delete(key);
      else kept.set(key, { text, version: (known ?? 0) + 1 });
      return true;
    },
  };
}

async function openRig(): Promise<ProviderRig> {
  const clock = fakeClock();
  let url = 'http://127.0.0.1:1';
  const oauth = oauthServer({ clock, origin: 'http://127.0.0.1:2', clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
  const servedOauth = await serveApp(oauth.app);
  const tenant = { memberId: MEMBER_ID, endpoint: () => `${url}/rest/` };
  const application = portalApplication({
    clock,
    oauth,
    memberId: MEMBER_ID,
    applicationToken: APPLICATION_TOKEN,
    address: () => url,
    fetch: freshFetch,
  });
  application.finish();
  const portal = bitrix24Portal({ clock, ...PORTAL, application });
  const served = await servePortal(portal);
  url = served.url;
  const blind = await servePortal(bitrix24Portal({ clock, ...PORTAL, application, rights: { callStatistics: false } }));
  const other = bitrix24Portal({ clock, ...PORTAL, application });
  const servedOther = await servePortal(other);
  const gone = await servePortal(other);
  await gone.close();
  const pair = oauth.issue(tenant);

  const at = (place: string) => {
    const tokens = { ...pair, clientEndpoint: `${place}/rest/`, authServer: servedOauth.url };
    const installation: Installation = {
      state: { kind: 'ready' },
      memberId: MEMBER_ID,
      applicationToken: APPLICATION_TOKEN,
      tokens,
      eventAddress: EVENT_ADDRESS,
      installedTs: 0,
    };
    return bitrix24App({
      name: 'main',
      clientId: CLIENT_ID,
      clientSecret: new Secret(CLIENT_SECRET),
      authServer: servedOauth.url,
      credentials: credentialsWith(installation),
      fetch: freshFetch,
      clock,
      log: () => {},
    });
  };
  const app = at(url);
  for (const event of BOUND_EVENTS) await app.client.call('event.bind', { event, handler: EVENT_ADDRESS });
  const asked = (wanted: string) => portal.requests.filter(({ method }) => method === wanted);

  return {
    provider: app.provider,
    clock,
    order: ORDER,
    secrets: [CLIENT_SECRET, APPLICATION_TOKEN, pair.accessToken, pair.refreshToken],
    misbehave: (behaviour) => portal.misbehave(DIAL, behaviour),
    // A token that has expired once is renewed, and no error.
    stageError: (name) => portal.misbehave(DIAL, { kind: 'error', name: name as PortalErrorName }, name === 'expiredToken' ? 2 : 1),
    withholdRef: () => portal.misbehave(DIAL, { kind: 'without_call_id' }),
    received: () => eventually(() => asked(DIAL).length > 0),
    counts: () => ({ received: asked(DIAL).length, executed: portal.telephones.dials.length }),
    lastOrder: () => readOrder(portal),
    floodedBytes: () => asked(DIAL).at(-1)?.floodedBytes ?? 0,
    elsewhere: { location: `${servedOther.url}/rest/${DIAL}`, received: () => other.requests.length },
    endCall: (how) => endCall(portal, clock, how),
    misbehaveReading: (behaviour) => portal.misbehave(FIND, behaviour),
    readingReceived: () => eventually(() => asked(FIND).length > 0),
    token: { spoil: () => oauth.expireAll(), given: () => oauth.exchanges.filter(({ outcome }) => outcome === 'granted').length },
    withoutLeaveToFind: () => at(blind.url).provider,
    misplaced: (place) => at(place === 'closed_port' ? gone.url : 'https://portal.invalid').provider,
    close: async () => {
      await Promise.all([served, servedOther, servedOauth, blind].map(({ close }) => close()));
    },
  };
}

async function endCall({ telephones }: Bitrix24Portal, clock: FakeClock, how: 'connected' | 'missed'): Promise<void> {
  if (how === 'missed') return clock.advance(30_000);
  const callId = telephones.dials.at(-1)?.callId ?? '';
  telephones.answer('agent', callId);
  await clock.advance(4_000);
  telephones.answer('visitor', callId);
  await clock.advance(61_000);
  telephones.hangUp('visitor', callId);
}

function readOrder(portal: Bitrix24Portal): DialOrder | undefined {
  const call = portal.telephones.dials.at(-1);
  return call && { line: call.line, number: call.number, announcement: call.announcement, voice: call.voice };
}

/** Lets the event loop turn until something has come through a socket; the test's own time limit ends it. */
async function eventually(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** An application has no webhook: two of its faults have names of their own. */
const OWN_MEANINGS: Partial<Record<PortalErrorName, Partial<DocumentedError>>> = {
  noAuth: setUp('token_unknown'),
  expiredToken: { ...setUp('token_expired'), received: 2 },
};

providerSuite('bitrix24_app', {
  open: openRig,
  documentedErrors: (Object.keys(PORTAL_ERRORS) as PortalErrorName[]).map((name) => ({
    name,
    ...MEANINGS[name],
    ...OWN_MEANINGS[name],
  })),
  usesToken: 'new_where_expired',
  whileRunning: 'nothing',
  ownReadingGarbage: OWN_READING_GARBAGE,
  ownGarbage: OWN_GARBAGE,
});

test('the token goes in the body, never in the address', async () => {
  const rig = appAtPortal();
  onTestFinished(() => rig.close());
  await rig.world.application.install(INSTALL_ADDRESS);
  const seen: string[] = [];
  const app = bitrix24App({
    name: 'main',
    clientId: CLIENT_ID,
    clientSecret: new Secret(CLIENT_SECRET),
    credentials: rig.credentials,
    fetch: (input, init) => {
      seen.push(`${String(input)} ${JSON.stringify(init?.headers)}`);
      return rig.world.fetch(input, init);
    },
    clock: rig.clock,
    log: () => {},
  });
  rig.world.oauth.expireAll();
  expect(await app.provider.dial(ORDER)).toMatchObject({ kind: 'placed' });
  expect(seen).toHaveLength(3);
  expect(seen.join('\n')).not.toMatch(/access-|refresh-|c4n4ry/);
});

test('a token that the portal takes for expired even when it is new is renewed once, and the call ends there', async () => {
  const rig = appAtPortal();
  onTestFinished(() => rig.close());
  await rig.world.application.install(INSTALL_ADDRESS);
  rig.world.portal.misbehave(DIAL, { kind: 'error', name: 'expiredToken' }, 2);
  expect(await rig.app.provider.dial(ORDER)).toMatchObject({ kind: 'refused', fault: { code: 'token_expired', configuration: true } });
  expect(rig.world.oauth.exchanges).toHaveLength(2);
  expect(rig.world.portal.telephones.dials).toEqual([]);
});

test('a portal that takes every token for expired costs one renewal in ten minutes, not one a call', async () => {
  const rig = appAtPortal();
  onTestFinished(() => rig.close());
  await rig.world.application.install(INSTALL_ADDRESS);
  rig.world.portal.misbehave(DIAL, { kind: 'error', name: 'expiredToken' }, 13);
  const dial = () => rig.app.provider.dial(ORDER);
  for (let call = 0; call < 10; call++) expect(await dial()).toMatchObject({ fault: { code: 'token_expired' } });
  expect(rig.world.oauth.exchanges).toHaveLength(2);
  await rig.clock.advance(600_000);
  expect(await dial()).toMatchObject({ fault: { code: 'token_expired' } });
  expect(rig.world.oauth.exchanges).toHaveLength(3);
  await rig.clock.advance(3_600_000);
  expect(await dial()).toMatchObject({ kind: 'placed' });
});

test('nothing is sent after the deadline, even if the token was renewed only then', async () => {
  const rig = appAtPortal();
  onTestFinished(() => rig.close());
  await rig.world.application.install(INSTALL_ADDRESS);
  rig.world.oauth.expireAll();
  const slow = rig.another((credentials) => ({
    ...credentials,
    async swap(...change) {
      rig.clock.set(rig.clock.now() + 1_000);
      return credentials.swap(...change);
    },
  }));
  const outcome = await slow.provider.dial({ ...ORDER, sendBefore: rig.clock.now() + 1_000 });
  expect(outcome).toMatchObject({ kind: 'not_sent', fault: { code: 'out_of_time' } });
  expect(rig.world.portal.requests.filter(({ method }) => method === DIAL)).toHaveLength(1);
  expect(rig.world.portal.telephones.dials).toEqual([]);
});

test('its pace is that of the portal in which it is installed, as soon as that is known', async () => {
  const rig = appAtPortal();
  onTestFinished(() => rig.close());
  expect(rig.app.provider.pace?.host).toBe('bitrix24-app:main');
  await rig.world.application.install(INSTALL_ADDRESS);
  await rig.app.client.call('app.info', {});
  const host = 'acme.bitrix24.com';
  expect(rig.app.provider.pace).toMatchObject({ host, perSecond: 2, burst: 50 });
  // Another process, and one that was started anew, know it before they dial.
  const { provider } = rig.another();
  await rig.clock.advance(0);
  expect(provider.pace?.host).toBe(host);
});
