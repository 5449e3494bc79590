import { expect, test } from 'vitest';
import { Secret } from '../../config/secret.ts';
import { fakeClock } from '../../simulators/fake-clock.ts';
import { type TelphinHostOptions, telphinHost } from '../../simulators/telphin/telphin-host.ts';
import { GARBAGE_ANSWERS } from '../garbage-answers.ts';
import type { DialOrder } from '../provider.ts';
import { telphin } from './telphin.ts';
import { telphinToken } from './telphin-token.ts';

const ORDER: DialOrder = { line: '34535', number: '+4915123456789', announcement: '', telphin: { srcNum: ['341'] } };

function pair(options: Partial<TelphinHostOptions> = {}) {
  const clock = fakeClock();
  const host = telphinHost({ clock, appId: 'a99', appSecret: 's3cr3t', extensions: { '34535': '12037*341' }, ...options });
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => host.app.fetch(new Request(input, init));
  const provider = telphin({ name: 'main', host: 'https://telphin.test', appId: 'a99', appSecret: new Secret('s3cr3t'), fetch, clock });
  return { clock, host, provider };
}

test('a token is used until shortly before it ends', async () => {
  const { clock, host, provider } = pair({ tokenLifetimeS: 600 });
  await provider.dial(ORDER);
  await clock.advance(569_000);
  await provider.dial(ORDER);
  expect(host.tokens.given).toHaveLength(1);
  await clock.advance(1_000);
  await provider.dial(ORDER);
  expect(host.tokens.given).toHaveLength(2);
});

test('a token whose end is not told is used until it is refused', async () => {
  const { clock, host, provider } = pair({ tokenLifetimeS: null });
  await provider.dial(ORDER);
  await clock.advance(30 * 24 * 3_600_000);
  await provider.dial(ORDER);
  expect(host.tokens.given).toHaveLength(1);
  host.tokens.takeBack();
  expect((await provider.dial(ORDER)).kind).toBe('placed');
  expect(host.tokens.given).toHaveLength(2);
  expect(host.telephones.dials).toHaveLength(3);
});

test('a lifetime of seconds does not have every request ask anew', async () => {
  const { host, provider } = pair({ tokenLifetimeS: 10 });
  await provider.dial(ORDER);
  await provider.dial(ORDER);
  expect(host.tokens.given).toHaveLength(1);
});

test('a new token is asked for once a dial, and the dial is sent twice at most', async () => {
  const { host, provider } = pair();
  host.misbehave('callback', { kind: 'error', name: 'tokenWrong' }, 5);
  expect(await provider.dial(ORDER)).toMatchObject({ kind: 'refused', fault: { code: 'token_refused', configuration: true } });
  expect(host.requests.map(({ resource }) => resource)).toEqual(['token', 'callback', 'token', 'callback']);
});

test('after a 401 that nobody but a proxy can have given, nothing is sent again', async () => {
  const { host, provider } = pair();
  host.misbehave('callback', { kind: 'answer', status: 401, contentType: 'text/html', body: '<h1>Sign in</h1>', executes: true });
  expect(await provider.dial(ORDER)).toMatchObject({ kind: 'uncertain' });
  expect(host.telephones.dials).toHaveLength(1);
});

test('only a 401 has the dial sent again', async () => {
  for (const name of ['accessDenied', 'notFound', 'quota', 'busy', 'badRequest', 'crash'] as const) {
    const { host, provider } = pair();
    host.misbehave('callback', { kind: 'error', name });
    await provider.dial(ORDER);
    expect(host.requests.filter(({ resource }) => resource === 'callback')).toHaveLength(1);
  }
});

test('a late 401 of an old token does not cost the new one', async () => {
  const { clock, host } = pair();
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => host.app.fetch(new Request(input, init));
  const tokens = telphinToken({
    name: 'main',
    origin: 'https://telphin.test',
    appId: 'a99',
    appSecret: new Secret('s3cr3t'),
    fetch,
    clock,
  });
  const first = await tokens.read();
  const old = first.ok ? first.token : '';
  tokens.reject(old);
  const second = await tokens.read();
  tokens.reject(old);
  expect(await tokens.read()).toEqual(second);
  expect(host.tokens.given).toHaveLength(2);
});

test('an unknown application is a fault in the set-up', async () => {
  const { host, provider } = pair({ appSecret: 'another' });
  expect(await provider.dial(ORDER)).toMatchObject({ kind: 'refused', fault: { code: 'app_refused', configuration: true } });
  expect(host.requests.map(({ resource }) => resource)).toEqual(['token']);
});

test.each(GARBAGE_ANSWERS)('instead of a token, $name ($status): proved not sent', async ({ name: _, ...answer }) => {
  const { host, provider } = pair();
  host.misbehave('token', { kind: 'answer', ...answer, executes: false });
  expect(await provider.dial(ORDER)).toMatchObject({ kind: 'not_sent', fault: { configuration: false } });
  expect(host.telephones.dials).toEqual([]);
  expect((await provider.dial(ORDER)).kind).toBe('placed');
});

test('no token in time: proved not sent, and the next dial asks anew', async () => {
  const { clock, host, provider } = pair();
  host.misbehave('token', { kind: 'hang', executes: true });
  const dialling = provider.dial(ORDER);
  await clock.advance(4_000);
  expect(await dialling).toMatchObject({ kind: 'not_sent', fault: { code: 'token_unavailable' } });
  expect((await provider.dial(ORDER)).kind).toBe('placed');
});

test('a token that comes when nobody waits for the call any more is for the next one', async () => {
  const { clock, host, provider } = pair();
  host.misbehave('token', { kind: 'slow', delayMs: 2_000 });
  const dialling = provider.dial({ ...ORDER, sendBefore: clock.now() + 2_000 });
  await clock.advance(2_000);
  expect(await dialling).toMatchObject({ kind: 'not_sent', fault: { code: 'out_of_time' } });
  expect(host.requests.map(({ resource }) => resource)).toEqual(['token']);
  expect((await provider.dial({ ...ORDER, sendBefore: clock.now() + 1 })).kind).toBe('placed');
});

test('after a 401 the deadline counts as well', async () => {
  const { clock, host, provider } = pair();
  await provider.dial(ORDER);
  host.tokens.takeBack();
  host.misbehave('token', { kind: 'slow', delayMs: 1_000 });
  const dialling = provider.dial({ ...ORDER, sendBefore: clock.now() + 1_000 });
  await clock.advance(1_000);
  expect(await dialling).toMatchObject({ kind: 'not_sent', fault: { code: 'out_of_time' } });
  expect(host.telephones.dials).toHaveLength(1);
});

test('a redirect of the token is not followed: the secret stays here', async () => {
  const { host, provider } = pair();
  host.misbehave('token', { kind: 'redirect', status: 307, location: 'https://elsewhere.test/' });
  expect(await provider.dial(ORDER)).toMatchObject({ kind: 'refused', fault: { code: 'host_moved' } });
});

test('a token that could break a header is none', async () => {
  const { host, provider } = pair();
  for (const token of ['', 'a b', 'a\r\nX: y', 'ü', 17]) {
    const body = JSON.stringify({ access_token: token, expires_in: 3600 });
    host.misbehave('token', { kind: 'answer', status: 200, contentType: 'application/json', body, executes: false });
    expect(await provider.dial(ORDER)).toMatchObject({ kind: 'not_sent', fault: { code: 'token_unavailable' } });
  }
});
