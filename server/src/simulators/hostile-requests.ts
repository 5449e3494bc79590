/** Requests as nobody should send them: valid ones with something wrong, and noise. */
import fc from 'fast-check';
import { PROBLEMS } from '../contract/problems.ts';
import { formFields, formRequest } from './hostile-forms.ts';
import { anything, department, header, hostile, ORIGIN, type Sent, timeAround } from './hostile-values.ts';

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
