/**
 * A disk that is full, that fails, or whose database somebody else holds. The relay is the built command in a process of its own
 * (needs `npm run build`); who was rung stands in the simulated portal's own log.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Provider } from '../providers/provider.ts';
import { relay } from '../relay.ts';
import { type Bitrix24Portal, bitrix24Portal } from '../simulators/bitrix24/portal.ts';
import { type ServedPortal, servePortal } from '../simulators/bitrix24/serve-portal.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { fakeClock } from '../simulators/fake-clock.ts';
import { plainProvider } from '../simulators/plain-provider.ts';
import { sqlStore } from '../store/sql-store.ts';
import { sqliteDriver } from '../store/sqlite-driver.ts';
import { openSqlite } from '../store/sqlite-file.ts';
import { systemClock } from './node-clock.ts';

const COMMAND = new URL('../../dist/cli/ringback.js', import.meta.url).pathname;
const ORIGIN = 'https://shop.example';
/** Processes start slowly on a busy machine. */
const SLOW = { timeout: 60_000 };

let folder: string;
let portal: Bitrix24Portal;
let served: ServedPortal;
let children: ChildProcess[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ringback-disk-'));
  portal = bitrix24Portal({ clock: systemClock, userId: '1', webhookSecret: 'k3y', lines: { reg1332: 'Sales' } });
  served = await servePortal(portal);
  children = [];
});

afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await served.close();
  rmSync(folder, { recursive: true, force: true });
});

/** `wrapper`: words of a command that ends by running what follows it. */
async function start(wrapper: readonly string[] = []) {
  if (!existsSync(COMMAND)) throw new Error('The relay has not been built. Run: npm run build');
  const settings = join(folder, 'ringback.json');
  const site = { provider: 'main', line: 'reg1332', origins: [ORIGIN], country: 'DE', concurrency: 100, proof: 'off' };
  const many = { sitePerMinute: 1_000, deploymentPerMinute: 1_000, sourcePerHour: 1_000, sourcePer24Hours: 1_000 };
  const numbers = { sourceNumbersPer24Hours: 1_000, shieldPerMinute: 1_000, acceptHigherCost: true };
  const providers = { main: { type: 'bitrix24', webhookUrl: { $env: 'PORTAL' } } };
  writeFileSync(settings, JSON.stringify({ providers, sites: { shop: site }, limits: { ...many, ...numbers } }));
  const [command = '', ...rest] = [...wrapper, process.execPath, COMMAND, 'start'];
  const places = { RINGBACK_CONFIG: settings, RINGBACK_STORE: `sqlite:${join(folder, 'disk', 'r.db')}` };
  const env = { PATH: process.env.PATH ?? '', HOST: '127.0.0.1', PORT: '0', PORTAL: served.webhookUrl, ...places };
  const child = spawn(command, rest, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  for (;;) {
    const url = /http:\/\/[\w.]+:\d+/.exec(output)?.[0];
    if (url !== undefined) return { child, url, output: () => output };
    if (child.exitCode !== null) throw new Error(output);
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  }
}

/** Needed to let a single system call fail, and to see the order of them. */
const canTrace = spawnSync('strace', ['-f', '-qq', '-o', '/dev/null', 'true']).status === 0;

let asked = 0;

async function ask(url: string): Promise<{ number: string; status: number; id: string; statusToken: string; retryAfter: string | null }> {
  asked += 1;
  const number = `+4915123${String(asked).padStart(6, '0')}`;
  const response = await fetch(`${url}/v1/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: ORIGIN, 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify({ site: 'shop', phone: number }),
  });
  const { id, statusToken } = (await response.json()) as { id: string; statusToken: string };
  return { number, status: response.status, id, statusToken, retryAfter: response.headers.get('retry-after') };
}

const rung = () => portal.telephones.dials.map(({ number }) => number);

/** Asks until the relay has gone; the calls that it promised to make. */
async function askUntilGone({ child, url }: { child: ChildProcess; url: string }) {
  const promised: Awaited<ReturnType<typeof ask>>[] = [];
  const refused: string[] = [];
  const gone = once(child, 'exit');
  for (let turn = 0; turn < 300 && child.exitCode === null; turn += 1) {
    const answer = await ask(url).catch(() => undefined);
    if (answer?.status === 202) promised.push(answer);
    else if (answer !== undefined) refused.push(answer.number);
  }
  const [code] = await gone;
  return { promised, refused, code };
}

async function expectKept(url: string, calls: readonly { id: string; statusToken: string }[]): Promise<void> {
  for (const { id, statusToken } of calls) {
    const response = await fetch(`${url}/v1/calls/${id}`, { headers: { authorization: `Bearer ${statusToken}` } });
    expect(response.status).toBe(200);
  }
}

describe('a full disk', () => {
  test('is answered with 503, nobody is dialled, and with room again all goes on', async () => {
    const clock = fakeClock();
    const database = openSqlite({ path: join(folder, 'full.db') });
    const store = sqlStore(sqliteDriver(database), clock);
    const sites = new Map([['default', exampleSite({ provider: 'pbx' })]]);
    const dials: string[] = [];
    const config = { sites, limits: USUAL_LIMITS, demo: false, ownPage: false, deniedPrefixes: [], paused: false };
    const provider: Provider = plainProvider(
      async ({ number }) => {
        dials.push(number);
        return { kind: 'placed', ref: undefined };
      },
      {
        reportsEvents: false,
      },
    );
    const subject = relay({
      config: { ...config, budget: { perDay: 1_000, timeZone: 'UTC' } },
      store,
      providers: new Map([['pbx', provider]]),
      secret: new Uint8Array(32).fill(9),
      clock,
      log: () => {},
      version: '0.0.0',
    });
    // What is kept of the page is so long that two calls do not share a page of the database.
    const page = { url: `${ORIGIN}/?${'x'.repeat(900)}`, referrer: `${ORIGIN}/?${'y'.repeat(900)}` };
    const post = async (phone: string) => {
      const headers = { origin: ORIGIN, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
      const body = JSON.stringify({ site: 'default', phone, page });
      return subject.fetch(new Request('https://relay.example/v1/calls', { method: 'POST', headers, body }), { address: '203.0.113.7' });
    };
    expect((await post('0151 23456781')).status).toBe(202);
    database.pragma(`max_page_count = ${database.pragma('page_count', { simple: true })}`);
    const refused = await post('0151 23456782');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).not.toBeNull();
    expect(await refused.json()).toMatchObject({ code: 'unavailable' });
    await subject.drain();
    expect(dials).toEqual(['+4915123456781']);

    database.pragma('max_page_count = 1000000');
    expect((await post('0151 23456783')).status).toBe(202);
    await subject.drain();
    expect(dials).toEqual(['+4915123456781', '+4915123456783']);
    await subject.close();
  });

  /** A disk of its own needs a namespace of its own, which not every machine lets a user make. */
  const canMount = spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0;

  test.runIf(canMount)('of four megabytes, filled to the last byte and emptied again', SLOW, async () => {
    const disk = join(folder, 'disk');
    const mounted = `mkdir -p ${disk} && mount -t tmpfs -o size=4m none ${disk} && exec "$0" "$@"`;
    const running = await start(['unshare', '-rm', 'sh', '-c', mounted]);
    const before = await ask(running.url);
    expect(before.status).toBe(202);
    const ballast = `/proc/${running.child.pid}/root${disk}/ballast`;
    spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1k']);

    const during = [await ask(running.url), await ask(running.url), await ask(running.url)];
    expect(during.map(({ status }) => status)).toEqual([503, 503, 503]);
    expect(during.map(({ retryAfter }) => retryAfter)).not.toContain(null);
    expect(running.child.exitCode).toBeNull();

    rmSync(ballast);
    const after = await ask(running.url);
    expect(after.status).toBe(202);
    await expect.poll(rung, { timeout: 20_000 }).toContain(after.number);
    for (const { number } of during) expect(rung()).not.toContain(number);
    expect(rung()).toHaveLength(new Set(rung()).size);
    await expectKept(running.url, [before, after]);
  });
});

describe('a disk that fails', () => {
  async function expectCleanEnd(running: Awaited<ReturnType<typeof start>>) {
    const { promised, refused, code } = await askUntilGone(running);
    expect(code).toBe(1);
    expect(running.output()).toMatch(/Ringback stops: .*Look at the disk, then start the relay anew/);
    expect(promised.length).toBeGreaterThan(0);
    for (const number of refused) expect(rung()).not.toContain(number);

    const next = await start();
    await expectKept(next.url, promised);
    const { number } = await ask(next.url);
    await expect.poll(rung, { timeout: 20_000 }).toContain(number);
    expect(rung()).toHaveLength(new Set(rung()).size);
  }

  test('to write: the process stops, nothing is dialled from memory, and the next start has all that was promised', SLOW, async () => {
    // Past this many blocks of 512 bytes the system refuses to let a file grow, which is no lack of room but an error.
    await expectCleanEnd(await start(['sh', '-c', 'ulimit -f 1500; exec "$0" "$@"']));
  });

  test.runIf(canTrace)('to sync: the same', SLOW, async () => {
    const inject = 'inject=fdatasync,fsync:error=EIO:when=60+';
    await expectCleanEnd(await start(['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=fdatasync,fsync', '-e', inject]));
  });
});

test('nobody else can lock the database while the relay runs, so no call ever waits for a lock', SLOW, async () => {
  const running = await start();
  const other = new Database(join(folder, 'disk', 'r.db'), { timeout: 0 });
  expect(() => other.exec('BEGIN IMMEDIATE')).toThrow(/locked/);
  expect(() => other.prepare('SELECT COUNT(*) FROM calls').get()).toThrow(/locked/);
  other.close();
  const began = performance.now();
  const answer = await ask(running.url);
  expect(answer.status).toBe(202);
  // Far above what an answer takes, far below the two seconds that an opening waits for a lock.
  expect(performance.now() - began).toBeLessThan(1_000);
  await expect.poll(rung, { timeout: 20_000 }).toContain(answer.number);
});

test.runIf(canTrace)(
  'a power cut takes nothing back: the disk confirms each call before it is promised, and each claim before it is dialled',
  SLOW,
  async () => {
    const trace = join(folder, 'trace');
    const calls = 'trace=fdatasync,fsync,connect,write,writev,sendto,sendmsg';
    const running = await start(['strace', '-f', '-qq', '-s', '64', '-o', trace, '-e', calls]);
    const port = new URL(served.webhookUrl).port;
    // What the start itself asks of the portal comes first.
    await expect.poll(() => portal.requests.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
    await expect.poll(() => running.output(), { timeout: 20_000 }).toContain('right_unchecked');
    const begun = readFileSync(trace, 'utf8').length;
    const { number } = await ask(running.url);
    await expect.poll(rung, { timeout: 20_000 }).toEqual([number]);

    const happened = readFileSync(trace, 'utf8')
      .slice(begun)
      .split('\n')
      .flatMap((line) => {
        if (/(?:fdatasync|fsync)(?:\(| resumed).*= 0$/.test(line)) return ['synced'];
        if (line.includes('HTTP/1.1 202')) return ['promised'];
        return line.includes(`sin_port=htons(${port})`) ? ['dialled'] : [];
      });
    expect(happened.indexOf('synced')).toBeGreaterThanOrEqual(0);
    expect(happened).toContain('dialled');
    expect(happened.indexOf('synced')).toBeLessThan(happened.indexOf('promised'));
    const beforeDial = happened.slice(0, happened.indexOf('dialled'));
    expect(beforeDial.filter((each) => each === 'synced').length).toBeGreaterThanOrEqual(2);
  },
);
