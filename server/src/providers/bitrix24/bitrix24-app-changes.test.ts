/** What becomes of an installation later: updates, and its end, by whoever may say so. */
import { expect, onTestFinished, test } from 'vitest';
import {
  type AppAtPortal,
  type AppAtPortalOptions,
  appAtPortal,
  EVENT_ADDRESS,
  INSTALL_ADDRESS,
  RECORD_KEY,
} from '../../simulators/app-at-portal.ts';
import { APPLICATION_TOKEN, MEMBER_ID } from '../../simulators/bitrix24/application-world.ts';
import type { DialOrder } from '../provider.ts';
import { BOUND_EVENTS } from './bitrix24-app-bindings.ts';

const ORDER: DialOrder = { line: 'reg151083', number: '+4915123456789', announcement: 'A visitor asks for a call.' };
const FORM = 'application/x-www-form-urlencoded';

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

/** The end of an installation, as it could be made up or kept by somebody on the way. */
function goodbye(changes: Record<string, string> = {}): string {
  return new URLSearchParams({
    event: 'ONAPPUNINSTALL',
    'data[CLEAN]': '1',
    ts: '1999999999',
    'auth[member_id]': MEMBER_ID,
    'auth[application_token]': APPLICATION_TOKEN,
    ...changes,
  }).toString();
}

test('an update drops what was bound, and it is bound again', async () => {
  const rig = stage();
  await install(rig);
  await rig.world.application.update();
  expect(rig.world.application.bindings).toHaveLength(BOUND_EVENTS.length);
});

test('an update may bring another application token, which proves itself as an installation does', async () => {
  const rig = stage();
  await install(rig);
  await rig.world.application.update('another-t0ken');
  expect(rig.world.application.bindings).toHaveLength(BOUND_EVENTS.length);
  expect(await kept(rig)).toMatchObject({ applicationToken: 'another-t0ken', eventAddress: EVENT_ADDRESS });
  expect(await rig.app.provider.readEvent(FORM, goodbye())).toEqual({ kind: 'forged' });
  expect(await rig.app.provider.dial(ORDER)).toMatchObject({ kind: 'placed' });
});

test('an update with a token of its own and no proof changes nothing', async () => {
  const rig = stage();
  await install(rig);
  const before = await kept(rig);
  for (const changes of [
    {},
    { 'auth[refresh_token]': 'made-up' },
    { 'auth[refresh_token]': 'made-up', 'auth[server_endpoint]': 'https://evil.example/' },
  ]) {
    const body = goodbye({ event: 'ONAPPUPDATE', 'auth[application_token]': 'guessed', ...changes });
    expect(await rig.app.provider.readEvent(FORM, body)).toEqual({ kind: 'forged' });
  }
  expect(await kept(rig)).toEqual(before);
  expect(rig.world.strangers).toEqual([]);
});

test('uninstalled with leave to forget: nothing is kept, and anybody may install it', async () => {
  const rig = stage();
  await install(rig);
  await rig.world.application.uninstall(true);
  expect(await rig.store.readCredential(RECORD_KEY)).toBeUndefined();
  expect(await rig.app.provider.dial(ORDER)).toMatchObject({ fault: { code: 'application_not_installed' } });
});

test('uninstalled without: tokens are gone, and only the same portal comes back', async () => {
  const rig = stage();
  await install(rig);
  await rig.world.application.uninstall(false);
  expect(await kept(rig)).toEqual({ state: { kind: 'removed' }, memberId: MEMBER_ID });
  expect(await install(rig, { 'auth[member_id]': 'somebodyelse' })).toMatchObject({ kind: 'refused', code: 'other_portal' });
  expect(await install(rig)).toMatchObject({ kind: 'installed' });
});

test('forged, foreign and old goodbyes change nothing, at either address', async () => {
  const rig = stage();
  await install(rig);
  const before = await kept(rig);
  for (const changes of [
    { 'auth[application_token]': 'guessed' },
    { 'auth[application_token]': '' },
    { 'auth[member_id]': 'somebodyelse' },
    { 'auth[member_id]': '' },
  ]) {
    const body = goodbye(changes);
    expect(await rig.app.provider.readEvent(FORM, body)).toEqual({ kind: 'forged' });
    expect(await rig.app.installer.receive({ contentType: FORM, body, eventAddress: EVENT_ADDRESS })).toMatchObject({ kind: 'refused' });
  }
  // One of an installation before this one.
  expect(await rig.app.provider.readEvent(FORM, goodbye({ ts: '1000000000' }))).toEqual({ kind: 'ignored' });
  expect(await rig.app.provider.readEvent(FORM, goodbye({ ts: '' }))).toEqual({ kind: 'ignored' });
  expect(await kept(rig)).toEqual(before);
});

test('a goodbye of an installation before one that was made by opening changes nothing', async () => {
  const rig = stage();
  await rig.world.application.open(INSTALL_ADDRESS);
  const old = goodbye({ ts: String(rig.clock.now() / 1000) });
  await rig.clock.advance(1_000);
  await rig.world.application.uninstall(true);
  await rig.clock.advance(30 * 86_400_000);
  await rig.world.application.open(INSTALL_ADDRESS);
  const before = await kept(rig);
  for (const body of [old, ...['', '0', '-1', 'soon'].map((ts) => goodbye({ ts }))]) {
    expect(await rig.app.provider.readEvent(FORM, body)).toEqual({ kind: 'ignored' });
  }
  expect(await kept(rig)).toEqual(before);
  await rig.world.application.uninstall(true);
  expect(await kept(rig)).toBeUndefined();
});
