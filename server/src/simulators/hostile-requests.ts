/** Requests as nobody should send them: valid ones with something wrong, and noise. */
import fc from 'fast-check';
import { PROBLEMS } from '../contract/problems.ts';

const ORIGIN = 'https://shop.example';

export interface HostileOptions {
  /** Epoch ms, around which times are asked for. */
  now: number;
  /** Of a form that the relay has drawn for the site `default`. */
  formToken: () => string;
}

/**
 * For a relay with the sites `default` (slots, a department `sales`), `always` (a proof of work from everybody), `hosted` (a hosted
 * check) and `agreed` (a consent text), all on `https://shop.example`.
 */
export function hostileRequests({ now, formToken }: HostileOptions): fc.Arbitrary<Sent> {
  const at = timeAround(now);
  return fc.oneof({ weight: 4, arbitrary: apiRequest(bodyOf(at)) }, { weight: 1, arbitrary: formRequest(formFields(formToken, at)) });
}

export interface Answered {
  status: number;
  contentType: string;
  text: string;
}

/** What no answer may be, in a few words; undefined where it is one of the contract's. */
export function findAnswerFault({ status, contentType, text }: Answered): string | undefined {
  if (status >= 500) return `status ${status}: ${text.slice(0, 200)}`;
  if (/at .*\.ts:\d+|SQLITE|node_modules/.test(text)) return 'tells of the inside';
  if (contentType !== 'application/problem+json' || text === '') return undefined;
  const { code, challenge } = JSON.parse(text) as { code?: string; challenge?: object };
  // Where there is no such route, there is nothing of which the contract could speak.
  if (code === undefined ? status !== 404 : !Object.hasOwn(PROBLEMS, code)) return `problem ${code}`;
  return text.length < (challenge === undefined ? 400 : 1_000) ? undefined : `a problem of ${text.length} characters`;
}

export interface Sent {
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
    'x'.repeat(9_000),
  ),
);
/** Slots, times that are none, and text that only looks like a time. */
const timeAround = (now: number) =>
  fc.oneof(
    fc.integer({ min: 0, max: 100 }).map((nth) => new Date(now + nth * 1_800_000).toISOString()),
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

const bodyOf = (at: fc.Arbitrary<string>) =>
  fc.record(
    {
      site: fc.oneof(
        { weight: 8, arbitrary: fc.constant('default') },
        { weight: 2, arbitrary: fc.constantFrom('always', 'hosted', 'agreed') },
      ),
      phone: fc.oneof(
        fc.integer({ min: 0, max: 9_999_999 }).map((tail) => `0151 2${String(tail).padStart(7, '0')}`),
        fc.constantFrom('+49 151 23456789', '+1 212 555 2368', '0900 1 234567', '112', '+33 6 12 34 56 78', '030 1234567'),
      ),
      country: fc.constantFrom('DE', 'FR', 'ZZ'),
      expect: fc.constantFrom('+4915123456789', '+4915123456780'),
      name: fc.string({ maxLength: 40 }),
      locale: fc.constantFrom('en', 'ru'),
      page: fc.record({ url: fc.webUrl(), title: fc.string({ maxLength: 100 }) }),
      proof: fc.oneof(fc.base64String({ maxLength: 200 }), fc.string({ maxLength: 5_000 })),
      consent: fc.record({ textId: fc.constantFrom('v1', 'v0'), givenAt: at }),
      at,
      department,
    },
    { requiredKeys: ['site', 'phone'] },
  );

/** A valid body with one thing wrong, or text that never was JSON. */
const mutated = (validBody: ReturnType<typeof bodyOf>) =>
  fc.oneof(
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
  fc.constantFrom(
    'null',
    '*',
    ORIGIN,
    `${ORIGIN}.evil.example`,
    'Bearer x',
    'application/json',
    'gzip',
    'br, deflate',
    'bytes=0-',
    'NaN',
    '-1',
    '1e9',
  ),
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
    'content-encoding',
    'sec-fetch-site',
    'forwarded',
    'range',
  ),
  headerValue,
);

/** A form as the relay drew it, filled in properly, with one thing wrong, or as no form sends it. */
const formFields = (token: () => string, at: fc.Arbitrary<string>) =>
  fc.record({
    token: fc.constant(undefined).map(token),
    phone: fc.integer({ min: 0, max: 9_999_999 }).map((tail) => `0151 2${String(tail).padStart(7, '0')}`),
    name: fc.string({ maxLength: 40 }),
    at: fc.oneof(fc.constant(''), at),
    department: fc.oneof(fc.constant(''), department),
  });
const formBody = (validForm: ReturnType<typeof formFields>) =>
  fc.oneof(
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
        '/form/always',
        '/form/hosted',
        '/form/agreed',
        '/form/%zz',
      ),
      fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map((text) => `/form/default?lang=${encodeURIComponent(text)}`),
    ),
  },
);
const formRequest = (validForm: ReturnType<typeof formFields>): fc.Arbitrary<Sent> =>
  fc
    .record({
      method: fc.oneof(
        { weight: 6, arbitrary: fc.constant('POST') },
        { weight: 3, arbitrary: fc.constant('GET') },
        { weight: 1, arbitrary: fc.constantFrom('HEAD', 'PUT', 'DELETE', 'OPTIONS') },
      ),
      path: formPath,
      changes: fc.array(header, { maxLength: 2 }),
      language: fc.oneof(fc.constantFrom('de', 'ru-RU,ru;q=0.9,en;q=0.8', 'ar'), headerValue),
      body: formBody(validForm),
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

const apiRequest = (validBody: ReturnType<typeof bodyOf>): fc.Arbitrary<Sent> =>
  fc
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
              '/v1/sites/always/challenge',
              '/v1/sites/default/challenge',
              '/v1/sites/hosted/challenge',
              '/v1/sites/%E0%A4%A/challenge',
              '/check/hosted?origin=https://shop.example',
              '/check/hosted?origin=x',
              '/check/always',
              '/check/%ff',
              '/install/x/y',
              '/install/x',
              '/events/default/x',
              '/readyz',
              '/callback/__proto__.json',
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
      body: mutated(validBody),
    })
    .map(({ method, path, changes, drops, key, body }) => {
      const usual: [string, string][] = [
        ['origin', ORIGIN],
        ['content-type', 'application/json'],
        ['idempotency-key', key],
      ];
      const headers = [...usual.filter(([name]) => !drops.includes(name)), ...changes];
      return {
        method,
        path,
        headers: [...new Map(headers)],
        body: ['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(method) ? undefined : body,
      };
    });
