/** What comes in by a socket, as the running process takes it. Needs `npm run build` for the script that it serves. */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { Config, TrustProxy } from '../config/config.ts';
import { readConfig } from '../config/read-config.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { findAnswerFault, hostileRequests } from '../simulators/hostile-requests.ts';
import type { Sent } from '../simulators/hostile-values.ts';
import { huntedSites, PLENTY, WIDE_LIMITS } from '../simulators/hunted-sites.ts';
import { type RunningRelay, startNode } from './node.ts';

const ORIGIN = 'https://shop.example';
/** Far more than any answer takes, far less than a hanging request would. */
const ANSWER_WITHIN_MS = 10_000;

let running: RunningRelay | undefined;
let events: string[] = [];
let agent: Agent;

afterEach(async () => {
  agent.destroy();
  await running?.stop();
});

async function start(changes: Partial<Config> = {}): Promise<void> {
  const read = readConfig({ env: ENV, readFile: () => '' });
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  agent = new Agent({ keepAlive: true, maxSockets: 20 });
  events = [];
  // No account: whoever is accepted is rung by nobody.
  const config: Config = {
    ...read.config,
    ...{ providers: new Map(), channels: new Map(), notify: [] },
    limits: WIDE_LIMITS,
    budget: { perDay: PLENTY, timeZone: 'UTC' },
    ...changes,
  };
  running = await startNode(
    config,
    ({ event }) => events.push(event),
    (error) => events.push(error.name),
  );
}

const ENV = {
  BITRIX24_WEBHOOK_URL: 'http://127.0.0.1:9/rest/1/k3yk3yk3yk3y/',
  BITRIX24_LINE: 'reg1',
  RINGBACK_ORIGINS: ORIGIN,
  RINGBACK_STORE: 'sqlite::memory:',
  RINGBACK_SECRET: btoa('0123456789abcdef'.repeat(2)),
  HOST: '127.0.0.1',
  PORT: '0',
};

interface Received {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Header values that are lists go out as so many fields. Fields that no client can write are left out, as any client would. */
function send({
  method,
  path,
  headers,
  body,
}: Omit<Sent, 'headers'> & { headers: readonly [string, string | string[]][] }): Promise<Received> {
  const { hostname, port } = new URL(running?.url ?? '');
  return new Promise((resolve, reject) => {
    const outgoing = request({
      agent,
      hostname,
      port,
      method,
      path,
      timeout: ANSWER_WITHIN_MS,
      setHost: !headers.some(([name]) => name === 'host'),
    });
    for (const [name, value] of headers) {
      if (name === 'content-length' || !/^[\t\x20-\x7e]*$/.test(String(value))) continue;
      outgoing.setHeader(name, value);
    }
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${path} hangs`)));
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      response.on('error', reject);
    });
    outgoing.end(body);
  });
}

describe('whatever is sent', () => {
  const BAD_HOSTS = ['1.2.3.4.5', '256.256.256.256', 'relay.0x', 'xn--0', '[::1', 'a:99999', '@', 'a b', '%', 'x/y'];
  const PATHS = ['/', '/healthz', '/form/default', '/v1/sites/default', '/check/hosted?origin=https://shop.example', '/events/a/b'];

  test('a Host that no address can have is refused as a bad request, without an error', async () => {
    await start({ sites: huntedSites(), ownPage: true });
    for (const host of BAD_HOSTS) {
      for (const path of PATHS) {
        const { status } = await send({ method: 'GET', path, headers: [['host', host]], body: undefined });
        expect([host, path, status]).toEqual([host, path, 400]);
      }
      const headers: [string, string][] = [
        ['host', host],
        ['origin', 'https://somebody.example'],
        ['content-type', 'application/x-www-form-urlencoded'],
      ];
      expect((await send({ method: 'POST', path: '/form/default', headers, body: 'a=b' })).status).toBe(400);
    }
    expect(events.filter((event) => event === 'request.failed')).toEqual([]);
    expect((await send({ method: 'GET', path: '/', headers: [], body: undefined })).status).toBe(200);
  });

  test('thousands of hostile requests by socket get only answers of the contract', { timeout: 120_000 }, async () => {
    const sites = new Map([...huntedSites()].filter(([key]) => key !== 'hosted'));
    await start({ sites, ownPage: true });
    const page = await send({ method: 'GET', path: '/form/default', headers: [], body: undefined });
    const token = /name="token"[^>]*?value="([^"]*)"/.exec(page.text)?.[1] ?? '';
    expect(token).not.toBe('');
    const requests = hostileRequests({ now: Date.now(), formToken: () => token });
    const host = fc.oneof(
      { weight: 8, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom('', 'relay.example', ...BAD_HOSTS) },
    );
    for (let done = 0; done < 4_000; done += 100) {
      const batch = fc.sample(fc.tuple(requests, host), { numRuns: 100, seed: 20_261_121 + done });
      await Promise.all(
        batch.map(async ([sent, named]) => {
          const headers: [string, string][] = named === undefined ? sent.headers : [...sent.headers, ['host', named]];
          const { status, headers: got, text } = await send({ ...sent, headers });
          const fault = findAnswerFault({ status, contentType: got['content-type'] ?? '', text });
          expect(fault, `${sent.method} ${sent.path} ${named}`).toBeUndefined();
        }),
      );
    }
    expect(events.filter((event) => event === 'request.accepted').length).toBeGreaterThan(30);
    expect(events.filter((event) => event === 'request.failed')).toEqual([]);
  });
});

describe('who is asking', () => {
  const site = exampleSite({ provider: 'none', budget: { perCall: 1, perDay: PLENTY } });
  const limits = { ...WIDE_LIMITS, source: USUAL_LIMITS.source };
  const most = Math.min(...USUAL_LIMITS.source.map(({ max }) => max));

  async function acceptedOf(many: number, forwardedFor: (at: number) => string | string[] | undefined): Promise<number> {
    let accepted = 0;
    for (let at = 0; at < many; at++) {
      const forwarded = forwardedFor(at);
      const headers: [string, string | string[]][] = [
        ['origin', ORIGIN],
        ['content-type', 'application/json'],
        ['idempotency-key', crypto.randomUUID()],
        ...(forwarded === undefined ? [] : ([['x-forwarded-for', forwarded]] as [string, string | string[]][])),
      ];
      const body = JSON.stringify({ site: 'default', phone: `0151 2${String(Math.floor(Math.random() * 9_000_000) + 1_000_000)}` });
      if ((await send({ method: 'POST', path: '/v1/calls', headers, body })).status === 202) accepted++;
    }
    return accepted;
  }

  const startTrusting = (trustProxy: TrustProxy | undefined) => start({ sites: new Map([['default', site]]), limits, trustProxy });

  test('without a proxy it is the other end of the socket, whatever is claimed', async () => {
    await startTrusting(undefined);
    expect(await acceptedOf(most + 10, (at) => `192.0.2.${at}`)).toBe(most);
  });

  test('behind one proxy it is what that proxy wrote last, however the fields are repeated', async () => {
    await startTrusting({ kind: 'hops', hops: 1 });
    expect(await acceptedOf(most + 10, (at) => [`192.0.2.${at}`, '198.51.100.9'])).toBe(most);
    expect(await acceptedOf(2, () => '198.51.100.9')).toBe(0);
    expect(await acceptedOf(2, (at) => `198.51.100.9, 203.0.113.${at}`)).toBe(2);
  });

  test('behind proxies of known networks it is the last that is none of them', async () => {
    await startTrusting({ kind: 'ranges', ranges: ['127.0.0.0/8', '10.0.0.0/8'] });
    expect(await acceptedOf(most + 10, (at) => [`192.0.2.${at}, 198.51.100.9`, '10.1.2.3'])).toBe(most);
    expect(await acceptedOf(1, () => '203.0.113.5, 10.1.2.3')).toBe(1);
  });

  test('where the known networks leave the socket out, nothing is believed', async () => {
    await startTrusting({ kind: 'ranges', ranges: ['10.0.0.0/8'] });
    expect(await acceptedOf(most + 10, (at) => `192.0.2.${at}`)).toBe(most);
  });
});
