import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseWebhookUrl } from './webhook-url.ts';

const SECRET = 'c4n4rys3cr3t';

test.each([
  [`https://acme.bitrix24.com/rest/1/${SECRET}/`, `https://acme.bitrix24.com/rest/1/${SECRET}/`],
  [`https://acme.bitrix24.com/rest/1/${SECRET}`, `https://acme.bitrix24.com/rest/1/${SECRET}/`],
  [`https://acme.bitrix24.com/rest/1/${SECRET}/profile.json`, `https://acme.bitrix24.com/rest/1/${SECRET}/`],
  [`https://acme.bitrix24.com/rest/1/${SECRET}/voximplant.callback.start`, `https://acme.bitrix24.com/rest/1/${SECRET}/`],
  [`  HTTPS://Acme.Bitrix24.com:443/rest/27/${SECRET}/\n`, `https://acme.bitrix24.com/rest/27/${SECRET}/`],
  [`https://crm.example.org:8443/rest/27/${SECRET}/`, `https://crm.example.org:8443/rest/27/${SECRET}/`],
  [`http://localhost:8080/rest/1/${SECRET}/`, `http://localhost:8080/rest/1/${SECRET}/`],
  [`http://127.0.0.1:8080/rest/1/${SECRET}/`, `http://127.0.0.1:8080/rest/1/${SECRET}/`],
  [`http://127.9.9.9/rest/1/${SECRET}/`, `http://127.9.9.9/rest/1/${SECRET}/`],
  [`http://127.1/rest/1/${SECRET}/`, `http://127.0.0.1/rest/1/${SECRET}/`],
  [`http://[::1]:8080/rest/1/${SECRET}/`, `http://[::1]:8080/rest/1/${SECRET}/`],
])('%j is read', (text, base) => {
  const parsed = parseWebhookUrl(text);
  expect(parsed.ok && parsed.webhook.base.reveal()).toBe(base);
});

const REFUSED = [
  '',
  'acme.bitrix24.com',
  `acme.bitrix24.com/rest/1/${SECRET}/`,
  `//acme.bitrix24.com/rest/1/${SECRET}/`,
  `ftp://acme.bitrix24.com/rest/1/${SECRET}/`,
  `javascript:https://acme.bitrix24.com/rest/1/${SECRET}/`,
  `https://`,
  `https://:8080/rest/1/${SECRET}/`,
  `https://acme.bitrix24.com:port/rest/1/${SECRET}/`,
  `https://acme.bitrix24.com/`,
  `https://acme.bitrix24.com/rest/`,
  `https://acme.bitrix24.com/rest/${SECRET}/`,
  `https://acme.bitrix24.com/rest/admin/${SECRET}/`,
  `https://acme.bitrix24.com/rest/1//`,
  `https://acme.bitrix24.com/rest/1/${SECRET}/profile/more`,
  `https://acme.bitrix24.com/rest/api/1/${SECRET}/`,
  `https://acme.bitrix24.com/x/rest/1/${SECRET}/`,
  `https://acme.bitrix24.com/rest/1/${SECRET}/?auth=1`,
  `https://acme.bitrix24.com/rest/1/${SECRET}/?`,
  `https://acme.bitrix24.com/rest/1/${SECRET}/#top`,
  `https://user:${SECRET}@acme.bitrix24.com/rest/1/${SECRET}/`,
  `https://acme.bitrix24.com@evil.example/rest/1/${SECRET}/`,
  `https://acme.bitrix24.com/rest/1/${SECRET}\\..\\x/`,
  `https://acme.bitrix24.com/re\nst/1/${SECRET}/`,
  `https://acme.bitrix24.com/rest/1/${SECRET} /`,
  `https://acme.bitrix24.com/rest/1/%2e%2e${SECRET}/`,
  `http://acme.bitrix24.com/rest/1/${SECRET}/`,
  `http://localhost.evil.example/rest/1/${SECRET}/`,
  `http://127.0.0.1.evil.example/rest/1/${SECRET}/`,
  `http://127.evil.example/rest/1/${SECRET}/`,
  `http://128.0.0.1/rest/1/${SECRET}/`,
  `http://[::2]/rest/1/${SECRET}/`,
  `http://0.0.0.0/rest/1/${SECRET}/`,
  `http://10.0.0.1/rest/1/${SECRET}/`,
];

test.each(REFUSED)('%j is refused, in a sentence that repeats nothing of it', (text) => {
  const parsed = parseWebhookUrl(text);
  if (parsed.ok) throw new Error('was accepted');
  expect(parsed.fault).toMatch(/^The webhook address .+\.$/);
  expect(parsed.fault).not.toContain(SECRET);
});

test('whatever is typed: never thrown, never echoed, and only a frozen webhook address comes out', () => {
  const piece = fc.oneof(
    fc.constantFrom('https://', 'http://', '127.0.0.1', 'localhost', '/rest/', '/1/', SECRET, '/', '?', '#', '@', ':', '\\', '%'),
    fc.string({ maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
      const parsed = parseWebhookUrl(pieces.join(''));
      expect(inspect(parsed, { showHidden: true, depth: Number.POSITIVE_INFINITY })).not.toContain(SECRET);
      if (!parsed.ok) return;
      expect(Object.isFrozen(parsed.webhook)).toBe(true);
      expect(parsed.webhook.base.reveal()).toMatch(
        /^(https:\/\/[^/]+|http:\/\/(127\.[\d.]+|localhost|\[::1\])(:\d+)?)\/rest\/\d+\/[\w-]+\/$/,
      );
    }),
    { numRuns: 2000 },
  );
});
