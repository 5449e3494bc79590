import fc from 'fast-check';
import { expect, test } from 'vitest';
import { callRequest, MAX_BODY_BYTES } from '../../../server/src/contract/calls.ts';
import { readPage } from './page-context.ts';

test('an address loses its query and fragment, campaign parameters are kept by name', () => {
  const url = 'https://shop.example/chairs?utm_source=mail&utm_campaign=spring&token=secret&utm_evil=1#reset=secret';
  expect(readPage(url, 'https://search.example/?q=private', 'Chairs')).toEqual({
    url: 'https://shop.example/chairs',
    referrer: 'https://search.example/',
    title: 'Chairs',
    utm: { source: 'mail', campaign: 'spring', medium: undefined, term: undefined, content: undefined },
  });
});

test('whatever the page is, the relay takes the request', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 400 });
  fc.assert(
    fc.property(text, text, text, (path, title, utm) => {
      const address = new URL('https://shop.example/');
      address.pathname = path;
      for (const name of ['source', 'medium', 'campaign', 'term', 'content']) address.searchParams.set(`utm_${name}`, utm);
      const page = readPage(address.href, address.href, title);
      const body = JSON.stringify({
        ...{ site: 's'.repeat(64), phone: '٠'.repeat(32), country: 'DE', expect: '+491512345678901', name: 'я'.repeat(40) },
        ...{ department: 'я'.repeat(64), locale: 'en', page, consent: { textId: 'x'.repeat(64), givenAt: '2026-03-02T14:00:00.000Z' } },
      });
      expect(new TextEncoder().encode(body).length).toBeLessThanOrEqual(MAX_BODY_BYTES);
      expect(callRequest.safeParse(JSON.parse(body)).success).toBe(true);
    }),
    { numRuns: 300 },
  );
});
