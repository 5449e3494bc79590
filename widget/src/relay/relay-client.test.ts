import { expect, test } from 'vitest';
import { relayClient } from './relay-client.ts';

const ACCEPTED = { id: 'c', statusToken: 't', state: 'waiting', number: '+49 1', dialBefore: '2026-03-02T14:00:00Z', pollAfterMs: 1 };

test('asks what the contract describes, without cookies', async () => {
  const { relay, requests } = relayAnswering(() => Response.json({ ...ACCEPTED, countries: [], title: 'x', challenge: {} }));
  await relay.readSite('');
  await relay.readChallenge();
  await relay.readTexts('ru');
  await relay.postCall('key-1', '{"site":"shop"}');
  await relay.readCall('c', 't');
  await relay.cancelCall('c', 't');
  expect(requests.map(({ url, method }) => `${method} ${url}`)).toEqual([
    'GET https://relay.example/v1/sites/shop',
    'GET https://relay.example/v1/sites/shop/challenge',
    'GET https://relay.example/callback/ru.json',
    'POST https://relay.example/v1/calls',
    'GET https://relay.example/v1/calls/c',
    'DELETE https://relay.example/v1/calls/c',
  ]);
  for (const request of requests) expect(request.credentials).toBe('omit');
  const [site, challenge, texts, post, read, cancel] = requests;
  // No header that would need a preflight, for what is asked before anything is sent.
  for (const request of [site, challenge, texts]) expect([...(request?.headers ?? [])]).toEqual([]);
  expect(Object.fromEntries(post?.headers ?? [])).toEqual({ 'content-type': 'application/json', 'idempotency-key': 'key-1' });
  expect(await post?.text()).toBe('{"site":"shop"}');
  for (const request of [read, cancel]) expect(Object.fromEntries(request?.headers ?? [])).toEqual({ authorization: 'Bearer t' });
});

test('a hosted check has its page beside the rest', () => {
  expect(relayAnswering(() => Response.json({})).relay.checkAddress).toBe('https://relay.example/check/shop');
});

test('hands an answer through', async () => {
  const { relay } = relayAnswering(() => Response.json(ACCEPTED, { status: 202 }));
  expect(await relay.postCall('k', '{}')).toEqual({ kind: 'ok', value: ACCEPTED });
});

test.each([
  [{ 'Retry-After': '90' }, 90_000],
  [{}, 0],
  [{ 'Retry-After': 'Mon, 02 Mar 2026 14:00:00 GMT' }, 0],
])('a problem has a code and a time %j', async (headers, retryAfterMs) => {
  const { relay } = relayAnswering(() => Response.json({ code: 'rate_limited', title: 'x' }, { status: 429, headers }));
  expect(await relay.postCall('k', '{}')).toEqual({ kind: 'problem', code: 'rate_limited', retryAfterMs });
});

test('what is to be solved comes with the problem', async () => {
  const challenge = { kind: 'pow', parameters: { cost: 1 }, signature: 's' };
  const { relay } = relayAnswering(() => Response.json({ code: 'proof_required', title: 'x', challenge }, { status: 403 }));
  expect(await relay.postCall('k', '{}')).toEqual({ kind: 'problem', code: 'proof_required', retryAfterMs: 0, challenge });
});

test.each<[string, () => Response | Promise<Response>]>([
  ['no network', () => Promise.reject(new TypeError('Failed to fetch'))],
  ['an error page of a proxy', () => new Response('<h1>502</h1>', { status: 502 })],
  ['an error in JSON of somebody else', () => Response.json({ error: 'x' }, { status: 500 })],
  ['a success that is not the relay’s', () => Response.json({ hello: 1 })],
  ['null', () => Response.json(null)],
  ['a number', () => Response.json(7)],
  ['an empty success', () => new Response(null, { status: 204 })],
  ['a success cut short', () => new Response('{"id":"c","sta', { status: 202 })],
  ['a code with a success status', () => Response.json({ code: 'unavailable' })],
])('%s is unreachable', async (_name, answer) => {
  expect(await relayAnswering(answer).relay.postCall('k', '{}')).toEqual({ kind: 'unreachable' });
});

function relayAnswering(answer: () => Response | Promise<Response>) {
  const requests: Request[] = [];
  const fetch = async (url: RequestInfo | URL, init?: RequestInit) => {
    requests.push(new Request(url, init));
    return answer();
  };
  return { requests, relay: relayClient('https://relay.example', 'shop', fetch) };
}
