import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostCheck } from './host-check.ts';

test.each(['relay.example', 'relay.example:8787', '127.0.0.1:1', '[::1]:80', 'localhost', undefined])(
  '%s can stand in an address',
  (host) => {
    expect(hostCheck()(host)).toBe(true);
  },
);

test.each(['1.2.3.4.5', '256.256.256.256', 'relay.0x', 'relay.1', 'xn--0', '[::1', 'a:99999'])('%s cannot', (host) => {
  expect(hostCheck()(host)).toBe(false);
});

test('however often and in whatever order: the same as a URL says', () => {
  const isGood = hostCheck();
  const label = fc.constantFrom('a', '1', '256', '0x', 'xn--0', 'relay', 'é', '_', '');
  const host = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));
  fc.assert(
    fc.property(fc.array(host, { maxLength: 300 }), (hosts) => {
      for (const one of hosts) expect(isGood(one)).toBe(one === '' || URL.canParse(`http://${one}`));
    }),
    { numRuns: 50 },
  );
});
