import { describe, expect, test } from 'vitest';
import { clientAddress } from './client-ip.ts';

const ranges = { kind: 'ranges', ranges: ['10.0.0.0/8', '2001:db8:ff::/48'] } as const;

describe('without proxies', () => {
  test('the peer counts and no header is believed', () => {
    expect(clientAddress('203.0.113.7', '1.1.1.1', undefined)).toBe('203.0.113.7');
    expect(clientAddress('::ffff:203.0.113.7', undefined, undefined)).toBe('203.0.113.7');
    expect(clientAddress(undefined, '1.1.1.1', undefined)).toBeUndefined();
  });
});

describe('behind a number of proxies', () => {
  test.each([
    [1, '198.51.100.9', '198.51.100.9'],
    [1, 'forged, 198.51.100.9', '198.51.100.9'],
    [2, 'forged, 198.51.100.9, 10.0.0.1', '198.51.100.9'],
    [1, '198.51.100.9:51234', '198.51.100.9'],
    [1, '[2001:db8::1]:443', '2001:db8::1'],
  ])('%i hop(s), %s', (hops, header, address) => {
    expect(clientAddress('10.0.0.1', header, { kind: 'hops', hops })).toBe(address);
  });

  test('a header that is too short or unreadable makes the address unknown', () => {
    expect(clientAddress('10.0.0.1', undefined, { kind: 'hops', hops: 1 })).toBeUndefined();
    expect(clientAddress('10.0.0.1', '198.51.100.9', { kind: 'hops', hops: 2 })).toBeUndefined();
    expect(clientAddress('10.0.0.1', 'nonsense', { kind: 'hops', hops: 1 })).toBeUndefined();
  });
});

describe('behind known networks', () => {
  test('a stranger who connects directly is himself, whatever he claims', () => {
    expect(clientAddress('203.0.113.7', '1.1.1.1', ranges)).toBe('203.0.113.7');
  });
  test('walks from the right past the trusted ones', () => {
    expect(clientAddress('10.0.0.1', 'forged, 198.51.100.9, 10.2.3.4', ranges)).toBe('198.51.100.9');
    expect(clientAddress('2001:db8:ff::1', '198.51.100.9', ranges)).toBe('198.51.100.9');
  });
  test('only trusted ones, or an unreadable one in the way, is unknown', () => {
    expect(clientAddress('10.0.0.1', '10.2.3.4', ranges)).toBeUndefined();
    expect(clientAddress('10.0.0.1', '198.51.100.9, nonsense', ranges)).toBeUndefined();
    expect(clientAddress('10.0.0.1', undefined, ranges)).toBeUndefined();
  });
});
