/** What hostile requests are made of. */
import fc from 'fast-check';

export const ORIGIN = 'https://shop.example';

export interface Sent {
  method: string;
  path: string;
  headers: [string, string][];
  body: string | Uint8Array<ArrayBuffer> | undefined;
}

export const hostile = fc.oneof(
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
export const timeAround = (now: number) =>
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
export const department = fc.constantFrom('sales', 'Sales', '', 'constructor', '__proto__', 'x'.repeat(64));
export const anything = fc.oneof(hostile, fc.jsonValue({ maxDepth: 6 }));

/** Header values as the platform's parser lets them through: printable, without line breaks. */
export const headerValue = fc.oneof(
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
export const header = fc.tuple(
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
