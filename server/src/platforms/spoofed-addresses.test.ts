/** Each platform's rule for who is asking, in front of the relay: a client that claims to be a thousand others stays one. */
import { afterEach, describe, expect, test } from 'vitest';
import { type AttackedRelay, attackedRelay } from '../simulators/attacked-relay.ts';
import { clientAddress, cloudflareAddress, lambdaAddress, vercelAddress } from './client-ip.ts';

const ATTACKER = '198.51.100.9';
const VISITOR = '203.0.113.7';
/** Every header that some platform writes an address into. */
const NAMES = [
  'x-forwarded-for',
  'x-real-ip',
  'x-client-ip',
  'x-vercel-forwarded-for',
  'cf-connecting-ip',
  'true-client-ip',
  'fly-client-ip',
  'forwarded',
];

/** What a platform makes of a request from `client` that brought these headers: it appends, overwrites, or leaves them alone. */
type Platform = (client: string, sent: Headers) => string | undefined;

const PLATFORMS: Readonly<Record<string, Platform>> = {
  'Node, direct': (client, sent) => clientAddress(client, sent, undefined),
  'Node behind one proxy': (client, sent) => clientAddress('10.0.0.1', append(sent, client), { kind: 'hops', hops: 1 }),
  'Node behind two proxies': (client, sent) => clientAddress('10.0.0.1', append(sent, client, '10.0.0.2'), { kind: 'hops', hops: 2 }),
  'Node behind known networks': (client, sent) =>
    clientAddress('10.0.0.1', append(sent, client, '10.2.3.4'), { kind: 'ranges', ranges: ['10.0.0.0/8'] }),
  'Node behind Cloudflare': (client, sent) =>
    clientAddress('172.68.1.1', overwrite(sent, 'cf-connecting-ip', client), { kind: 'cloudflare' }),
  'Node, Cloudflare passed by': (client, sent) => clientAddress(client, sent, { kind: 'cloudflare' }),
  'Cloudflare Workers': (client, sent) => cloudflareAddress(overwrite(sent, 'cf-connecting-ip', client)),
  Vercel: (client, sent) => vercelAddress(overwrite(sent, 'x-vercel-forwarded-for', client)),
  'API Gateway, payload 1.0': (client, sent) =>
    lambdaAddress({ headers: Object.fromEntries(sent), requestContext: { identity: { sourceIp: client } } }),
  'API Gateway, payload 2.0': (client, sent) =>
    lambdaAddress({ headers: Object.fromEntries(sent), requestContext: { http: { sourceIp: client } } }),
  'load balancer': (client, sent) =>
    lambdaAddress({ headers: Object.fromEntries(append(sent, client)), requestContext: { elb: { targetGroupArn: 'arn' } } }),
  'Lambda@Edge': (client, sent) =>
    lambdaAddress({ Records: [{ cf: { request: { clientIp: client, headers: Object.fromEntries(sent) } } }] }),
};

function append(sent: Headers, ...addresses: string[]): Headers {
  const headers = new Headers(sent);
  for (const address of addresses) headers.append('x-forwarded-for', address);
  return headers;
}

function overwrite(sent: Headers, name: string, address: string): Headers {
  const headers = new Headers(sent);
  headers.set(name, address);
  return headers;
}

let attacked: AttackedRelay;

afterEach(() => attacked.close());

describe.each(Object.entries(PLATFORMS))('%s', (_, platform) => {
  test('a hundred claimed addresses get the calls of one, and somebody else is served', async () => {
    attacked = attackedRelay();
    const { ask, pass, portal } = attacked;
    let accepted = 0;
    for (let at = 0; at < 100; at++) {
      const headers = Object.fromEntries(NAMES.map((name) => [name, name === 'forwarded' ? `for=192.0.2.${at}` : `192.0.2.${at}`]));
      const address = platform(ATTACKER, new Headers(headers));
      const response = await ask({ phone: `0151 2${String(at).padStart(7, '0')}`, address, headers });
      if (response.status === 202) accepted++;
    }
    await pass(0);
    expect(accepted).toBe(3);
    expect(portal.telephones.dials).toHaveLength(3);

    const served = await ask({ phone: '0151 23456789', address: platform(VISITOR, new Headers()) });
    await pass(0);
    expect(served.status).toBe(202);
    expect(portal.telephones.dials.at(-1)?.number).toBe('+4915123456789');
  });

  test('claims that are no addresses, or of the platform’s own networks, are no way out either', async () => {
    attacked = attackedRelay();
    const claims = ['10.0.0.1', '172.68.1.1', '127.0.0.1', '::1', 'unknown', '', `${VISITOR}, 10.0.0.1`, ','.repeat(50)];
    let accepted = 0;
    for (const [at, claim] of [...claims, ...claims].entries()) {
      const headers = Object.fromEntries(NAMES.map((name) => [name, claim]));
      const address = platform(ATTACKER, new Headers(headers));
      const response = await attacked.ask({ phone: `0151 3${String(at).padStart(7, '0')}`, address, headers });
      if (response.status === 202) accepted++;
    }
    await attacked.pass(0);
    expect(accepted).toBe(3);
    expect(attacked.portal.telephones.dials).toHaveLength(3);
  });
});

test('an address that nobody knows is one strict bucket for everybody', async () => {
  attacked = attackedRelay();
  let accepted = 0;
  for (let at = 0; at < 20; at++) {
    const response = await attacked.ask({ phone: `0151 4${String(at).padStart(7, '0')}`, address: cloudflareAddress(new Headers()) });
    if (response.status === 202) accepted++;
  }
  await attacked.pass(0);
  expect(accepted).toBe(3);
  expect(attacked.portal.telephones.dials).toHaveLength(3);
});
