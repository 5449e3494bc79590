/** A relay that is told to stop while it is busy, as every deployment does. The built command, a portal that is slow or silent. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type Bitrix24Portal, bitrix24Portal } from '../simulators/bitrix24/portal.ts';
import { type ServedPortal, servePortal } from '../simulators/bitrix24/serve-portal.ts';
import { type BuiltRelays, builtRelays } from '../simulators/built-relay.ts';
import { systemClock } from './node-clock.ts';

const DIAL = 'voximplant.callback.start';
const ORIGIN = 'https://shop.example';

let folder: string;
let portal: Bitrix24Portal;
let served: ServedPortal;
let relays: BuiltRelays;
let env: Record<string, string>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringback-stop-'));
  relays = builtRelays(folder);
  portal = bitrix24Portal({ clock: systemClock, userId: '1', webhookSecret: 'k3y', lines: { reg1332: 'Sales' } });
  served = await servePortal(portal);
  const site = { provider: 'main', line: 'reg1332', origins: [ORIGIN], country: 'DE', concurrency: 100, proof: 'off' };
  const limits = {
    ...{ sitePerMinute: 1_000, sitePerHour: 1_000, deploymentPerMinute: 1_000, sourcePerHour: 1_000, sourcePer24Hours: 1_000 },
    ...{ sourceNumbersPer24Hours: 1_000, shieldPerMinute: 1_000, acceptHigherCost: true },
  };
  const providers = { main: { type: 'bitrix24', webhookUrl: { $env: 'PORTAL' } } };
  writeFileSync(join(folder, 'ringback.json'), JSON.stringify({ providers, sites: { shop: site }, limits }));
  env = { RINGBACK_CONFIG: join(folder, 'ringback.json'), RINGBACK_STORE: `sqlite:${join(folder, 'r.db')}`, PORTAL: served.webhookUrl };
});

afterEach(async () => {
  await relays.stop();
  await served.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Asked {
  id: string;
  statusToken: string;
}

async function ask(url: string, nth: number): Promise<Asked> {
  const response = await fetch(`${url}/v1/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: ORIGIN, 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify({ site: 'shop', phone: `+4915123${String(nth).padStart(6, '0')}` }),
  });
  expect(response.status).toBe(202);
  return (await response.json()) as Asked;
}

async function stateOf(url: string, { id, statusToken }: Asked): Promise<string> {
  const response = await fetch(`${url}/v1/calls/${id}`, { headers: { authorization: `Bearer ${statusToken}` } });
  return ((await response.json()) as { state: string }).state;
}

const dialsTried = () => portal.requests.filter(({ method }) => method === DIAL).length;

test('SIGTERM during fifty dials: it is gone within 20 s, what was answered is known, the rest is unclear, and nobody rings twice', {
  timeout: 60_000,
}, async () => {
  // Half of the dials are answered while the relay is already stopping, half of them never; all of them ring.
  for (let nth = 0; nth < 20; nth += 1) {
    portal.misbehave(DIAL, { kind: 'slow', delayMs: 3_000 });
    portal.misbehave(DIAL, { kind: 'hang', executes: true });
  }
  const first = await relays.start(env);
  const calls = await Promise.all(Array.from({ length: 50 }, (_, nth) => ask(first.url, nth)));
  await expect.poll(dialsTried, { timeout: 10_000 }).toBeGreaterThanOrEqual(40);
  const stoppedAt = performance.now();
  first.child.kill('SIGTERM');
  const [code] = await once(first.child, 'exit');
  expect(code).toBe(0);
  expect(performance.now() - stoppedAt).toBeLessThan(21_000);
  const rungBefore = portal.telephones.dials.length;

  const second = await relays.start(env);
  // A few may have waited for their turn; they are dialled now, and only they.
  const waited = 50 - rungBefore;
  await expect.poll(() => portal.telephones.dials.length, { timeout: 15_000 }).toBe(50);
  expect(waited).toBeLessThanOrEqual(10);
  expect(new Set(portal.telephones.dials.map(({ number }) => number)).size).toBe(50);
  const states = await Promise.all(calls.map((call) => stateOf(second.url, call)));
  expect(new Set(states)).toEqual(new Set(['calling', 'waiting']));
  expect(states.filter((state) => state === 'waiting').length).toBeLessThanOrEqual(20);
  expect(second.output()).not.toContain('call.settle_lost');
});

test.each([
  { how: 'SIGTERM to npm, as a service manager sends it', kill: (npm: number) => process.kill(npm, 'SIGTERM') },
  {
    how: 'Ctrl-C, which reaches everybody in the terminal and comes once more from npm',
    kill: (npm: number) => process.kill(-npm, 'SIGINT'),
  },
])('npm start, stopped by $how: the dial is finished, and then nobody holds the database', { timeout: 60_000 }, async ({ kill }) => {
  portal.misbehave(DIAL, { kind: 'slow', delayMs: 1_500 });
  const first = await relays.startByNpm(env);
  const call = await ask(first.url, 1);
  await expect.poll(dialsTried, { timeout: 10_000 }).toBe(1);
  kill(first.child.pid ?? 0);
  await once(first.child, 'exit');
  const second = await relays.start(env);
  expect(await stateOf(second.url, call)).toBe('calling');
  expect(portal.telephones.dials).toHaveLength(1);
});

/** Greets at once, and answers whatever is said to it only after more than half of the time that a stop may take. */
async function slowMailServer(): Promise<{ url: string; said: string[] }> {
  const said: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write('220 mail.example\r\n');
    socket.setEncoding('utf8').on('data', (text: string) => {
      said.push(text.slice(0, 4));
      setTimeout(() => socket.write('250 mail.example\r\n'), 12_000).unref();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`, said };
}

test('SIGTERM while a letter takes longer than that: gone after 20 s all the same, and the letter still waits', {
  timeout: 60_000,
}, async () => {
  const mail = await slowMailServer();
  const path = join(folder, 'ringback.json');
  const channels = { mail: { type: 'email', server: { $env: 'MAIL' }, from: 'relay@example.com', to: ['desk@example.com'] } };
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), channels }));
  env = { ...env, MAIL: mail.url };
  portal.misbehave(DIAL, { kind: 'error', name: 'badNumber' });
  const first = await relays.start(env);
  await ask(first.url, 1);
  await expect.poll(() => mail.said.includes('EHLO'), { timeout: 15_000 }).toBe(true);
  const stoppedAt = performance.now();
  first.child.kill('SIGTERM');
  expect((await once(first.child, 'exit'))[0]).toBe(0);
  expect(performance.now() - stoppedAt).toBeGreaterThan(15_000);
  expect(performance.now() - stoppedAt).toBeLessThan(21_500);
  const waiting = relays.run(env, 'messages', '--json');
  await once(waiting.child, 'exit');
  expect(waiting.output()).toMatch(/"state":"waiting"/);
});

test('what waits when the relay stops is dialled once by the next start', { timeout: 60_000 }, async () => {
  portal.misbehave(DIAL, { kind: 'error', name: 'tooManyRequests' });
  const first = await relays.start(env);
  const call = await ask(first.url, 1);
  await expect.poll(dialsTried, { timeout: 10_000 }).toBe(1);
  // The portal has turned it away: it waits for its second try.
  first.child.kill('SIGTERM');
  expect((await once(first.child, 'exit'))[0]).toBe(0);
  const second = await relays.start(env);
  await expect.poll(() => stateOf(second.url, call), { timeout: 15_000 }).toBe('calling');
  expect(portal.telephones.dials).toHaveLength(1);
});

test('a second relay on the same database is refused, in words that say what to do, and the first goes on', {
  timeout: 60_000,
}, async () => {
  const first = await relays.start(env);
  const second = relays.run(env, 'start');
  expect((await once(second.child, 'exit'))[0]).toBe(1);
  expect(second.output()).toMatch(/r\.db is in use by another process\. A SQLite database serves one relay at a time: stop the other one/);
  const call = await ask(first.url, 1);
  await expect.poll(() => stateOf(first.url, call), { timeout: 15_000 }).toBe('calling');
});
