/** The relay under a service account, commands given as root, as on most servers. Needs root, which alone can start a process as somebody else. */
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { commandLine } from '../simulators/command-line.ts';

const TIMEOUT_MS = 60_000;
const NUMBER = '+4915112345678';
const NOBODY = { uid: 65_534, gid: 65_534 };
const isRoot = process.geteuid?.() === 0;

const folder = mkdtempSync(join(tmpdir(), 'ringback-user-'));
const settings = join(folder, 'settings.json');
const ENV: Record<string, string | undefined> = {
  PATH: process.env.PATH,
  RINGBACK_CONFIG: settings,
  SHOP_WEBHOOK_URL: 'http://127.0.0.1:9/rest/1/k3y/',
};
const line = commandLine(folder, ENV);
const command = line.command;

beforeAll(async () => {
  await line.build();
  chmodSync(folder, 0o755);
}, TIMEOUT_MS);
afterEach(() => line.killAll());
afterAll(() => rmSync(folder, { recursive: true }));

/** The data folder as a package or a service manager makes it: the service account's own. */
function setUp(name: string): string {
  const data = join(folder, name);
  mkdirSync(data, { mode: 0o700 });
  chownSync(data, NOBODY.uid, NOBODY.gid);
  const database = join(data, 'ringback.db');
  const shop = { provider: 'main', line: 'reg1', origins: ['https://a.example'], country: 'DE', proof: 'off' };
  const providers = { main: { type: 'bitrix24', webhookUrl: { $env: 'SHOP_WEBHOOK_URL' } } };
  writeFileSync(settings, JSON.stringify({ host: '127.0.0.1', port: 0, store: `sqlite:${database}`, sites: { shop }, providers }));
  return database;
}

async function ask(url: string, phone: string): Promise<string | number> {
  const headers = { origin: 'https://a.example', 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
  const answer = await fetch(`${url}/v1/calls`, { method: 'POST', headers, body: JSON.stringify({ site: 'shop', phone }) });
  return ((await answer.json()) as { code?: string }).code ?? answer.status;
}

test.runIf(isRoot)('what root orders is heeded by a relay of another user, and outlasts its restart', { timeout: TIMEOUT_MS }, async () => {
  const database = setUp('orders');
  const relay = await line.startRelay(NOBODY);
  expect(await ask(relay.url, '+4915112340001')).toBe(202);
  expect(statSync(`${database}.control`).uid).toBe(NOBODY.uid);

  expect(await command('pause')).toEqual({ code: 0, text: 'Everything is paused. The relay heeds it.\n' });
  expect(await ask(relay.url, '+4915112340002')).toBe('unavailable');
  relay.child.kill('SIGTERM');
  expect(await relay.ended).toBe(0);
  // What root does while nothing runs is the relay's as well.
  expect((await command('opt-out', '+4915112340009')).code).toBe(0);
  rmSync(`${database}.control`, { recursive: true });
  expect((await command('pause')).code).toBe(0);

  const again = await line.startRelay(NOBODY);
  expect(await ask(again.url, '+4915112340003')).toBe('unavailable');
  expect(await command('resume')).toEqual({ code: 0, text: 'Nothing is paused. The relay heeds it.\n' });
  expect(await command('opt-out', NUMBER)).toMatchObject({ code: 0, text: expect.stringContaining('is left alone until') });
  expect(await ask(again.url, NUMBER)).toBe('number_refused');
  expect(await ask(again.url, '+4915112340009')).toBe('number_refused');
  expect(await command('forget', NUMBER)).toEqual({ code: 0, text: 'The number is forgotten.\n' });
  expect(readdirSync(`${database}.control`)).toEqual([]);
});

test.runIf(isRoot)(
  'a control folder that the relay may not read pauses it, until a command of root has mended that',
  {
    timeout: TIMEOUT_MS,
  },
  async () => {
    const database = setUp('foreign');
    mkdirSync(`${database}.control`, { mode: 0o700 });
    const relay = await line.startRelay(NOBODY);
    expect(relay.text()).toMatch(/control\.unreadable.*EACCES.*nothing is dialled/);
    expect(await ask(relay.url, '+4915112340001')).toBe('unavailable');
    expect(relay.text()).not.toMatch(/port \d+ is not allowed/);

    expect(await command('resume')).toEqual({ code: 0, text: 'Nothing is paused. The relay heeds it.\n' });
    expect(await ask(relay.url, '+4915112340002')).toBe(202);
  },
);

test.runIf(isRoot)(
  'a command that the relay could not read is refused to whom it cannot be given away',
  { timeout: TIMEOUT_MS },
  async () => {
    const database = setUp('guest');
    const relay = await line.startRelay(NOBODY);
    relay.child.kill('SIGTERM');
    await relay.ended;
    rmSync(`${database}.control`, { recursive: true });
    chmodSync(join(folder, 'guest'), 0o777);
    const guest = line.runAs({ uid: 65_533, gid: 65_533 }, 'pause');
    expect(await guest.ended).toBe(1);
    expect(guest.text()).toContain('Give the command as the user to whom');
    expect(existsSync(`${database}.control`)).toBe(false);
  },
);

test.runIf(isRoot)('only the port is told to be the port', { timeout: TIMEOUT_MS }, async () => {
  const database = setUp('secret');
  writeFileSync(`${database}.secret`, 'not for the relay', { mode: 0o600 });
  await expect(line.startRelay(NOBODY)).rejects.toThrow(/Ringback cannot start: .*EACCES.*ringback\.db\.secret/);
});
