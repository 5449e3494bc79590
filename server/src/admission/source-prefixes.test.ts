import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sourcePrefixes } from './source-prefixes.ts';

const first = (address: string | undefined) => sourcePrefixes(address)[0]?.prefix;

test.each([
  ['203.0.113.7', 'v4:203.0.113.7/32'],
  ['::ffff:203.0.113.7', 'v4:203.0.113.7/32'],
  ['::ffff:cb00:7107', 'v4:203.0.113.7/32'],
  ['2001:db8:1:ff::1', 'v6:20010db8000100ff/64'],
  ['2001:DB8:1:FF:0:0:0:2', 'v6:20010db8000100ff/64'],
  ['2001:db8::203.0.113.7', 'v6:20010db800000000/64'],
  // Embedded IPv4 in other blocks is another address than the IPv4 one.
  ['64:ff9b::203.0.113.7', 'v6:0064ff9b00000000/64'],
])('%s counts as %s', (address, prefix) => {
  expect(first(address)).toBe(prefix);
});

test.each([undefined, '', 'unknown', '203.0.113', '0xcb007107', '203.0.113.007', '::203.0.113.7', '1.2.3.4, 5.6.7.8', '::gg'])(
  '%s shares the one bucket of the unknown',
  (address) => {
    expect(first(address)).toBe('unknown');
  },
);

test('a whole /64 is one source, and so are its /56 and /48, which may do more', () => {
  const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(groups, (tail) => {
      const address = `2001:db8:5:aa00:${tail.map((group) => group.toString(16)).join(':')}`;
      expect(sourcePrefixes(address)).toEqual([
        { prefix: 'v6:20010db80005aa00/64', factor: 1 },
        { prefix: 'v6:20010db80005aa/56', factor: 2 },
        { prefix: 'v6:20010db80005/48', factor: 4 },
      ]);
    }),
  );
});
