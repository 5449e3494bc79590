/** Hostile requests to the pages of the form. */
import fc from 'fast-check';
import { department, header, headerValue, hostile, type Sent } from './hostile-values.ts';

/** A form as the relay drew it, filled in properly, with one thing wrong, or as no form sends it. */
export const formFields = (token: () => string, at: fc.Arbitrary<string>) =>
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
export const formRequest = (validForm: ReturnType<typeof formFields>): fc.Arbitrary<Sent> =>
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
