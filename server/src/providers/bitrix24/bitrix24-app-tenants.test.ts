/** One application in several portals: it has one address for installations, and each account gets what is its own. */
import { expect, onTestFinished, test } from 'vitest';
import type { Bitrix24AppConfig } from '../../config/config.ts';
import { Secret } from '../../config/secret.ts';
import { type AppAtPortal, appAtPortal, INSTALL_ADDRESS, RECORD_KEY } from '../../simulators/app-at-portal.ts';
import { CLIENT_ID, CLIENT_SECRET, MEMBER_ID, RELAY_ORIGIN } from '../../simulators/bitrix24/application-world.ts';
import type { InstallAnswer } from '../provider.ts';
import { installersOf, makeAccounts } from '../registry.ts';
import type { AppRecord, Installation } from './bitrix24-app-record.ts';

const FORM = 'application/x-www-form-urlencoded';
const ORDER = { line: 'reg151083', number: '+4915123456789', announcement: 'A visitor asks for a call.' };

interface Portal {
  memberId: string;
  address: string;
}

const ACME: Portal = { memberId: MEMBER_ID, address: 'https://acme.bitrix24.com' };
const OTHER: Portal = { memberId: 'b'.repeat(32), address: 'https://other.bitrix24.com' };
const THIRD: Portal = { memberId: 'c'.repeat(32), address: 'https://third.bitrix24.com' };

function stage(rig: AppAtPortal, named: Readonly<Record<string, Partial<Bitrix24AppConfig>>>) {
  onTestFinished(() => rig.close());
  const { clock, credentials, world } = rig;
  const app = { type: 'bitrix24_app', clientId: CLIENT_ID, clientSecret: new Secret(CLIENT_SECRET), memberId: undefined } as const;
  const accounts = makeAccounts(new Map(Object.entries(named).map(([name, portal]) => [name, { ...app, ...portal }])), {
    ...{ clock, credentials, log: () => {}, fetch: world.fetch, pacedFetch: world.fetch },
    eventPathOf: (account) => `/events/${account}/s3cret`,
  });
  const installers = installersOf(accounts);

  async function deliver(account: string, fields: Record<string, string>): Promise<InstallAnswer | undefined> {
    const eventAddress = `${RELAY_ORIGIN}/events/${account}/s3cret`;
    return installers.get(account)?.receive({ contentType: FORM, body: new URLSearchParams(fields).toString(), eventAddress });
  }

  return {
    deliver,
    provider: (account: string) => accounts.get(account)?.provider,
    /** To the address of an account, by a portal; `changes` lie. */
    install(account: string, { memberId, address }: Portal, changes: Record<string, string> = {}) {
      const pair = world.oauth.issue({ memberId, endpoint: () => `${address}/rest/` });
      return deliver(account, {
        ...{ event: 'ONAPPINSTALL', ts: String(clock.now() / 1000), 'auth[member_id]': memberId },
        ...{ 'auth[application_token]': `token-${memberId}`, 'auth[refresh_token]': pair.refreshToken, ...changes },
      });
    },
    async kept({ memberId }: Portal): Promise<AppRecord | undefined> {
      const text = (await credentials.read(`bitrix24_app:${CLIENT_ID}:${memberId}`))?.text;
      return text === undefined ? undefined : (JSON.parse(text) as AppRecord);
    },
  };
}

test('named by their member ids, two accounts have a portal each, whichever address the portals deliver to', async () => {
  const rig = appAtPortal();
  const { install, kept, provider } = stage(rig, { acme: { memberId: ACME.memberId }, other: { memberId: OTHER.memberId } });
  expect(await install('acme', OTHER)).toMatchObject({ kind: 'installed', frame: OTHER.address });
  expect(await install('acme', ACME)).toMatchObject({ kind: 'installed', frame: ACME.address, message: undefined });
  expect(await kept(OTHER)).toMatchObject({ memberId: OTHER.memberId, eventAddress: `${RELAY_ORIGIN}/events/other/s3cret` });
  expect(await kept(ACME)).toMatchObject({ memberId: ACME.memberId, eventAddress: `${RELAY_ORIGIN}/events/acme/s3cret` });

  expect(await provider('acme')?.dial(ORDER)).toMatchObject({ kind: 'placed' });
  await provider('other')?.dial(ORDER);
  expect(rig.world.strangers.at(-1)).toMatchObject({ url: `${OTHER.address}/rest/voximplant.callback.start` });
  expect(rig.world.portal.telephones.dials).toHaveLength(1);
});

test('named by their addresses, it is the address that the authorisation server names which counts, and later the member id', async () => {
  const rig = appAtPortal();
  const { install, kept } = stage(rig, { acme: { portal: ACME.address }, other: { portal: OTHER.address } });
  const lie = { 'auth[client_endpoint]': `${ACME.address}/rest/`, 'auth[domain]': new URL(ACME.address).host };
  expect(await install('acme', OTHER, lie)).toMatchObject({ kind: 'installed', frame: OTHER.address });
  expect(await install('other', ACME)).toMatchObject({ kind: 'installed', frame: ACME.address });
  expect([await kept(ACME), await kept(OTHER)]).toMatchObject([
    { eventAddress: `${RELAY_ORIGIN}/events/acme/s3cret` },
    { eventAddress: `${RELAY_ORIGIN}/events/other/s3cret` },
  ]);
  // Renamed to what the other was called.
  expect(await install('acme', { ...OTHER, address: ACME.address })).toMatchObject({ kind: 'installed' });
  expect(await kept(OTHER)).toMatchObject({
    eventAddress: `${RELAY_ORIGIN}/events/other/s3cret`,
    tokens: { clientEndpoint: `${ACME.address}/rest/` },
  });
});

test('a portal that no account is for is refused, and nothing is kept of it', async () => {
  const rig = appAtPortal();
  const { install, kept } = stage(rig, { acme: { memberId: ACME.memberId }, other: { portal: OTHER.address } });
  expect(await install('acme', THIRD)).toMatchObject({ kind: 'refused', code: 'other_portal' });
  expect(await install('acme', THIRD, { 'auth[member_id]': ACME.memberId })).toMatchObject({ kind: 'refused', code: 'other_portal' });
  expect(await install('acme', OTHER)).toMatchObject({ kind: 'installed' });
  const before = rig.world.oauth.exchanges.length;
  // Nobody is left whose it could be, so it is not even asked about.
  expect(await install('other', THIRD)).toMatchObject({ kind: 'refused', code: 'other_portal' });
  expect(rig.world.oauth.exchanges).toHaveLength(before);
  expect(await kept(THIRD)).toBeUndefined();
});

test("a portal's goodbye is its own, whichever address it comes to", async () => {
  const rig = appAtPortal();
  const { install, deliver, kept } = stage(rig, { acme: { memberId: ACME.memberId }, other: { portal: OTHER.address } });
  await install('acme', ACME);
  await install('acme', OTHER);
  const before = await kept(ACME);
  const goodbye = { event: 'ONAPPUNINSTALL', ts: '1999999999', 'data[CLEAN]': '1', 'auth[member_id]': OTHER.memberId };
  expect(await deliver('acme', { ...goodbye, 'auth[application_token]': `token-${ACME.memberId}` })).toMatchObject({ kind: 'refused' });
  expect(await kept(OTHER)).toBeDefined();
  expect(await deliver('acme', { ...goodbye, 'auth[application_token]': `token-${OTHER.memberId}` })).toEqual({ kind: 'heeded' });
  expect(await kept(OTHER)).toBeUndefined();
  expect(await kept(ACME)).toEqual(before);
  // The seat is free again, for a portal at that address.
  expect(await install('acme', { ...THIRD, address: OTHER.address })).toMatchObject({ kind: 'installed' });
});

test('what was kept for the account before is taken over, once, with the time that it lacked', async () => {
  const rig = appAtPortal();
  onTestFinished(() => rig.close());
  await rig.world.application.open(INSTALL_ADDRESS);
  const made = await rig.credentials.read(RECORD_KEY);
  const { bindings: _, ...record } = JSON.parse(made?.text ?? '') as Installation;
  const old = JSON.stringify({ ...record, installedTs: 0 });
  const seat = await rig.credentials.read('bitrix24_app:main');
  await rig.credentials.swap(RECORD_KEY, made?.version, undefined);
  await rig.credentials.swap('bitrix24_app:main', seat?.version, old);

  await rig.clock.advance(60_000);
  const rested = rig.another();
  expect((await Promise.all([rig.app, rested].map(({ provider }) => provider.dial(ORDER)))).map(({ kind }) => kind)).toEqual([
    'placed',
    'placed',
  ]);
  expect(JSON.parse((await rig.credentials.read(RECORD_KEY))?.text ?? '')).toEqual({ ...record, installedTs: rig.clock.now() / 1000 });

  // A process that died in the middle left the old text behind: newer tokens are not lost by it.
  rig.world.oauth.expireAll();
  await rig.app.provider.dial(ORDER);
  const renewed = await rig.credentials.read(RECORD_KEY);
  const now = await rig.credentials.read('bitrix24_app:main');
  await rig.credentials.swap('bitrix24_app:main', now?.version, old);
  expect(await rig.app.provider.dial(ORDER)).toMatchObject({ kind: 'placed' });
  expect(await rig.credentials.read(RECORD_KEY)).toEqual(renewed);
});
