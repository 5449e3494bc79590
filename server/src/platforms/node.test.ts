/** The relay as the process that people run: the built command, real sockets, a simulated portal on loopback. Needs `npm run build`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bitrix24Portal } from '../simulators/bitrix24/portal.ts';
import { servePortal } from '../simulators/bitrix24/serve-portal.ts';
import { systemClock } from './node-clock.ts';

const COMMAND = new URL('../../dist/cli/ringback.js', import.meta.url).pathname;
const ORIGIN = 'https://shop.example';
const SECRET = 'c4n4rys3cr3tc4n4ry';

let folder: string;
let children: ChildProcess[];
let closers: (() => Promise<unknown> | unknown)[];

beforeEach(() => {
  if (!existsSync(COMMAND)) throw new Error('The relay has not been built. Run: npm run build');
  folder = mkdtempSync(join(tmpdir(), 'ringback-node-'));
  children = [];
  closers = [];
});

afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  for (const close of closers) await close();
  rmSync(folder, { recursive: true, force: true });
});

interface Running {
  child: ChildProcess;
  url: string;
  output: () => string;
}

function run(env: Record<string, string>): { child: ChildProcess; output: () => string } {
  const usual = { PATH: process.env.PATH ?? '', HOST: '127.0.0.1', PORT: '0', RINGBACK_STORE: `sqlite:${join(folder, 'r.db')}` };
  const child = spawn(process.execPath, [COMMAND, 'start'], { cwd: folder, env: { ...usual, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  children.push(child);
  return { child, output: () => text };
}

async function start(env: Record<string, string> = {}): Promise<Running> {
  const { child, output } = run(env);
  for (;;) {
    const url = /http:\/\/[\w.:]+/.exec(output())?.[0];
    if (url !== undefined) return { child, url, output };
    if (child.exitCode !== null) throw new Error(output());
    await Promise.race([child.stdout && once(child.stdout, 'data'), once(child, 'exit')]);
  }
}

async function startWithPortal(changes: Record<string, string> = {}) {
  const portal = bitrix24Portal({ clock: systemClock, userId: '1', webhookSecret: SECRET, lines: { reg1332: 'Sales' } });
  const served = await servePortal(portal);
  closers.push(() => served.close());
  const relay = await start({
    BITRIX24_WEBHOOK_URL: served.webhookUrl,
    BITRIX24_LINE: 'reg1332',
    RINGBACK_ORIGINS: ORIGIN,
    RINGBACK_COUNTRY: 'DE',
    ...changes,
  });
  return { portal, relay };
}

const ask = (url: string, phone = '0151 23456789', headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: ORIGIN, 'idempotency-key': crypto.randomUUID(), ...headers },
    body: JSON.stringify({ site: 'default', phone }),
  });

/** Asks until the call stands so; the relay tells by itself when to ask again. */
async function followUntil(url: string, { id, statusToken }: { id: string; statusToken: string }, state: string): Promise<void> {
  for (let asked = 0; asked < 200; asked++) {
    const response = await fetch(`${url}/v1/calls/${id}`, { headers: { authorization: `Bearer ${statusToken}` } });
    const call = (await response.json()) as { state: string };
    if (call.state === state) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`The call never became ${state}.`);
}

describe('a portal given only by webhook address and line', () => {
  test('gets exactly one correct request for an accepted call', async () => {
    const { portal, relay } = await startWithPortal();
    const key = { 'idempotency-key': crypto.randomUUID() };
    const answers = await Promise.all(Array.from({ length: 20 }, async () => (await ask(relay.url, '0151 23456789', key)).json()));
    expect(new Set(answers.map((each: { id: string }) => each.id)).size).toBe(1);
    await followUntil(relay.url, answers[0], 'calling');
    expect(portal.telephones.dials).toMatchObject([
      { line: 'reg1332', number: '+4915123456789', announcement: 'You have a callback request from the website. Connecting you now.' },
    ]);
  });

  test('shows neither secret nor number in anything that the relay prints', async () => {
    const { portal, relay } = await startWithPortal();
    portal.misbehave('voximplant.callback.start', { kind: 'drop', executes: true });
    await ask(relay.url);
    await expect.poll(() => relay.output(), { timeout: 10_000 }).toContain('call.uncertain');
    expect(relay.output()).not.toContain(SECRET);
    expect(relay.output()).not.toMatch(/15123456789/);
    expect(portal.telephones.dials).toHaveLength(1);
  });

  test('is reached on a fresh connection for every dial', async () => {
    let sockets = 0;
    const requests: string[] = [];
    const portal = createServer((request, response) => {
      requests.push(request.url ?? '');
      request.resume();
      response.setHeader('content-type', 'application/json').end('{"result":{"RESULT":true}}');
    });
    portal.on('connection', () => sockets++);
    portal.listen(0, '127.0.0.1');
    await once(portal, 'listening');
    closers.push(() => portal.close());
    const { port } = portal.address() as AddressInfo;
    const { relay } = await startWithPortal({ BITRIX24_WEBHOOK_URL: `http://127.0.0.1:${port}/rest/1/${SECRET}/` });
    // As many as may ring at once: of a portal that reports nothing, a third would wait for a minute.
    for (const phone of ['0151 23456781', '0151 23456782']) {
      await followUntil(relay.url, (await (await ask(relay.url, phone)).json()) as { id: string; statusToken: string }, 'calling');
    }
    expect(requests.filter((path) => path.endsWith('voximplant.callback.start'))).toHaveLength(2);
    expect(sockets).toBe(requests.length);
  });
});

describe('starting and stopping', () => {
  test('without settings it is the demo, with the page, the script and a secret of its own', async () => {
    const { url, output } = await start();
    expect(output()).toContain('Nothing here reaches a real telephone');
    for (const path of ['/', '/callback.js', '/callback/ru.json', '/healthz', '/readyz', '/openapi.json']) {
      expect((await fetch(url + path)).status, path).toBe(200);
    }
    const secret = join(folder, 'r.db.secret');
    expect(readFileSync(secret, 'utf8')).toHaveLength(44);
    expect(statSync(secret).mode & 0o777).toBe(0o600);
  });

  test('a misconfigured start ends with every fault named and no value repeated', async () => {
    const { child, output } = run({
      BITRIX24_WEBHOOK_URL: `http://portal.example/rest/1/${SECRET}/`,
      RINGBACK_ORIGINS: 'shop.example',
      RINGBACK_COUNTRY: 'Germany',
      RINGBACK_ORGINS: 'x',
      PORT: 'eighty',
    });
    const [code] = await once(child, 'exit');
    expect(code).toBe(1);
    for (const setting of ['BITRIX24_WEBHOOK_URL', 'BITRIX24_LINE', 'RINGBACK_ORIGINS', 'RINGBACK_COUNTRY', 'RINGBACK_ORGINS', 'PORT']) {
      expect(output()).toContain(setting);
    }
    expect(output()).not.toContain(SECRET);
  });

  test('a port that is taken, and a store that is in use, are said so', async () => {
    const first = await start();
    const port = new URL(first.url).port;
    const taken = run({ PORT: port, RINGBACK_STORE: `sqlite:${join(folder, 'other.db')}` });
    expect((await once(taken.child, 'exit'))[0]).toBe(1);
    expect(taken.output()).toContain(`port ${port} is taken`);
    const locked = run({});
    expect((await once(locked.child, 'exit'))[0]).toBe(1);
    expect(locked.output()).toContain('in use by another process');
  });

  test('what was accepted before kill -9 is dialled once by the next start', async () => {
    const { portal, relay } = await startWithPortal();
    portal.misbehave('voximplant.callback.start', { kind: 'hang', executes: true });
    const call = (await (await ask(relay.url)).json()) as { id: string; statusToken: string };
    await expect.poll(() => portal.telephones.dials.length, { timeout: 10_000 }).toBe(1);
    relay.child.kill('SIGKILL');
    await once(relay.child, 'exit');
    const { relay: next } = await startWithPortal();
    const response = await fetch(`${next.url}/v1/calls/${call.id}`, { headers: { authorization: `Bearer ${call.statusToken}` } });
    // The claim survived: nobody dials again, and nobody says that it rings.
    expect(await response.json()).toMatchObject({ state: 'waiting', final: false });
    expect(portal.telephones.dials).toHaveLength(1);
  });

  test('SIGTERM lets a dial that is under way finish', async () => {
    const { portal, relay } = await startWithPortal();
    portal.misbehave('voximplant.callback.start', { kind: 'slow', delayMs: 400 });
    const call = (await (await ask(relay.url)).json()) as { id: string; statusToken: string };
    await expect.poll(() => portal.requests.length, { timeout: 10_000 }).toBeGreaterThan(2);
    relay.child.kill('SIGTERM');
    expect((await once(relay.child, 'exit'))[0]).toBe(0);
    const { relay: next } = await startWithPortal();
    await followUntil(next.url, call, 'calling');
    expect(portal.telephones.dials).toHaveLength(1);
  });
});

describe('raw requests', () => {
  /** Sends bytes and answers with everything that came back until the other side hung up. */
  async function raw(url: string, ...parts: string[]): Promise<string> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', () => {});
    for (const part of parts) socket.write(part);
    await once(socket, 'close');
    return text;
  }

  const head = (...lines: string[]) =>
    [
      'POST /v1/calls HTTP/1.1',
      'Host: x',
      `Origin: ${ORIGIN}`,
      'Content-Type: application/json',
      'Connection: close',
      ...lines,
      '',
      '',
    ].join('\r\n');

  test('bodies that are too large, lie about their length or have none are cut, and nothing is accepted', async () => {
    const { portal, relay } = await startWithPortal();
    const key = `Idempotency-Key: ${crypto.randomUUID()}`;
    const chunk = `1000\r\n${'x'.repeat(4096)}\r\n`;
    const [large, chunked, noNumber, both] = await Promise.all([
      raw(relay.url, head(key, 'Content-Length: 5000'), 'x'.repeat(5000)),
      raw(relay.url, head(key, 'Transfer-Encoding: chunked'), chunk, chunk, '0\r\n\r\n'),
      raw(relay.url, head(key, 'Content-Length: NaN'), '{}'),
      raw(relay.url, head(key, 'Content-Length: 2', 'Transfer-Encoding: chunked'), '2\r\n{}\r\n0\r\n\r\n'),
    ]);
    expect(large).toMatch(/^HTTP\/1.1 413 /);
    expect(chunked).toMatch(/^HTTP\/1.1 413 /);
    expect(noNumber).toMatch(/^HTTP\/1.1 400 /);
    expect(both).toMatch(/^HTTP\/1.1 400 /);
    expect(portal.telephones.dials).toEqual([]);
  });

  test('those who drip headers or a body lose their connection', { timeout: 20_000 }, async () => {
    const { relay } = await startWithPortal();
    const [slowHead, slowBody] = await Promise.all([
      raw(relay.url, 'POST /v1/calls HTTP/1.1\r\nHost: x\r\n'),
      raw(relay.url, head('Content-Length: 100'), '{'),
    ]);
    expect(slowHead).toMatch(/^HTTP\/1.1 408 /);
    expect(slowBody).toMatch(/^HTTP\/1.1 408 /);
  });
});
