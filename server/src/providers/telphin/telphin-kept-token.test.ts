/** One token for everybody who works for an account, kept sealed in the store. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Secret } from '../../config/secret.ts';
import { type FakeClock, fakeClock } from '../../simulators/fake-clock.ts';
import { type TelphinHost, telphinHost } from '../../simulators/telphin/telphin-host.ts';
import { sealedCredentials } from '../../store/sealed-credentials.ts';
import { sqliteStore } from '../../store/sqlite-store.ts';
import type { Store } from '../../store/store.ts';
import { vault } from '../../store/vault.ts';
import type { Credentials } from '../credentials.ts';
import type { DialOrder } from '../provider.ts';
import { type TelphinProvider, type TelphinProviderOptions, telphin } from './telphin.ts';

const ORDER: DialOrder = { line: '34535', number: '+4915123456789', announcement: '', telphin: { srcNum: ['341'] } };
const SECRET = 's3cr3t';

let clock: FakeClock;
let host: TelphinHost;
let store: Store;
let credentials: Credentials;

beforeEach(() => {
  clock = fakeClock();
  host = telphinHost({ clock, appId: 'a99', appSecret: SECRET, extensions: { '34535': '12037*341' } });
  store = sqliteStore({ path: ':memory:', clock });
  credentials = sealedCredentials(store, vault(new Uint8Array(32).fill(5)));
});
afterEach(() => store.close());

/** Another process with the same settings, unless told otherwise. */
function make(changes: Partial<TelphinProviderOptions> = {}): TelphinProvider {
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => host.app.fetch(new Request(input, init));
  const application = { name: 'main', host: 'https://telphin.test', appId: 'a99', appSecret: new Secret(SECRET) };
  return telphin({ ...application, fetch, clock, credentials, ...changes });
}

test('whoever comes later goes on with the token that is kept', async () => {
  await make().dial(ORDER);
  expect(await make().lines()).toMatchObject({ ok: true });
  expect(host.tokens.given).toHaveLength(1);
  await clock.advance(3_570_000);
  await make().dial(ORDER);
  await make().dial(ORDER);
  expect(host.tokens.given).toHaveLength(2);
});

test('a token without an end is kept without one', async () => {
  host = telphinHost({ clock, appId: 'a99', appSecret: SECRET, extensions: { '34535': '12037*341' }, tokenLifetimeS: null });
  await make().dial(ORDER);
  await clock.advance(30 * 24 * 3_600_000);
  expect((await make().dial(ORDER)).kind).toBe('placed');
  expect(host.tokens.given).toHaveLength(1);
});

test('a token that the host takes back is replaced once for all', async () => {
  const [first, second, third] = [make(), make(), make()];
  for (const provider of [first, second, third]) await provider.dial(ORDER);
  host.tokens.takeBack();
  for (const provider of [first, second, third, make()]) expect((await provider.dial(ORDER)).kind).toBe('placed');
  expect(host.tokens.given).toHaveLength(2);
  expect(host.telephones.dials).toHaveLength(7);
});

test('of two who ask at once, both go on with the one that was kept first', async () => {
  const providers = [make(), make()];
  const outcomes = await Promise.all(providers.flatMap((provider) => Array.from({ length: 25 }, () => provider.dial(ORDER))));
  expect(outcomes.filter(({ kind }) => kind !== 'placed')).toEqual([]);
  expect(host.telephones.dials).toHaveLength(50);
  const given = host.tokens.given.length;
  expect(given).toBeLessThanOrEqual(2);
  expect(await keptText()).toContain(host.tokens.given[0]);
  for (const provider of [...providers, make()]) await provider.dial(ORDER);
  expect(host.tokens.given).toHaveLength(given);
});

test('neither token nor App Secret lies open', async () => {
  await make().dial(ORDER);
  const sealed = (await store.readCredential('telphin:main'))?.sealed ?? '';
  expect(sealed).not.toBe('');
  for (const secret of [host.tokens.given[0], SECRET]) expect(sealed).not.toContain(secret);
  expect(await keptText()).not.toContain(SECRET);
});

test('another host, application or secret takes nothing of it', async () => {
  await make().dial(ORDER);
  for (const changes of [{ host: 'https://elsewhere.test' }, { name: 'other' }]) await make(changes).dial(ORDER);
  expect(host.tokens.given).toHaveLength(3);
  for (const changes of [{ appSecret: new Secret('wrong') }, { appId: 'b00' }]) {
    expect(await make(changes).dial(ORDER)).toMatchObject({ kind: 'refused', fault: { code: 'app_refused' } });
  }
});

test('where the store cannot be read or written, calls go all the same', async () => {
  const fails = async () => Promise.reject(new Error('The disk is full.'));
  for (const broken of [
    { ...credentials, swap: fails },
    { read: fails, swap: fails },
    { ...credentials, swap: async () => false },
  ]) {
    const provider = make({ credentials: broken });
    const before = host.tokens.given.length;
    expect((await provider.dial(ORDER)).kind).toBe('placed');
    expect((await provider.dial(ORDER)).kind).toBe('placed');
    expect(host.tokens.given).toHaveLength(before + 1);
  }
});

async function keptText(): Promise<string> {
  return (await credentials.read('telphin:main'))?.text ?? '';
}
