import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sourcePrefixes } from '../admission/source-prefixes.ts';
import type { TrustProxy } from '../config/config.ts';
import { clientAddress, cloudflareAddress, lambdaAddress, vercelAddress } from './client-ip.ts';

const ranges = { kind: 'ranges', ranges: ['10.0.0.0/8', '2001:db8:ff::/48'] } as const;

function addressOf(peer: string | undefined, forwardedFor: string | undefined, trust: TrustProxy | undefined) {
  return clientAddress(peer, new Headers(forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor }), trust);
}

describe('without proxies', () => {
  test('the peer counts and no header is believed', () => {
    expect(addressOf('203.0.113.7', '1.1.1.1', undefined)).toBe('203.0.113.7');
    expect(addressOf('::ffff:203.0.113.7', undefined, undefined)).toBe('203.0.113.7');
    expect(addressOf(undefined, '1.1.1.1', undefined)).toBeUndefined();
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
    expect(addressOf('10.0.0.1', header, { kind: 'hops', hops })).toBe(address);
  });

  test('a header that is too short or unreadable makes the address unknown', () => {
    expect(addressOf('10.0.0.1', undefined, { kind: 'hops', hops: 1 })).toBeUndefined();
    expect(addressOf('10.0.0.1', '198.51.100.9', { kind: 'hops', hops: 2 })).toBeUndefined();
    expect(addressOf('10.0.0.1', 'nonsense', { kind: 'hops', hops: 1 })).toBeUndefined();
  });
});

describe('behind known networks', () => {
  test('a stranger who connects directly is himself, whatever he claims', () => {
    expect(addressOf('203.0.113.7', '1.1.1.1', ranges)).toBe('203.0.113.7');
  });
  test('walks from the right past the trusted ones', () => {
    expect(addressOf('10.0.0.1', 'forged, 198.51.100.9, 10.2.3.4', ranges)).toBe('198.51.100.9');
    expect(addressOf('2001:db8:ff::1', '198.51.100.9', ranges)).toBe('198.51.100.9');
  });
  test('only trusted ones, or an unreadable one in the way, is unknown', () => {
    expect(addressOf('10.0.0.1', '10.2.3.4', ranges)).toBeUndefined();
    expect(addressOf('10.0.0.1', '198.51.100.9, nonsense', ranges)).toBeUndefined();
    expect(addressOf('10.0.0.1', undefined, ranges)).toBeUndefined();
  });
});

const CLIENT = '198.51.100.9';
/** Headers under which one platform or another writes the address, and those that careless code reads it from. */
const FORGEABLE = [
  'x-forwarded-for',
  'x-real-ip',
  'cf-connecting-ip',
  'true-client-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-vercel-forwarded-for',
  'fly-client-ip',
  'forwarded',
];

/** What each platform makes of a request from CLIENT that came with `forged`: headers overwritten, appended to, or left alone. */
const PLATFORMS: Record<string, (forged: Record<string, string>) => string | undefined> = {
  'Node, direct': (forged) => clientAddress(CLIENT, new Headers(forged), undefined),
  'Node behind one proxy': (forged) => clientAddress('10.0.0.1', appended(forged, CLIENT), { kind: 'hops', hops: 1 }),
  'Node behind two proxies': (forged) => clientAddress('10.0.0.1', appended(forged, CLIENT, '10.0.0.2'), { kind: 'hops', hops: 2 }),
  'Node behind known networks': (forged) => clientAddress('10.0.0.1', appended(forged, CLIENT), ranges),
  'Node behind Cloudflare': (forged) => clientAddress('172.68.1.1', overwritten(forged, 'cf-connecting-ip'), { kind: 'cloudflare' }),
  'Node behind Cloudflare, by-passed': (forged) => clientAddress(CLIENT, new Headers(forged), { kind: 'cloudflare' }),
  'Cloudflare Workers': (forged) => cloudflareAddress(overwritten(forged, 'cf-connecting-ip')),
  Vercel: (forged) => vercelAddress(overwritten(forged, 'x-vercel-forwarded-for')),
  'API Gateway, payload 1.0': (forged) => lambdaAddress({ headers: forged, requestContext: { identity: { sourceIp: CLIENT } } }),
  'API Gateway, payload 2.0, and function URL': (forged) =>
    lambdaAddress({ headers: forged, requestContext: { http: { sourceIp: CLIENT } } }),
  'load balancer': (forged) =>
    lambdaAddress({ headers: Object.fromEntries(appended(forged, CLIENT)), requestContext: { elb: { targetGroupArn: 'arn' } } }),
  'load balancer with multi-value headers': (forged) =>
    lambdaAddress({
      multiValueHeaders: { 'x-forwarded-for': [...Object.values(forged), CLIENT] },
      requestContext: { elb: { targetGroupArn: 'arn' } },
    }),
  'Lambda@Edge': (forged) => lambdaAddress({ Records: [{ cf: { request: { clientIp: CLIENT, headers: forged } } }] }),
};

function overwritten(forged: Record<string, string>, name: string): Headers {
  return new Headers({ ...forged, [name]: CLIENT });
}

function appended(forged: Record<string, string>, ...addresses: string[]): Headers {
  const headers = new Headers(forged);
  for (const address of addresses) headers.append('x-forwarded-for', address);
  return headers;
}

describe.each(Object.keys(PLATFORMS))('%s', (name) => {
  const address = (forged: Record<string, string>) => PLATFORMS[name]?.(forged);

  test.each(['1.1.1.1', '10.0.0.1', '172.68.1.1', `${CLIENT}, 1.1.1.1`, '::1', 'nonsense', ''])(
    'headers that claim %j change nothing',
    (claim) => {
      expect(address({})).toBe(CLIENT);
      for (const header of FORGEABLE) expect(address({ [header]: claim }), header).toBe(CLIENT);
      expect(address(Object.fromEntries(FORGEABLE.map((header) => [header, claim])))).toBe(CLIENT);
    },
  );

  test('nor does any other text', () => {
    const text = fc.string({ unit: fc.constantFrom(...'0123456789abcdef.:,[]% ;="') });
    const forged = fc.dictionary(fc.constantFrom(...FORGEABLE), text, { noNullPrototype: true });
    fc.assert(fc.property(forged, (headers) => address(headers) === CLIENT));
  });
});

test.each<[string, string | undefined]>([
  ['cf-connecting-ip absent', cloudflareAddress(new Headers())],
  [
    'cf-connecting-ip twice',
    cloudflareAddress(
      new Headers([
        ['cf-connecting-ip', CLIENT],
        ['cf-connecting-ip', '1.1.1.1'],
      ]),
    ),
  ],
  ['x-vercel-forwarded-for absent', vercelAddress(new Headers({ 'x-real-ip': CLIENT }))],
  ['Cloudflare without its header', clientAddress('172.68.1.1', new Headers(), { kind: 'cloudflare' })],
  ['no event', lambdaAddress(undefined)],
  ['an event of something else', lambdaAddress({ Records: [{ Sns: {} }], headers: { 'x-forwarded-for': CLIENT } })],
  ['a load balancer without the header', lambdaAddress({ headers: {}, requestContext: { elb: {} } })],
  ['a prototype for a context', lambdaAddress(Object.create({ requestContext: { http: { sourceIp: CLIENT } } }))],
])('%s: the address is unknown', (_, address) => {
  expect(address).toBeUndefined();
});

// The same text for two addresses, or two texts for one, would split or join buckets.
test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::FFFF:203.0.113.7', '203.0.113.7'],
  ['::ffff:cb00:7107', '203.0.113.7'],
  ['0:0:0:0:0:ffff:cb00:7107', '203.0.113.7'],
  ['0000:0000:0000:0000:0000:ffff:cb00:7107', '203.0.113.7'],
  ['2001:DB8::1', '2001:db8::1'],
  ['2001:0db8:0:0::0001', '2001:db8::1'],
  ['2001:db8::192.0.2.1', '2001:db8::c000:201'],
  ['64:ff9b::203.0.113.7', '64:ff9b::cb00:7107'],
  ['::203.0.113.7', undefined],
  ['203.0.113.07', undefined],
  ['0xcb.0.113.7', undefined],
  ['3405803783', undefined],
  ['203.0.113', undefined],
  ['203.0.113.7/32', undefined],
])('%s is read as %s', (written, meant) => {
  expect(clientAddress(written, new Headers(), undefined)).toBe(meant);
  expect(cloudflareAddress(new Headers({ 'cf-connecting-ip': written }))).toBe(meant);
  expect(lambdaAddress({ requestContext: { http: { sourceIp: written } } })).toBe(meant);
  expect(sourcePrefixes(clientAddress(written, new Headers(), undefined))).toEqual(sourcePrefixes(meant));
});
