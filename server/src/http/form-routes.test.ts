/** The form without JavaScript from outside, over the real store and the real admission. */
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acceptGuards } from '../admission/limits.ts';
import { numberReader } from '../admission/number-policy.ts';
import { noProver } from '../admission/proof-none.ts';
import { purses } from '../admission/purses.ts';
import { shield } from '../admission/shield.ts';
import { callRules } from '../calls/call-rules.ts';
import { earlyNews } from '../calls/early-news.ts';
import { providerGate } from '../calls/provider-gate.ts';
import type { SiteConfig } from '../config/config.ts';
import type { LogEntry } from '../log.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { vault } from '../store/vault.ts';
import { formRoutes } from './form-routes.ts';
import { issueFormToken } from './form-token.ts';
import type { RelayContext, RelayEnv } from './relay-env.ts';

const BASE = 'https://relay.example';
const consent = { textId: 'v1', text: 'I agree.', url: 'https://shop.example/privacy' };
const sites = new Map<string, SiteConfig>(
  [
    exampleSite({ name: 'Oak & Ash', phone: '+49301234567', promiseSeconds: 30 }),
    exampleSite({ key: 'strict', countries: ['DE', 'AT'], consent }),
    exampleSite({ key: 'moscow', country: 'RU' }),
    exampleSite({ key: 'paused', phone: '+49301234567', paused: true }),
    exampleSite({ key: 'proving', phone: '+49301234567', proof: { mode: 'always', prover: { kind: 'pow' } } }),
    exampleSite({ key: 'call' }),
  ].map((site) => [site.key, site]),
);

let clock: FakeClock;
let store: Store;
let entries: LogEntry[];
let woken: number;
let app: Hono<RelayEnv>;

beforeEach(() => {
  clock = fakeClock();
  store = sqliteStore({ path: ':memory:', clock });
  entries = [];
  woken = 0;
  app = new Hono<RelayEnv>().route('/form', formRoutes(context()));
});

afterEach(() => store.close());

function context(changes: Partial<RelayContext> = {}): RelayContext {
  const safe = vault(new Uint8Array(32).fill(9));
  const switches = () => ({ paused: false, pausedSites: new Set(['paused']) });
  return {
    store,
    vault: safe,
    clock,
    log: (entry) => entries.push(entry),
    sites,
    providers: new Map(),
    rulesOf: callRules({ sites, cooldownMs: USUAL_LIMITS.numberCooldownMs, random: () => 0, switches }),
    early: earlyNews(clock),
    gate: providerGate(clock),
    notify: async () => {},
    readNumber: numberReader(sites.values()),
    guardFor: acceptGuards({ limits: USUAL_LIMITS, budget: { perDay: 1_000, timeZone: 'UTC' }, vault: safe }),
    proverOf: () => ({ ...noProver(), challenge: async () => ({ kind: 'pow', parameters: {}, signature: '' }) }),
    switches,
    reserve: purses({ perDay: 1_000, timeZone: 'UTC' }),
    shield: shield({ windows: USUAL_LIMITS.shield, clock }),
    version: '0.0.0',
    problemOf: () => undefined,
    widget: undefined,
    allowOwnOrigin: false,
    wake: () => woken++,
    ...changes,
  };
}

type Fields = Record<string, string>;

const from = (address = '203.0.113.7') => ({ address });
const open = (path = '/form/default', headers: Fields = {}) => app.request(BASE + path, { headers }, from());
const valueIn = (page: string, name: string) => new RegExp(`name="${name}"[^>]*?value="([^"]*)"`).exec(page)?.[1];

async function drawnToken(path = '/form/default', { ageMs = 10_000 } = {}): Promise<string> {
  const token = valueIn(await (await open(path)).text(), 'token') ?? '';
  await clock.advance(ageMs);
  return token;
}

interface Sent {
  path?: string;
  headers?: Fields;
  body?: BodyInit;
  address?: string;
}

async function send(fields: Fields, { path = '/form/default', headers = {}, body, address = '203.0.113.7' }: Sent = {}) {
  const type = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
  const init = { method: 'POST', headers: { ...type, ...headers }, body: body ?? new URLSearchParams(fields).toString() };
  return app.request(BASE + path, init, from(address));
}

const filled = async (fields: Fields = {}, path?: string): Promise<Fields> => ({
  token: await drawnToken(path),
  phone: '0151 23456789',
  name: '',
  ...fields,
});

/** Where the answer leads, as a browser would resolve it. */
function target(response: Response, path = '/form/default'): URL {
  expect(response.status).toBe(303);
  return new URL(response.headers.get('location') ?? '', BASE + path);
}

const callOf = (response: Response) => target(response).searchParams.get('id') ?? '';
const isRefused = (entry: LogEntry) => entry.event.endsWith('.refused');

describe('the form', () => {
  test('is a page that needs and allows nothing but itself', async () => {
    const response = await open();
    expect(response.status).toBe(200);
    const page = await response.text();
    const style = /<style>([\s\S]*)<\/style>/.exec(page)?.[1] ?? '';
    const hash = Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style))).toString('base64');
    expect(response.headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );
    expect(page).not.toMatch(/<script|style=|\son\w+=|https?:\/\//i);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.has('set-cookie')).toBe(false);
  });

  test('has a label for everything that can be filled in, and the right keyboard for a number', async () => {
    const page = await (await open('/form/strict')).text();
    const fields = [...page.matchAll(/<(?:input|select)([^>]*)>/g)].map(([, attributes = '']) => attributes);
    for (const field of fields.filter((attributes) => !attributes.includes('type="hidden"'))) {
      const id = / id="([^"]+)"/.exec(field)?.[1];
      expect(page).toContain(`<label for="${id}">`);
    }
    const phone = fields.find((field) => field.includes('name="phone"'));
    for (const attribute of ['type="tel"', 'inputmode="tel"', 'autocomplete="tel"', 'required', 'maxlength="32"']) {
      expect(phone).toContain(attribute);
    }
    expect(page).toContain('<button class="button main">Call me back</button>');
    expect(page).toContain('<html lang="en"');
  });

  test('offers the countries of the site by name, and the consent that it asks for', async () => {
    const page = await (await open('/form/strict')).text();
    expect(page).toContain('<option value="DE" selected>Germany (+49)</option>');
    expect(page).toContain('<option value="AT">Austria (+43)</option>');
    expect(page).toMatch(/type="checkbox" value="yes" required/);
    expect(page).not.toMatch(/type="checkbox"[^>]*checked/);
    expect(page).toContain('href="https://shop.example/privacy"');
    const single = await (await open()).text();
    expect(single).not.toContain('<select');
    expect(single).not.toContain('name="consent"');
    expect(single).toContain('href="tel:+49301234567"');
  });

  test.each([
    ['/form/default', {}, 'We call you back', 'en'],
    ['/form/default?lang=ru', { 'accept-language': 'en' }, 'Мы вам перезвоним', 'ru'],
    ['/form/default', { 'accept-language': 'ru,en;q=0.5' }, 'Мы вам перезвоним', 'ru'],
    ['/form/moscow', {}, 'Мы вам перезвоним', 'ru'],
    ['/form/moscow?lang=en', {}, 'We call you back', 'en'],
  ])('%s with %j says "%s"', async (path, headers, title, language) => {
    const response = await open(path, headers as Fields);
    expect(response.headers.get('content-language')).toBe(language);
    expect(await response.text()).toContain(`<h1>${title}</h1>`);
  });

  test.each([
    ['/form/nobody', 404, 'There is no form here'],
    ['/form/__proto__', 404, 'There is no form here'],
    ['/form/paused', 503, 'No calls right now'],
    ['/form/proving', 403, 'We cannot take this request here'],
  ])('%s is answered by %d and a sentence', async (path, status, sentence) => {
    const response = await open(path);
    expect(response.status).toBe(status);
    const page = await response.text();
    expect(page).toContain(sentence);
    expect(page).not.toContain('<form');
    expect(page.includes('href="tel:+49301234567"')).toBe(path !== '/form/nobody' && path !== '/form/__proto__');
  });
});

describe('sending it', () => {
  test('makes a call and leads to its page', async () => {
    const sent = await send(await filled({ name: 'Anna' }));
    const at = target(sent);
    expect(at.pathname).toBe('/form/default/call');
    expect(sent.headers.get('referrer-policy')).toBe('no-referrer');
    expect(sent.headers.get('cache-control')).toBe('no-store');
    const call = await store.find(callOf(sent));
    expect(call).toMatchObject({ site: 'default', state: 'accepted', country: 'DE', locale: 'en' });
    expect(woken).toBe(1);
    const page = await open(at.pathname + at.search);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('Request received');
  });

  test('keeps the language that was asked for', async () => {
    const sent = await send(await filled(), { path: '/form/default?lang=ru' });
    expect(target(sent).searchParams.get('lang')).toBe('ru');
    expect(await (await open(`/form/default/call${target(sent).search}`)).text()).toContain('Запрос принят');
  });

  test('of a site called "call" leads to the right page', async () => {
    const sent = await send(await filled({}, '/form/call'), { path: '/form/call' });
    expect(target(sent, '/form/call').pathname).toBe('/form/call/call');
  });

  test('twice, even at once, is one call', async () => {
    const fields = await filled({ name: 'Anna' });
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(fields)));
    expect(new Set(answers.map((answer) => target(answer).href)).size).toBe(1);
    await clock.advance(60_000);
    expect(callOf(await send(fields))).toBe(callOf(answers[0] as Response));
    expect(woken).toBe(1);
  });

  test('twice with a consent is one call, which keeps when it was first given', async () => {
    const fields = await filled({ country: 'DE', consent: 'yes' }, '/form/strict');
    const [first, second] = await Promise.all([send(fields, { path: '/form/strict' }), send(fields, { path: '/form/strict' })]);
    const givenAt = clock.now();
    await clock.advance(30_000);
    const third = await send(fields, { path: '/form/strict' });
    expect(new Set([first, second, third].map((answer) => callOf(answer))).size).toBe(1);
    const call = await store.find(callOf(third));
    const details = context().vault.open(call?.sealedDetails ?? '', call?.id ?? '');
    expect(JSON.parse(details)).toEqual({ consent: { textId: 'v1', givenAt: new Date(givenAt).toISOString() } });
  });

  test('again with another number asks first, and is a call of its own then', async () => {
    const fields = await filled();
    const first = await send(fields);
    const refused = await send({ ...fields, phone: '0151 23456780' });
    expect(refused.status).toBe(422);
    const page = await refused.text();
    expect(page).toContain('This form was sent before');
    const again = { ...fields, phone: '0151 23456780', token: valueIn(page, 'token') ?? '' };
    const second = await send(again, { address: '198.51.100.1' });
    expect(callOf(second)).not.toBe(callOf(first));
  });

  test('with a name in doubt makes the call without the name', async () => {
    const call = await store.find(callOf(await send(await filled({ name: '<b>$cv(x)' }))));
    expect(call?.sealedDetails).toBeUndefined();
  });

  test('takes a number of the chosen country', async () => {
    const fields = await filled({ phone: '0664 1234567', country: 'AT', consent: 'yes' }, '/form/strict');
    expect(await store.find(callOf(await send(fields, { path: '/form/strict' })))).toMatchObject({ country: 'AT' });
  });
});

describe('a refusal draws the form again with everything typed', () => {
  test.each<[string, Fields, number, RegExp]>([
    ['no number', { phone: '  ' }, 422, /<p class="wrong" id="phone-wrong">Please enter your phone number/],
    ['a number that does not exist', { phone: '0151 23' }, 422, /id="phone-wrong">This number does not exist/],
    ['a long number', { phone: '0'.repeat(200) }, 422, /id="phone-wrong">This number does not exist/],
    ['a premium number', { phone: '0900 1234567' }, 422, /id="phone-wrong">We cannot call this number/],
    ['the company itself', { phone: '030 1234567' }, 422, /id="phone-wrong">We cannot call this number/],
    ['another country', { phone: '+33 6 12 34 56 78' }, 422, /id="phone-wrong">We cannot call this number/],
  ])('%s', async (_, fields, status, sentence) => {
    const typed = await filled({ name: 'Anna Petrova', ...fields });
    const refused = await send(typed);
    expect(refused.status).toBe(status);
    const page = await refused.text();
    expect(page).toMatch(sentence);
    expect(page).toMatch(/aria-invalid="true" aria-describedby="phone-wrong" autofocus/);
    expect(page).toContain('<title>Error: ');
    expect(valueIn(page, 'name')).toBe('Anna Petrova');
    expect(valueIn(page, 'phone')).toBe((fields.phone ?? '').trim());
    expect(valueIn(page, 'token')).toBe(typed.token);
    expect(await store.nextDueAt()).toBeUndefined();
    expect(woken).toBe(0);
  });

  test('country and consent stay chosen, and mending it makes the call', async () => {
    const fields = await filled({ country: 'AT', phone: '', consent: 'yes' }, '/form/strict');
    const page = await (await send(fields, { path: '/form/strict' })).text();
    expect(page).toContain('<option value="AT" selected>');
    expect(page).toMatch(/type="checkbox" value="yes" required checked/);
    const mended = { ...fields, token: valueIn(page, 'token') ?? '', phone: '0664 1234567' };
    expect((await send(mended, { path: '/form/strict' })).status).toBe(303);
  });

  test('a consent that is missing, and a country that is not offered, which is never read as another', async () => {
    const fields = await filled({ country: 'FR' }, '/form/strict');
    const page = await (await send(fields, { path: '/form/strict' })).text();
    expect(page).toContain('id="consent-wrong">Please agree first');
    expect(page).toContain('id="country-wrong">Please choose a country');
    expect(page).toContain('<option value="" selected>');
    expect(await store.nextDueAt()).toBeUndefined();
  });

  test('a source that asked for half of what the widget may before a proof is due: here nobody can bring one', async () => {
    expect((await send(await filled())).status).toBe(303);
    const refused = await send(await filled({ phone: '0151 23456785' }));
    expect(refused.status).toBe(403);
    const page = await refused.text();
    expect(page).toContain('We cannot take this request here');
    expect(page).toContain('Please call us instead');
    expect(page).toContain('href="tel:+49301234567"');
    expect(valueIn(page, 'phone')).toBe('0151 23456785');
    expect((await send(await filled({ phone: '0151 23456786' }), { address: '198.51.100.1' })).status).toBe(303);
  });

  test('a proof that is due says so even where no challenge is to be had: none is asked for', async () => {
    let made = 0;
    const challenge = async () => {
      made += 1;
      return undefined;
    };
    app = new Hono<RelayEnv>().route('/form', formRoutes(context({ proverOf: () => ({ ...noProver(), challenge }) })));
    await send(await filled());
    const refused = await send(await filled({ phone: '0151 23456785' }));
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('We cannot take this request here');
    expect(made).toBe(0);
  });

  test('a number that is being called already', async () => {
    await send(await filled());
    const refused = await send(await filled(), { address: '198.51.100.1' });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.text()).toMatch(/Too many requests.*Please try again in \d+/s);
  });

  test('the store that fails: nothing accepted, nothing lost, and the same form again is one call', async () => {
    const broken = { ...store, accept: () => Promise.reject(new Error('+4915123456789')) };
    app = new Hono<RelayEnv>().route('/form', formRoutes(context({ store: broken })));
    const fields = await filled();
    const refused = await send(fields);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('30');
    const page = await refused.text();
    expect(page).toContain('Not confirmed');
    expect(valueIn(page, 'phone')).toBe('0151 23456789');
    expect(JSON.stringify(entries)).not.toContain('23456789');
    app = new Hono<RelayEnv>().route('/form', formRoutes(context()));
    expect((await send({ ...fields, token: valueIn(page, 'token') ?? '' })).status).toBe(303);
  });
});

describe('the token of the form', () => {
  test.each([
    ['too young', 'That was very quick', 1_000],
    ['too old', 'This page was open for a long time', 2 * 3_600_000],
  ])('%s: asks to press once more, and that is enough', async (_, sentence, ageMs) => {
    const fields = { phone: '0151 23456789', name: 'Anna', token: await drawnToken(undefined, { ageMs }) };
    const refused = await send(fields);
    expect(refused.status).toBe(403);
    const page = await refused.text();
    expect(page).toContain(sentence);
    expect(valueIn(page, 'name')).toBe('Anna');
    expect(await store.nextDueAt()).toBeUndefined();
    await clock.advance(1_000);
    expect((await send({ ...fields, token: valueIn(page, 'token') ?? '' })).status).toBe(303);
  });

  test.each<[string, () => Promise<string>]>([
    ['of another site', () => drawnToken('/form/moscow')],
    ['made up', async () => `${clock.now().toString(36)}.00000000-0000-4000-8000-000000000000.${'A'.repeat(22)}`],
    ['missing', async () => ''],
    ['of another relay', async () => issueFormToken('default', clock.now() - 10_000, vault(new Uint8Array(32).fill(8)))],
  ])('%s is refused without a trace', async (_, token) => {
    const refused = await send(await filled({ token: await token() }));
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('This form could not be recognized');
    expect(await store.nextDueAt()).toBeUndefined();
    expect(entries.filter(isRefused)).toEqual([expect.objectContaining({ event: 'form.refused', reason: 'token_forged' })]);
  });
});

describe('requests that no form of ours sends', () => {
  test.each<[string, number, Sent]>([
    ['JSON', 415, { headers: { 'content-type': 'application/json' } }],
    ['plain text', 415, { headers: { 'content-type': 'text/plain' } }],
    ['a multipart form', 415, { headers: { 'content-type': 'multipart/form-data; boundary=x' } }],
    ['a length above the limit', 413, { headers: { 'content-length': '4097' } }],
    ['a length that is no number', 400, { headers: { 'content-length': 'NaN' } }],
    ['a body above the limit', 413, { body: `name=${'x'.repeat(5_000)}` }],
    ['bytes that are not UTF-8', 400, { body: new Uint8Array([0x70, 0x3d, 0xff]) }],
    ['another site', 403, { headers: { 'sec-fetch-site': 'cross-site' } }],
    ['a sister site', 403, { headers: { 'sec-fetch-site': 'same-site' } }],
    ['an unknown field', 400, { body: 'phone=1&admin=1' }],
    ['a field twice', 400, { body: 'phone=1&phone=2' }],
  ])('%s: %d', async (_, status, sent) => {
    const fields = await filled();
    const response = await send(fields, sent);
    expect(response.status).toBe(status);
    expect(await store.nextDueAt()).toBeUndefined();
  });

  test.each([
    [undefined, 303],
    [BASE, 303],
    ['http://relay.example', 303],
    ['https://evil.example', 403],
    ['https://relay.example.evil.example', 403],
    ['https://relay.example:8443', 403],
    ['null', 403],
    ['', 403],
  ])('of a browser that only knows Origin: %s is answered by %d', async (origin, status) => {
    const fields = await filled();
    const headers: Fields = { 'content-type': 'application/x-www-form-urlencoded', ...(origin !== undefined && { origin }) };
    const body = new URLSearchParams(fields).toString();
    const response = await app.request(`${BASE}/form/default`, { method: 'POST', headers, body }, from());
    expect(response.status).toBe(status);
  });

  test('a flood of one source is turned away unread, with when to come back', async () => {
    const fields = await filled({ phone: '' });
    const answers = [];
    for (let nth = 0; nth < 31; nth++) answers.push(await send(fields));
    expect(answers.map(({ status }) => status).slice(29)).toEqual([422, 429]);
    expect(Number(answers[30]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answers[30]?.text()).toContain('Too many requests');
  });
});

describe('whatever is typed stays text', () => {
  const tagsOf = (page: string) => page.match(/<[!/]?\w+/g);

  test.each([
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    '" autofocus onfocus="alert(1)',
    '</textarea></title></style><script>alert(1)</script>',
    '<svg/onload=alert(1)>',
    '&quot;&gt;&lt;script&gt;',
    '`\u0024{alert(1)}`',
    'javascript:alert(1)',
    '\u202E<b>\u0000',
    '<meta http-equiv=refresh content="0;url=https://evil.example">',
    '{{7*7}}\u0024{7*7}',
    '<!--',
  ])('%s', async (attack) => {
    const harmless = await filled({ phone: 'x'.repeat(attack.length), name: 'x', country: 'x' }, '/form/strict');
    const plain = await (await send(harmless, { path: '/form/strict' })).text();
    const fields = await filled({ phone: attack, name: attack, country: attack, consent: attack }, '/form/strict');
    for (const token of [fields.token ?? '', attack]) {
      const page = await (await send({ ...fields, token }, { path: '/form/strict' })).text();
      if (token !== attack) expect(tagsOf(page)).toEqual(tagsOf(plain));
      expect(page).not.toMatch(/<(script|img|svg|b>|!--|meta http-equiv)/i);
      expect(valueIn(page, 'name')).not.toMatch(/[<>"']/);
    }
    for (const path of [`/form/${encodeURIComponent(attack)}`, `/form/default?lang=${encodeURIComponent(attack)}`]) {
      expect(await (await open(path)).text()).not.toMatch(/<(script|img|svg|b>|!--)|alert/i);
    }
    const call = `/form/default/call?id=${encodeURIComponent(attack)}&token=${encodeURIComponent(attack)}`;
    expect(await (await open(call)).text()).not.toMatch(/<(script|img|svg|b>|!--)|alert/i);
  });

  test('what the operator wrote as well', async () => {
    const hostile = exampleSite({ name: '<script>1</script>', consent: { textId: 'v', text: '<b>"\'&', url: 'https://a.example/?"><b>' } });
    app = new Hono<RelayEnv>().route('/form', formRoutes(context({ sites: new Map([['default', hostile]]) })));
    expect(await (await open()).text()).not.toMatch(/<script|<b>/);
  });
});

describe('the page of a call', () => {
  const accepted = async () => target(await send(await filled()));
  const show = (at: URL) => open(at.pathname + at.search);
  const cancel = (at: URL, headers: Fields = {}) => send({}, { path: at.pathname + at.search, headers });

  test('asks again by itself, seldom enough for the limits, and tells nobody its address', async () => {
    const response = await show(await accepted());
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const page = await response.text();
    expect(page).toContain('<meta http-equiv="refresh" content="4">');
    expect(page).toContain('Cancel the call');
    expect(page).not.toContain('23456789');
  });

  test('can be cancelled while nothing is dialled, twice as well as once', async () => {
    const at = await accepted();
    for (const headers of [{}, { 'sec-fetch-site': 'same-origin', origin: 'null' }]) {
      const response = await cancel(at, headers);
      expect(target(response, at.pathname).href.split('&token')[0]).toBe(at.href.split('&token')[0]);
    }
    expect(await store.find(at.searchParams.get('id') ?? '')).toMatchObject({ state: 'cancelled' });
    const page = await (await show(at)).text();
    expect(page).toContain('<h1>Cancelled</h1>');
    expect(page).toContain('href="../default"');
    expect(page).not.toContain('http-equiv');
    expect(page).not.toContain('Cancel the call');
  });

  test('cannot be cancelled once a dial is claimed', async () => {
    const at = await accepted();
    const id = at.searchParams.get('id') ?? '';
    await store.takeDue(1, (_, now) => ({ state: 'dialing', dueStep: 'dial', dueAt: now + 20_000 }));
    const response = await cancel(at);
    expect(response.status).toBe(409);
    // What was claimed may have been started, and may not.
    expect(await response.text()).toContain('Too late to cancel.');
    expect(await store.find(id)).toMatchObject({ state: 'dialing' });
    expect(await (await show(at)).text()).not.toContain('Cancel the call');
  });

  test('says what was reported, and no more', async () => {
    const at = await accepted();
    const [taken] = await store.takeDue(1, (_, now) => ({ state: 'dialing', dueStep: 'dial', dueAt: now + 20_000 }));
    const { id, fence } = taken?.taken ?? { id: '', fence: 0 };
    await store.settle(id, fence, { state: 'placed', placedAt: clock.now(), dueStep: 'check', dueAt: clock.now() + 1_000_000 });
    const started = await (await show(at)).text();
    expect(started).toContain('<h1>We have started calling</h1>');
    expect(started).not.toContain('<ol>');
    await store.amend(id, () => ({ step: 'agent_answered' }));
    const page = await (await show(at)).text();
    expect(page).toContain('<li class="now" aria-current="step">Our team has answered</li><li class="next">Your phone rings</li>');
    await store.amend(id, (_, now) => ({ state: 'missed', endedAt: now }));
    expect(await (await show(at)).text()).toContain('The call did not come about');
  });

  test.each([
    ['an end that nobody knows', { state: 'ended_unknown' }, 'Not confirmed', 'We do not know whether you were put through.'],
    ['a call without the money for it', { state: 'missed', fault: 'funds_missing' }, 'The call failed', 'We could not put you through.'],
  ] as const)('tells %s as what it is', async (_, end, title, text) => {
    const at = await accepted();
    const [taken] = await store.takeDue(1, (_, now) => ({ state: 'dialing', dueStep: 'dial', dueAt: now + 20_000 }));
    const { id, fence } = taken?.taken ?? { id: '', fence: 0 };
    await store.settle(id, fence, { state: 'placed', placedAt: clock.now(), dueStep: 'check', dueAt: clock.now() + 1_000_000 });
    await store.amend(id, (_, now) => ({ ...end, endedAt: now }));
    const page = await (await show(at)).text();
    expect(page).toContain(`<h1>${title}</h1>`);
    expect(page).toContain(text);
    expect(page).toContain('Ask for another call');
    expect(page).not.toContain('http-equiv');
  });

  test('admits doubt when the deadline passes without news', async () => {
    const at = await accepted();
    await clock.advance(120_000);
    const page = await (await show(at)).text();
    expect(page).toContain('<h1>Not confirmed</h1>');
    expect(page).toContain('Ask for another call');
    expect(page).toContain('href="tel:+49301234567"');
  });

  test('shows nothing to strangers', async () => {
    const at = await accepted();
    const { searchParams } = at;
    for (const path of [
      '/form/default/call',
      `/form/default/call?id=${searchParams.get('id')}`,
      `/form/default/call?id=${searchParams.get('id')}&token=${'A'.repeat(22)}`,
      `/form/default/call?id=other&token=${searchParams.get('token')}`,
      `/form/moscow/call${at.search}`,
    ]) {
      expect((await open(path)).status, path).toBe(404);
      expect((await send({}, { path })).status, path).toBe(404);
    }
    expect((await cancel(at, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect(await store.find(searchParams.get('id') ?? '')).toMatchObject({ state: 'accepted' });
  });
});

test('no number and no name is logged', async () => {
  await send(await filled({ name: 'Anna Petrova' }));
  await send(await filled({ phone: '0900 1234567', name: 'Anna Petrova' }));
  await send(await filled({ phone: '0151', name: 'Anna Petrova', token: 'x' }));
  expect(entries.length).toBeGreaterThan(2);
  expect(JSON.stringify(entries)).not.toMatch(/23456789|1234567|Anna/);
});
