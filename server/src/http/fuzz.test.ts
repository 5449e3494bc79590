/** A hundred thousand requests as nobody should send them: whatever comes, the answer is one of the contract's, and soon. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Limits } from '../config/config.ts';
import { PROBLEMS } from '../contract/problems.ts';
import { relay } from '../relay.ts';
import { exampleSite } from '../simulators/example-site.ts';
import { fakeClock } from '../simulators/fake-clock.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import { vault } from '../store/vault.ts';
import { issueFormToken } from './form-token.ts';

const REQUESTS = 100_000;
const AT_ONCE = 200;
const SEED = 20_261_120;
const ORIGIN = 'https://shop.example';

/** A hundred thousand requests come from one address within a moment; what is looked for here lies behind the limits. */
const WIDE = [{ max: 1_000_000, perMs: 60_000 }];
const PLENTY = 1_000_000_000;
const SECRET = new Uint8Array(32).fill(3);
const safe = vault(SECRET);

const always = Array.from({ length: 7 }, () => [{ from: '00:00', until: '24:00' }]);
const site = exampleSite({
  provider: 'none',
  budget: { perCall: 1, perDay: PLENTY },
  countries: ['DE', 'US'],
  hours: { timeZone: 'Europe/Berlin', week: always, days: new Map() },
  slots: { everyMinutes: 30, capacity: 1_000, daysAhead: 2 },
  departments: new Map([['sales', { key: 'sales', name: 'Sales', line: undefined, announcement: undefined, hours: undefined }]]),
  calleeHours: { from: '08:00', until: '21:00' },
});

const clock = fakeClock();
const WIDE_LIMITS: Limits = {
  number: WIDE,
  numberCooldownMs: 0,
  source: WIDE,
  sourceSoft: [],
  sourceNumbers: [],
  sourceNumbersSoft: [],
  site: WIDE,
  deployment: WIDE,
  shield: [{ max: PLENTY, perMs: 60_000 }],
};

interface Sent {
  method: string;
  path: string;
  headers: [string, string][];
  body: string | Uint8Array<ArrayBuffer> | undefined;
}

const hostile = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\u202e9876543210',
    "' OR 1=1 --",
    '{{7*7}}',
    '$cv(SECRET)',
    '@{VAR}',
    '<script>alert(1)</script>',
    '{"a":1}',
    '../../etc/passwd',
    '%00',
    'null',
    'true',
    '٠١٥١٢٣٤٥٦٧٨',
    '+',
    '0'.repeat(32),
    'x'.repeat(5_000),
  ),
);
/** Slots, times that are none, and text that only looks like a time. */
const at = fc.oneof(
  fc.integer({ min: 0, max: 100 }).map((nth) => new Date(clock.now() + nth * 1_800_000).toISOString()),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constantFrom(
    '2026-01-05T12:00:00+01:00',
    '2026-01-05T12:00:00+23:59',
    '2026-01-05T24:00:00Z',
    '2026-02-30T12:00:00Z',
    '9999-12-31T23:59:59.999Z',
    '-000001-01-01T00:00:00Z',
    '2026-01-05T12:00:00.000000000000001Z',
    '2026-01-05 12:00',
  ),
);
const department = fc.constantFrom('sales', 'Sales', '', 'constructor', '__proto__', 'x'.repeat(64));
const anything = fc.oneof(hostile, fc.jsonValue({ maxDepth: 6 }));

const validBody = fc.record(
  {
    site: fc.constant('default'),
    phone: fc.oneof(
      fc.integer({ min: 0, max: 9_999_999 }).map((tail) => `0151 2${String(tail).padStart(7, '0')}`),
      fc.constantFrom('+49 151 23456789', '+1 212 555 2368', '0900 1 234567', '112', '+33 6 12 34 56 78', '030 1234567'),
    ),
    country: fc.constantFrom('DE', 'FR', 'ZZ'),
    expect: fc.constantFrom('+4915123456789', '+4915123456780'),
    name: fc.string({ maxLength: 40 }),
    locale: fc.constantFrom('en', 'ru'),
    page: fc.record({ url: fc.webUrl(), title: fc.string({ maxLength: 100 }) }),
    proof: fc.base64String({ maxLength: 200 }),
    at,
    department,
  },
  { requiredKeys: ['site', 'phone'] },
);

/** A valid body with one thing wrong, or text that never was JSON. */
const mutatedBody = fc.oneof(
  validBody.map((body) => JSON.stringify(body)),
  fc
    .integer({ min: 0, max: 9_999_999 })
    .map((tail) => JSON.stringify({ site: 'default', phone: `0151 2${String(tail).padStart(7, '0')}` })),
  fc
    .tuple(
      validBody,
      fc.constantFrom(
        'site',
        'phone',
        'country',
        'expect',
        'name',
        'page',
        'at',
        'consent',
        'department',
        'extra',
        '__proto__',
        'constructor',
      ),
      anything,
    )
    .map(
      ([body, key, value]) =>
        `{${[...Object.entries(body).filter(([name]) => name !== key), [key, value]].map(([name, each]) => `${JSON.stringify(name)}:${JSON.stringify(each)}`).join(',')}}`,
    ),
  validBody.chain((body) => fc.integer({ min: 0, max: 80 }).map((cut) => JSON.stringify(body).slice(0, cut))),
  anything.map((value) => JSON.stringify(value) ?? ''),
  hostile,
  fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(bytes)),
  fc.integer({ min: 1, max: 3_000 }).map((depth) => '['.repeat(depth)),
);

/** Header values as the platform's parser lets them through: printable, without line breaks. */
const headerValue = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).map((text) => text.trim()),
  fc.constantFrom('null', '*', ORIGIN, `${ORIGIN}.evil.example`, 'Bearer x', 'application/json', 'NaN', '-1', '1e9'),
);
const header = fc.tuple(
  fc.constantFrom(
    'origin',
    'content-type',
    'content-length',
    'idempotency-key',
    'authorization',
    'sec-fetch-mode',
    'x-forwarded-for',
    'if-none-match',
    'accept',
    'cookie',
  ),
  headerValue,
);

/** A form as the relay drew it, filled in properly, with one thing wrong, or as no form sends it. */
const drawnAt = clock.now() - 60_000;
const validForm = fc.record({
  token: fc.constant(undefined).map(() => issueFormToken('default', drawnAt, safe)),
  phone: fc.integer({ min: 0, max: 9_999_999 }).map((tail) => `0151 2${String(tail).padStart(7, '0')}`),
  name: fc.string({ maxLength: 40 }),
  at: fc.oneof(fc.constant(''), at),
  department: fc.oneof(fc.constant(''), department),
});
const formBody = fc.oneof(
  validForm.map((fields) => new URLSearchParams(fields).toString()),
  fc
    .tuple(validForm, fc.constantFrom('token', 'phone', 'country', 'name', 'consent', 'at', 'department', 'extra', '__proto__'), hostile)
    .map(([fields, name, value]) => new URLSearchParams({ ...fields, [name]: value }).toString()),
  fc.tuple(validForm, hostile).map(([fields, tail]) => `${new URLSearchParams(fields)}&${tail}`),
  hostile,
  fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(bytes)),
);
const formPath = fc.oneof(
  { weight: 6, arbitrary: fc.constant('/form/default') },
  {
    weight: 1,
    arbitrary: fc.oneof(
      fc.constantFrom(
        '/form/default/call',
        '/form/default/call?id=x&token=y',
        '/form/nope',
        '/form/',
        '/form/default?lang=ru',
        '/form/default?department=sales',
        '/form/%zz',
      ),
      fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map((text) => `/form/default?lang=${encodeURIComponent(text)}`),
    ),
  },
);
const formRequest: fc.Arbitrary<Sent> = fc
  .record({
    method: fc.oneof(
      { weight: 6, arbitrary: fc.constant('POST') },
      { weight: 3, arbitrary: fc.constant('GET') },
      { weight: 1, arbitrary: fc.constantFrom('HEAD', 'PUT', 'DELETE', 'OPTIONS') },
    ),
    path: formPath,
    changes: fc.array(header, { maxLength: 2 }),
    language: fc.oneof(fc.constantFrom('de', 'ru-RU,ru;q=0.9,en;q=0.8', 'ar'), headerValue),
    body: formBody,
  })
  .map(({ method, path, changes, language, body }) => {
    const usual: [string, string][] = [
      ['content-type', 'application/x-www-form-urlencoded'],
      ['sec-fetch-site', 'same-origin'],
      ['accept-language', language],
    ];
    const headers = [...new Map([...usual, ...changes])];
    return { method, path, headers, body: ['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(method) ? undefined : body };
  });

const apiRequest: fc.Arbitrary<Sent> = fc
  .record({
    method: fc.oneof(
      { weight: 8, arbitrary: fc.constant('POST') },
      { weight: 2, arbitrary: fc.constantFrom('GET', 'DELETE', 'OPTIONS', 'PUT', 'HEAD', 'PATCH') },
    ),
    path: fc.oneof(
      { weight: 8, arbitrary: fc.constant('/v1/calls') },
      {
        weight: 2,
        arbitrary: fc.oneof(
          fc.constantFrom(
            '/v1/calls/',
            '/v1/calls/x',
            '/v1/sites/default',
            '/v1/sites/default?department=sales',
            '/v1/sites/default?department=__proto__&department=x',
            '/v1/sites/nope',
            '/callback.js',
            '/callback/..%2f',
            '/events/a/b',
            '/openapi.json',
            '/healthz',
            '/',
            '//',
            '/v1/%zz',
          ),
          fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map((text) => `/v1/calls/${encodeURIComponent(text)}`),
        ),
      },
    ),
    changes: fc.array(header, { maxLength: 3 }),
    drops: fc.subarray(['origin', 'content-type', 'idempotency-key'], { maxLength: 1 }),
    key: fc.uuid(),
    body: mutatedBody,
  })
  .map(({ method, path, changes, drops, key, body }) => {
    const usual: [string, string][] = [
      ['origin', ORIGIN],
      ['content-type', 'application/json'],
      ['idempotency-key', key],
    ];
    const headers = [...usual.filter(([name]) => !drops.includes(name)), ...changes];
    return { method, path, headers: [...new Map(headers)], body: ['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(method) ? undefined : body };
  });

const request = fc.oneof({ weight: 4, arbitrary: apiRequest }, { weight: 1, arbitrary: formRequest });

test('a hundred thousand hostile requests get only answers of the contract', { timeout: 300_000 }, async () => {
  const events: string[] = [];
  const pages = { drawn: 0, called: 0 };
  const running = relay({
    config: {
      demo: false,
      ownPage: false,
      sites: new Map([['default', site]]),
      limits: WIDE_LIMITS,
      budget: { perDay: PLENTY, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
    },
    store: sqliteStore({ path: ':memory:', clock }),
    providers: new Map(),
    secret: SECRET,
    clock,
    log: ({ event }) => events.push(event),
    version: '0.0.0',
  });

  async function send({ method, path, headers, body }: Sent): Promise<void> {
    const response = await running.fetch(
      new Request(`https://relay.example${path}`, { method, headers, ...(body !== undefined && { body }) }),
      { address: '203.0.113.7' },
    );
    const text = await response.text();
    if (path.startsWith('/form/default') && text.includes('<form')) pages.drawn++;
    if (response.status === 303) pages.called++;
    expect(response.status, `${method} ${path} ${text.slice(0, 200)}`).toBeLessThan(500);
    if (text !== '' && response.headers.get('content-type') === 'application/problem+json') {
      const problem = JSON.parse(text);
      if (problem.code !== undefined) expect(PROBLEMS).toHaveProperty(problem.code);
      expect(text.length).toBeLessThan(problem.challenge === undefined ? 400 : 1_000);
    }
    expect(text).not.toMatch(/at .*\.ts:\d+|SQLITE|node_modules/);
  }

  const seen: Record<string, number> = {};
  for (let done = 0; done < REQUESTS; done += AT_ONCE) {
    // Each batch has a seed of its own: a failure names its request, and comes again.
    await Promise.all(fc.sample(request, { numRuns: AT_ONCE, seed: SEED + done }).map(send));
  }
  for (const event of events) seen[event] = (seen[event] ?? 0) + 1;
  // Not all of them bounced off the first guard, and none of them broke anything.
  expect(seen['request.accepted']).toBeGreaterThan(1_000);
  expect(seen['request.refused']).toBeGreaterThan(30_000);
  expect(seen['request.failed'] ?? 0).toBe(0);
  // The form's pages too: it drew itself again, and it led to calls.
  expect(pages.drawn).toBeGreaterThan(500);
  expect(pages.called).toBeGreaterThan(300);
  await running.close();
});
