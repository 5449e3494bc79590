/** The contract from outside: requests in, responses out, over the real store. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Limits, SiteConfig } from '../config/config.ts';
import { PROBLEMS, type ProblemCode } from '../contract/problems.ts';
import type { LogEntry } from '../log.ts';
import type { DialOrder, Outcome, Provider } from '../providers/provider.ts';
import { type Relay, relay } from '../relay.ts';
import { exampleSite } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { plainProvider } from '../simulators/plain-provider.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';

const ORIGIN = 'https://shop.example';
const BASE = 'https://relay.example';
const site = exampleSite({ name: 'Oak & Ash', origins: [ORIGIN], provider: 'pbx', phone: '+49301234567', promiseSeconds: 30 });
const consenting: SiteConfig = {
  ...site,
  key: 'strict',
  origins: ['https://strict.example'],
  consent: { textId: 'v1', text: 'I agree.', url: undefined },
};
/** Nothing is limited but what a test sets itself. */
const NO_LIMITS: Limits = {
  number: [],
  numberCooldownMs: 0,
  source: [],
  sourceSoft: [],
  sourceNumbers: [],
  sourceNumbersSoft: [],
  site: [],
  deployment: [],
  shield: [],
};

let clock: FakeClock;
let store: Store;
let running: Relay;
let entries: LogEntry[];
let dials: DialOrder[];
let answer: Outcome;
let woken: number;

beforeEach(() => {
  clock = fakeClock();
  store = sqliteStore({ path: ':memory:', clock });
  entries = [];
  dials = [];
  woken = 0;
  answer = { kind: 'placed', ref: 'callback.1' };
  running = start();
});

afterEach(() => running.close());

function configured(over: Partial<Parameters<typeof relay>[0]['config']> = {}): Parameters<typeof relay>[0]['config'] {
  const minutes = 60_000;
  return {
    demo: false,
    ownPage: false,
    sites: new Map([
      ['default', site],
      ['strict', consenting],
    ]),
    limits: {
      ...NO_LIMITS,
      number: [{ max: 2, perMs: 15 * minutes }],
      numberCooldownMs: minutes,
      source: [{ max: 5, perMs: 60 * minutes }],
    },
    budget: { perDay: 1_000, timeZone: 'UTC' },
    deniedPrefixes: [],
    paused: false,
    ...over,
  };
}

function start(over: Partial<Parameters<typeof relay>[0]> = {}): Relay {
  return relay({
    config: configured(),
    store,
    providers: new Map([['pbx', provider()]]),
    secret: new Uint8Array(32).fill(9),
    clock,
    log: (entry) => entries.push(entry),
    version: '0.0.0',
    widget: { version: '0.0.0', script: 'console.log(1)', languages: new Map([['ru', '{"send":"…"}']]) },
    onDue: () => woken++,
    ...over,
  });
}

function provider(): Provider {
  return plainProvider(
    async (order) => {
      dials.push(order);
      return answer;
    },
    {
      problemOf: (fault) => (fault === 'bad_number' ? 'number_invalid' : undefined),
      readEvent: (_, body) =>
        body === 'forged' ? { kind: 'forged' } : { kind: 'event', event: { ref: 'callback.1', news: { kind: 'end', end: 'connected' } } },
    },
  );
}

interface Sent {
  body?: unknown;
  raw?: BodyInit;
  headers?: Record<string, string | undefined>;
  method?: string;
  path?: string;
  address?: string;
}

function send({ body, raw, headers = {}, method = 'POST', path = '/v1/calls', address = '203.0.113.7' }: Sent = {}) {
  const all: Record<string, string | undefined> = {
    origin: ORIGIN,
    'content-type': 'application/json',
    'idempotency-key': crypto.randomUUID(),
    ...headers,
  };
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const init: RequestInit & { duplex: 'half' } = { method, headers: given, duplex: 'half' };
  if (method === 'POST') init.body = raw ?? JSON.stringify(body ?? { site: 'default', phone: '0151 23456789' });
  return running.fetch(new Request(BASE + path, init), { address });
}

async function expectProblem(response: Response | Promise<Response>, code: ProblemCode, detail?: string) {
  const answered = await response;
  expect({ status: answered.status, ...(await answered.clone().json()) }).toMatchObject({
    status: PROBLEMS[code].status,
    code,
    ...(detail !== undefined && { detail }),
  });
  expect(answered.headers.get('content-type')).toBe('application/problem+json');
  expect(answered.headers.get('cache-control')).toBe('no-store');
  return answered;
}

const accepted = async (sent?: Sent) => (await (await send(sent)).json()) as { id: string; statusToken: string; number: string };
const follow = ({ id, statusToken }: { id: string; statusToken: string }, method = 'GET') =>
  send({ method, path: `/v1/calls/${id}`, headers: { authorization: `Bearer ${statusToken}`, 'content-type': undefined } });

describe('asking for a call', () => {
  test('is accepted, durably kept and wakes the drain', async () => {
    const response = await send();
    expect(response.status).toBe(202);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(response.headers.get('vary')).toContain('Origin');
    const body = await response.json();
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      statusToken: expect.stringMatching(/^[\w-]{22}$/),
      state: 'waiting',
      number: '+49 1512 3456789',
      dialBefore: new Date(clock.now() + 120_000).toISOString(),
      pollAfterMs: 1_000,
    });
    expect(await store.find(body.id)).toMatchObject({ state: 'accepted', dueStep: 'dial' });
    expect(woken).toBe(1);
  });

  test('fifty identical requests at once are one call with one answer', async () => {
    const key = crypto.randomUUID();
    const answers = await Promise.all(Array.from({ length: 50 }, () => accepted({ headers: { 'idempotency-key': key } })));
    expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(woken).toBe(1);
    await running.drain();
    expect(dials).toHaveLength(1);
  });

  test('the same key with another body is refused, and the call untouched', async () => {
    const key = crypto.randomUUID();
    await accepted({ headers: { 'idempotency-key': key } });
    await expectProblem(send({ headers: { 'idempotency-key': key }, body: { site: 'default', phone: '0151 23456780' } }), 'key_reused');
    await expectProblem(send({ headers: { 'idempotency-key': key }, body: { site: 'default', phone: '112' } }), 'key_reused');
    await running.drain();
    expect(dials).toHaveLength(1);
  });

  test('a proof that comes with the repeat does not make it another request', async () => {
    const key = crypto.randomUUID();
    const first = await accepted({ headers: { 'idempotency-key': key } });
    const again = await accepted({ headers: { 'idempotency-key': key }, body: { site: 'default', phone: '0151 23456789', proof: 'x' } });
    expect(again.id).toBe(first.id);
  });

  test('an accepted request stays accepted when the site stops serving its country', async () => {
    const key = crypto.randomUUID();
    const first = await accepted({ headers: { 'idempotency-key': key } });
    const config = configured({ sites: new Map([['default', { ...site, country: 'FR', countries: ['FR'] }]]), limits: NO_LIMITS });
    running = start({ config });
    const again = await accepted({ headers: { 'idempotency-key': key } });
    expect(again.id).toBe(first.id);
  });

  test('what the page read must be what the relay reads', async () => {
    await expectProblem(send({ body: { site: 'default', phone: '0151 23456789', expect: '+4915123456780' } }), 'number_mismatch');
    expect((await send({ body: { site: 'default', phone: '0151 23456789', expect: '+4915123456789' } })).status).toBe(202);
  });
});

describe('refusals', () => {
  const base = { site: 'default', phone: '0151 23456789' };
  test.each<[string, ProblemCode, string | undefined, Sent]>([
    ['no JSON', 'invalid_request', 'body', { raw: '{' }],
    ['an array', 'invalid_request', 'body', { raw: '[]' }],
    ['nothing', 'invalid_request', 'body', { raw: '' }],
    ['deep nesting', 'invalid_request', 'body', { raw: `${'['.repeat(500)}` }],
    ['bytes that are not UTF-8', 'invalid_request', 'body', { raw: new Uint8Array([0x7b, 0xff, 0x7d]) }],
    ['an unknown key', 'invalid_request', 'unknown field', { body: { ...base, admin: true } }],
    ['__proto__', 'invalid_request', 'unknown field', { raw: '{"__proto__":{"a":1},"site":"default","phone":"0151 23456789"}' }],
    ['no site', 'invalid_request', 'site', { body: { phone: '0151 23456789' } }],
    ['no phone', 'invalid_request', 'phone', { body: { site: 'default' } }],
    ['a phone that is no text', 'invalid_request', 'phone', { body: { ...base, phone: 4915123456789 } }],
    ['a phone of 33 characters', 'invalid_request', 'phone', { body: { ...base, phone: '0'.repeat(33) } }],
    ['a country in lower case', 'invalid_request', 'country', { body: { ...base, country: 'de' } }],
    ['a long name', 'invalid_request', 'name', { body: { ...base, name: 'x'.repeat(41) } }],
    ['a department that is not there', 'invalid_request', 'department', { body: { ...base, department: 'sales' } }],
    ['an unknown key inside page', 'invalid_request', 'page', { body: { ...base, page: { cookie: 'x' } } }],
    ['no key', 'invalid_request', 'Idempotency-Key', { headers: { 'idempotency-key': undefined } }],
    ['a key that is no UUID', 'invalid_request', 'Idempotency-Key', { headers: { 'idempotency-key': '1' } }],
    ['another site', 'unknown_site', 'site', { body: { ...base, site: 'nope' } }],
    ['a form', 'unsupported_media_type', undefined, { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['plain text', 'unsupported_media_type', undefined, { headers: { 'content-type': 'text/plain' } }],
    ['no origin', 'origin_not_allowed', undefined, { headers: { origin: undefined } }],
    ['a foreign origin', 'origin_not_allowed', undefined, { headers: { origin: 'https://evil.example' } }],
    ['an opaque origin', 'origin_not_allowed', undefined, { headers: { origin: 'null' } }],
    ['the origin of another site', 'origin_not_allowed', undefined, { headers: { origin: 'https://strict.example' } }],
    ['a longer origin', 'origin_not_allowed', undefined, { headers: { origin: `${ORIGIN}.evil.example` } }],
    ['the relay itself as origin', 'origin_not_allowed', undefined, { headers: { origin: BASE } }],
    ['a navigation', 'origin_not_allowed', undefined, { headers: { 'sec-fetch-mode': 'navigate' } }],
    ['no-cors', 'origin_not_allowed', undefined, { headers: { 'sec-fetch-mode': 'no-cors' } }],
    ['a body over 4 KiB', 'body_too_large', undefined, { body: { ...base, name: 'x'.repeat(4_100) } }],
    ['a lying length', 'body_too_large', undefined, { headers: { 'content-length': '10' }, raw: 'x'.repeat(5_000) }],
    ['an endless body', 'body_too_large', undefined, { raw: endless() }],
    ['a number that does not exist', 'number_invalid', 'phone', { body: { ...base, phone: '0151 23' } }],
    ['an emergency number', 'number_invalid', 'phone', { body: { ...base, phone: '112' } }],
    ['an extension', 'number_invalid', 'phone', { body: { ...base, phone: '0151 23456789 x5' } }],
    ['a premium number', 'number_refused', 'phone', { body: { ...base, phone: '0900 1 234567' } }],
    ['another country', 'number_refused', 'phone', { body: { ...base, phone: '+33 6 12 34 56 78' } }],
    ["the company's own number", 'number_refused', 'phone', { body: { ...base, phone: '030 1234567' } }],
    ['a slot that was never offered', 'slot_unavailable', 'at', { body: { ...base, at: '2026-12-01T10:00:00Z' } }],
    [
      'no consent where it is asked for',
      'consent_required',
      'consent',
      { body: { ...base, site: 'strict' }, headers: { origin: 'https://strict.example' } },
    ],
  ])('%s', async (_, code, detail, sent) => {
    await expectProblem(send(sent), code, detail);
    await running.drain();
    expect(dials).toEqual([]);
    expect(await store.nextDueAt()).toBeUndefined();
  });

  test('carry CORS headers, so that the page can read why', async () => {
    const response = await send({ body: { site: 'default', phone: '112' } });
    expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    const foreign = await send({ headers: { origin: 'https://evil.example' } });
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('a second call to one number says when to come back', async () => {
    await accepted();
    const response = await expectProblem(send(), 'rate_limited');
    expect(Number(response.headers.get('retry-after'))).toBe(140);
  });

  test('a source that asks too often is stopped, others are not', async () => {
    for (let at = 0; at < 5; at++) expect((await send({ body: { site: 'default', phone: `0151 2345678${at}` } })).status).toBe(202);
    const response = await expectProblem(send({ body: { site: 'default', phone: '0151 23456785' } }), 'rate_limited');
    expect(Number(response.headers.get('retry-after'))).toBe(3_600);
    expect((await send({ body: { site: 'default', phone: '0151 23456785' }, address: '203.0.113.8' })).status).toBe(202);
  });

  test('a store that fails closes', async () => {
    running = start({ store: { ...store, accept: () => Promise.reject(new Error('secret detail +4915123456789')) } });
    const response = await expectProblem(send(), 'unavailable');
    expect(response.headers.get('retry-after')).toBe('30');
    expect(JSON.stringify(entries)).not.toContain('secret detail');
  });
});

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1_000).fill(120)) });
}

describe('following a call', () => {
  test('tells how it stands, to whoever holds its token', async () => {
    const call = await accepted();
    expect(await (await follow(call)).json()).toEqual({ id: call.id, state: 'waiting', pollAfterMs: 1_000, final: false });
    await running.drain();
    expect(await (await follow(call)).json()).toMatchObject({ state: 'calling' });
  });

  test('a wrong token, another call and an unknown one are one answer', async () => {
    const [one, other] = [await accepted(), await accepted({ body: { site: 'default', phone: '0151 23456780' } })];
    const answers = [
      await follow({ id: one.id, statusToken: other.statusToken }),
      await follow({ id: one.id, statusToken: 'x' }),
      await follow({ id: crypto.randomUUID(), statusToken: one.statusToken }),
      await send({ method: 'GET', path: `/v1/calls/${one.id}` }),
    ];
    const bodies = await Promise.all(answers.map(async (each) => (await expectProblem(each, 'unknown_call')).text()));
    expect(new Set(bodies).size).toBe(1);
  });

  test('a failure names what the visitor may know', async () => {
    answer = { kind: 'refused', fault: { code: 'bad_number', message: 'x', problem: 'number_invalid', configuration: false } };
    const call = await accepted();
    await running.drain();
    expect(await (await follow(call)).json()).toEqual({
      id: call.id,
      state: 'failed',
      problem: 'number_invalid',
      pollAfterMs: 0,
      final: true,
    });
  });
});

describe('taking it back', () => {
  test('works before the dial, twice as well as once', async () => {
    const call = await accepted();
    expect(await (await follow(call, 'DELETE')).json()).toMatchObject({ state: 'cancelled', final: true });
    expect((await follow(call, 'DELETE')).status).toBe(200);
    await running.drain();
    expect(dials).toEqual([]);
  });

  test('is too late afterwards', async () => {
    const call = await accepted();
    await running.drain();
    await expectProblem(follow(call, 'DELETE'), 'too_late');
  });
});

describe('events', () => {
  const deliver = (path: string, body = '') => running.fetch(new Request(BASE + path, { method: 'POST', body }), { address: undefined });

  test('reach their call by the secret path alone', async () => {
    const call = await accepted();
    await running.drain();
    expect((await deliver('/events/pbx/wrong')).status).toBe(404);
    expect((await deliver(`/events/other/${running.eventPath('pbx').split('/').at(-1)}`)).status).toBe(404);
    expect((await deliver(running.eventPath('pbx'), 'forged')).status).toBe(403);
    expect(await (await follow(call)).json()).toMatchObject({ state: 'calling' });
    expect((await deliver(running.eventPath('pbx'))).status).toBe(204);
    expect(await (await follow(call)).json()).toMatchObject({ state: 'done', final: true });
  });
});

describe('the rest', () => {
  const get = (path: string, headers: Record<string, string> = {}) =>
    running.fetch(new Request(BASE + path, { headers }), { address: undefined });

  test('a preflight names exactly what is allowed', async () => {
    const response = await send({ method: 'OPTIONS', headers: { 'access-control-request-method': 'POST' } });
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-headers': 'authorization, content-type, idempotency-key',
      'access-control-max-age': '600',
    });
    expect(response.headers.has('access-control-allow-credentials')).toBe(false);
    await expectProblem(send({ method: 'OPTIONS', headers: { origin: 'https://evil.example' } }), 'origin_not_allowed');
  });

  test('the site view is cacheable and holds nothing private', async () => {
    const response = await get('/v1/sites/default', { origin: ORIGIN });
    expect(await response.json()).toEqual({
      site: 'default',
      name: 'Oak & Ash',
      open: true,
      timeZone: 'Europe/Berlin',
      country: 'DE',
      countries: ['DE'],
      departments: [],
      slots: [],
      promiseSeconds: 30,
      phone: { href: 'tel:+49301234567', text: '+49 30 1234567' },
      proof: false,
    });
    const etag = response.headers.get('etag') ?? '';
    expect((await get('/v1/sites/default', { origin: ORIGIN, 'if-none-match': etag })).status).toBe(304);
    await expectProblem(get('/v1/sites/nope'), 'unknown_site');
    await expectProblem(get('/v1/sites/default', { origin: 'https://evil.example' }), 'origin_not_allowed');
  });

  test('the script has a short-lived and an immutable address', async () => {
    const short = await get('/callback.js');
    expect(short.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(short.headers.get('cache-control')).toContain('max-age=300');
    const hash = short.headers.get('etag')?.replaceAll('"', '');
    const fixed = await get(`/callback/0.0.0.${hash}.js`);
    expect(await fixed.text()).toBe(await short.text());
    expect(fixed.headers.get('cache-control')).toContain('immutable');
    expect(fixed.headers.get('access-control-allow-origin')).toBe('*');
    expect((await get('/callback.js', { 'if-none-match': `"${hash}"` })).status).toBe(304);
    expect(await (await get('/callback/ru.json')).json()).toEqual({ send: '…' });
    expect((await get('/callback/xx.json')).status).toBe(404);
  });

  test('health says whether the store can be written to', async () => {
    expect((await get('/healthz')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(200);
    const broken = start({ store: { ...store, ping: () => Promise.reject(new Error('gone')) } });
    expect((await broken.fetch(new Request(`${BASE}/readyz`), { address: undefined })).status).toBe(503);
  });

  test('whoever asks for it within one second shares one look at the store', async () => {
    let pings = 0;
    const counted = start({ store: { ...store, ping: () => (++pings > 1 ? Promise.reject(new Error('gone')) : store.ping()) } });
    const ready = async () => (await counted.fetch(new Request(`${BASE}/readyz`), { address: undefined })).status;
    expect(await Promise.all(Array.from({ length: 50 }, ready))).toEqual(Array(50).fill(200));
    await clock.advance(999);
    expect([await ready(), pings]).toEqual([200, 1]);
    await clock.advance(1);
    expect([await ready(), pings]).toEqual([503, 2]);
  });

  test('the contract is published from the schemas', async () => {
    const document = await (await get('/openapi.json')).json();
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths)).toEqual(['/v1/calls', '/v1/calls/{id}', '/v1/sites/{site}', '/v1/sites/{site}/challenge']);
    expect(document.components.schemas.CallRequest.additionalProperties).toBe(false);
    expect(document.components.schemas.Problem.properties.code.enum).toEqual(Object.keys(PROBLEMS));
  });

  test('its own page may ask for calls only while no website has been named', async () => {
    const served = await (await get('/')).text();
    expect(served).toContain('relay.example/callback.js');
    expect(served).not.toContain('<script src="/callback.js"');
    await expectProblem(send({ headers: { origin: BASE } }), 'origin_not_allowed');
    running = start({
      config: configured({ ownPage: true, sites: new Map([['default', { ...site, origins: [] }]]), limits: NO_LIMITS }),
    });
    const page = await get('/');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(await page.text()).toContain('<script src="/callback.js"');
    expect((await send({ headers: { origin: BASE } })).status).toBe(202);
    await expectProblem(send({ headers: { origin: 'https://evil.example' } }), 'origin_not_allowed');
  });

  test('an unknown path is a problem too, and never a stack trace', async () => {
    const response = await get('/v1/nope');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });
});

test('no log line and no answer to a stranger holds the number', async () => {
  const response = await send();
  await send({ body: { site: 'default', phone: '0151 23456789', name: 'x'.repeat(50) } });
  await running.drain();
  expect(response.status).toBe(202);
  expect(JSON.stringify(entries)).not.toMatch(/23456789/);
});
