import { beforeEach, expect, test } from 'vitest';
import { type FakeClock, fakeClock } from '../fake-clock.ts';
import { type OauthServer, oauthServer } from './oauth-server.ts';

const TENANT = { memberId: 'm1', endpoint: () => 'https://acme.bitrix24.com/rest/' };
const HOUR_MS = 3_600_000;

let clock: FakeClock;
let oauth: OauthServer;

beforeEach(() => {
  clock = fakeClock();
  oauth = oauthServer({ clock, clientId: 'id', clientSecret: 'secret' });
});

async function exchange(
  refreshToken: string,
  changes: Record<string, string> = {},
  method: 'GET' | 'POST' = 'POST',
): Promise<Record<string, unknown>> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: 'id',
    client_secret: 'secret',
    refresh_token: refreshToken,
    ...changes,
  });
  const url = `${oauth.origin}/oauth/token/`;
  const request = method === 'GET' ? new Request(`${url}?${form}`) : new Request(url, { method, body: form });
  const response = await oauth.app.fetch(request);
  return { http: response.status, ...((await response.json()) as Record<string, unknown>) };
}

test('an exchange gives a new pair for the same portal, by POST and as documented by GET', async () => {
  const { refreshToken } = oauth.issue(TENANT);
  const first = await exchange(refreshToken);
  expect(first).toMatchObject({
    http: 200,
    expires_in: 3600,
    client_endpoint: TENANT.endpoint(),
    member_id: 'm1',
    domain: 'oauth.bitrix.info',
  });
  expect(await exchange(String(first.refresh_token), {}, 'GET')).toMatchObject({ http: 200 });
});

test('a refresh token is good for one exchange, and takes the old access token with it', async () => {
  const { accessToken, refreshToken } = oauth.issue(TENANT);
  expect(oauth.judge(accessToken, 'm1')).toBe('valid');
  const next = await exchange(refreshToken);
  expect(oauth.judge(accessToken, 'm1')).toBe('expired');
  expect(oauth.judge(String(next.access_token), 'm1')).toBe('valid');
  expect(await exchange(refreshToken)).toMatchObject({ http: 400, error: 'invalid_grant' });
  expect(oauth.exchanges.map(({ outcome }) => outcome)).toEqual(['granted', 'invalid_grant']);
});

test('an access token lives for an hour, in its own portal', async () => {
  const { accessToken } = oauth.issue(TENANT);
  expect(oauth.judge(accessToken, 'm2')).toBeUndefined();
  expect(oauth.judge('made-up', 'm1')).toBeUndefined();
  await clock.advance(HOUR_MS - 1);
  expect(oauth.judge(accessToken, 'm1')).toBe('valid');
  await clock.advance(1);
  expect(oauth.judge(accessToken, 'm1')).toBe('expired');
});

test.each([
  [{ client_id: 'other' }, 'invalid_client'],
  [{ client_secret: 'other' }, 'invalid_client'],
  [{ grant_type: 'password' }, 'invalid_request'],
  [{ refresh_token: 'made-up' }, 'invalid_grant'],
])('%o is refused, and uses nothing up', async (changes, error) => {
  const { refreshToken } = oauth.issue(TENANT);
  expect(await exchange(refreshToken, changes)).toMatchObject({ error });
  expect(await exchange(refreshToken)).toMatchObject({ http: 200 });
});

test('what is revoked is good for nothing', async () => {
  const { accessToken, refreshToken } = oauth.issue(TENANT);
  oauth.revoke('m1');
  expect(oauth.judge(accessToken, 'm1')).toBe('expired');
  expect(await exchange(refreshToken)).toMatchObject({ error: 'invalid_grant' });
});
