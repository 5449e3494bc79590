/** The command line as people use it: real processes, one database. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../platforms/node-clock.ts';
import { bitrix24Portal } from '../simulators/bitrix24/portal.ts';
import { servePortal } from '../simulators/bitrix24/serve-portal.ts';
import { commandLine } from '../simulators/command-line.ts';
import { webhookReceiver } from '../simulators/webhook-receiver.ts';

/** Processes start slowly on a busy machine. */
const TIMEOUT_MS = 60_000;
const NUMBER = '+4915112345678';
/** Nobody listens there: whatever is dialled is proved not to have been sent. */
const SECRET = 'c4n4rys3cr3t';
const PORTAL = `http://127.0.0.1:9/rest/1/${SECRET}/`;

const folder = mkdtempSync(join(tmpdir(), 'ringback-cli-'));
const settings = join(folder, 'settings.json');
const SIGNING_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const ENV: Record<string, string | undefined> = {
  PATH: process.env.PATH,
  RINGBACK_CONFIG: settings,
  SHOP_WEBHOOK_URL: PORTAL,
  SHOP_LEADS_SECRET: SIGNING_SECRET,
};
const line = commandLine(folder, ENV);
const command = line.command;

beforeAll(() => line.build(), TIMEOUT_MS);
afterEach(() => line.killAll());
afterAll(() => rmSync(folder, { recursive: true }));

function writeSettings(name: string, site: object, rest: object = {}): void {
  const shop = { provider: 'main', line: 'reg1', origins: ['https://a.example'], country: 'DE', proof: 'off', ...site };
  const file = { host: '127.0.0.1', port: 0, store: `sqlite:${join(folder, name)}`, sites: { shop }, ...rest };
  writeFileSync(settings, JSON.stringify({ ...file, providers: { main: { type: 'bitrix24', webhookUrl: { $env: 'SHOP_WEBHOOK_URL' } } } }));
}

async function startRelay() {
  const relay = await line.startRelay();
  let asked = 0;
  const ask = async (origin = 'https://a.example', phone = `+49151123400${String(asked++).padStart(2, '0')}`) => {
    const headers = { origin, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
    const answer = await fetch(`${relay.url}/v1/calls`, { method: 'POST', headers, body: JSON.stringify({ site: 'shop', phone }) });
    const { code } = (await answer.json()) as { code?: string };
    return code ?? answer.status;
  };
  return { ...relay, ask };
}

test('a relay that runs is paused, resumed and told whom to leave alone', { timeout: TIMEOUT_MS }, async () => {
  writeSettings('commands.db', {});
  const relay = await startRelay();
  expect(await relay.ask()).toBe(202);

  expect(await command('pause', '--json')).toEqual({ code: 0, text: '{"paused":true,"pausedSites":[],"relay":"heeded"}\n' });
  // It is heeded by the time that it is said to be.
  expect(await relay.ask()).toBe('unavailable');
  expect(await command('resume')).toMatchObject({ code: 0 });
  expect(await relay.ask()).toBe(202);

  expect(await command('pause', 'shop')).toMatchObject({ code: 0, text: expect.stringContaining('Paused: shop. The relay heeds it.') });
  await relay.says(/control\.paused.*"site":"shop"/);
  expect(await relay.ask()).toBe('unavailable');
  expect(await command('resume', 'shop')).toMatchObject({ code: 0 });

  const optedOut = await command('opt-out', NUMBER, '--days', '2', '--json');
  expect(optedOut).toMatchObject({ code: 0, text: expect.stringContaining('"outcome":"done"') });
  expect(await relay.ask('https://a.example', NUMBER)).toBe('number_refused');
  expect((await command('forget', NUMBER)).text).toBe('The number is forgotten.\n');
  expect(await relay.ask('https://a.example', NUMBER)).toBe('number_refused');

  relay.child.kill('SIGTERM');
  expect(await relay.ended).toBe(0);
  expect(relay.text() + optedOut.text).not.toMatch(/15112345678|c4n4rys3cr3t/);

  // Without a relay nobody heeds a pause yet, and that is said.
  expect(await command('pause')).toEqual({ code: 0, text: 'Everything is paused. No relay runs here; one that starts will heed it.\n' });
  expect(await command('resume', '--json')).toEqual({ code: 0, text: '{"paused":false,"pausedSites":[],"relay":"not_running"}\n' });
  // And the command does by itself what needs no relay.
  expect(await command('forget', NUMBER, '--json')).toEqual({ code: 0, text: '{"outcome":"done","calls":0}\n' });
  expect(readdirSync(join(folder, 'commands.db.control'))).toEqual([]);
  for (const name of readdirSync(folder).filter((file) => file.startsWith('commands.db') && !file.endsWith('.control'))) {
    expect(readFileSync(join(folder, name)).includes('15112345678'), name).toBe(false);
  }
});

test('a lead that was given up is shown, and tried again when somebody says so', { timeout: TIMEOUT_MS }, async () => {
  const receiver = await webhookReceiver(SIGNING_SECRET);
  onTestFinished(() => receiver.close());
  receiver.mood = { status: 410 };
  // Says no at once, so that there is a lead at once.
  const portal = bitrix24Portal({
    clock: systemClock,
    userId: '1',
    webhookSecret: SECRET,
    lines: { reg1: 'Line' },
    rights: { outgoingCall: false },
  });
  const served = await servePortal(portal);
  onTestFinished(() => served.close());
  const env = { ...ENV };
  onTestFinished(() => void Object.assign(ENV, env));
  Object.assign(ENV, { SHOP_LEADS_URL: receiver.url, SHOP_WEBHOOK_URL: served.webhookUrl });
  const hook = { type: 'webhook', url: { $env: 'SHOP_LEADS_URL' }, secret: { $env: 'SHOP_LEADS_SECRET' } };
  writeSettings('messages.db', {}, { channels: { hook } });
  const relay = await startRelay();
  expect(await relay.ask('https://a.example', NUMBER)).toBe(202);
  // The lead, and a notice about the right that is missing.
  await relay.says('message.quarantined');
  await relay.says('message.quarantined');

  const shown = await command('messages');
  expect(shown).toMatchObject({
    code: 0,
    text: expect.stringMatching(/^quarantined {2}hook {2}call \S+ {2}since \S+ {2}tried 1 time {2}receiver_gone$/m),
  });
  const listed = JSON.parse((await command('messages', '--json')).text) as { kind: string }[];
  expect(listed.toSorted((one, other) => one.kind.localeCompare(other.kind))).toEqual(
    ['lead', 'notice'].map((kind) => expect.objectContaining({ kind, state: 'quarantined', channel: 'hook', fault: 'receiver_gone' })),
  );

  receiver.mood = { status: 204 };
  expect(await command('messages', 'retry')).toEqual({ code: 0, text: 'Given another try: 2.\n' });
  await relay.says('message.delivered');
  await relay.says('message.delivered');
  expect(new Set(receiver.received.map(({ id, verified }) => `${id} ${verified}`)).size).toBe(2);

  relay.child.kill('SIGTERM');
  expect(await relay.ended).toBe(0);
  expect(relay.text() + shown.text).not.toMatch(new RegExp(`15112345678|${SECRET}|whsec_|${receiver.url}`));
  // Without a relay, the command answers by itself, and nothing is left lying about.
  expect(await command('messages')).toEqual({ code: 0, text: 'Everything has been told.\n' });
  expect(readdirSync(join(folder, 'messages.db.control'))).toEqual([]);
});

test('SIGHUP takes on new settings without a restart, and leaves the old ones where the new are wrong', {
  timeout: TIMEOUT_MS,
}, async () => {
  writeSettings('reload.db', {});
  const relay = await startRelay();
  expect(await relay.ask()).toBe(202);

  writeSettings('reload.db', { origins: ['https://b.example'] });
  relay.child.kill('SIGHUP');
  await relay.says('config.reloaded');
  expect(await relay.ask('https://a.example')).toBe('origin_not_allowed');
  expect(await relay.ask('https://b.example')).toBe(202);

  writeSettings('reload.db', { origins: ['https://c.example/'] });
  relay.child.kill('SIGHUP');
  await relay.says(/The new settings were not taken: one setting needs attention\.[\s\S]*sites\.shop\.origins/);
  writeSettings('elsewhere.db', { origins: ['https://c.example'] });
  relay.child.kill('SIGHUP');
  await relay.says(/The new settings were not taken[\s\S]*store[\s\S]*start the relay anew/);
  expect(await relay.ask('https://b.example')).toBe(202);

  writeSettings('reload.db', { origins: ['https://b.example'] }, { paused: true });
  relay.child.kill('SIGHUP');
  await relay.says('config.reloaded');
  expect(await relay.ask('https://b.example')).toBe('unavailable');
  expect(await command('resume')).toMatchObject({
    code: 1,
    text: expect.stringMatching(/^Everything is paused\.\nStill paused by the settings/),
  });

  relay.child.kill('SIGTERM');
  expect(await relay.ended).toBe(0);
  expect(relay.text()).not.toContain(SECRET);
});

test('the address for events is shown to who asks, and is the one that the relay answers at', { timeout: TIMEOUT_MS }, async () => {
  writeSettings('events.db', {});
  expect(await command('events-url')).toMatchObject({ code: 1, text: expect.stringContaining('There is no secret yet') });
  expect(existsSync(join(folder, 'events.db.secret'))).toBe(false);

  const relay = await startRelay();
  const [shown, all, unknown, badBase] = await Promise.all([
    command('events-url', 'main', '--base', relay.url),
    command('events-url', '--json'),
    command('events-url', 'other'),
    command('events-url', '--base', 'relay.example'),
  ]);
  const url = /^http\S+\/events\/main\/[\w-]{22}$/m.exec(shown.text)?.[0] ?? '';
  expect(shown).toMatchObject({ code: 0, text: expect.stringContaining('has no event token') });
  expect(all.text).toContain(`"url":"https://<address of the relay>${new URL(url).pathname}"`);
  expect(unknown).toMatchObject({ code: 1, text: expect.stringContaining('There are: main.') });
  expect(badBase.code).toBe(2);
  // The right address: there, what does not prove itself is forged. Anywhere else there is nothing.
  expect((await fetch(url, { method: 'POST' })).status).toBe(403);
  expect((await fetch(`${url}x`, { method: 'POST' })).status).toBe(404);

  relay.child.kill('SIGTERM');
  expect(await relay.ended).toBe(0);
  expect(relay.text()).not.toContain(url.slice(-22));
});

test('what cannot be done is said, with an exit code of its own', { timeout: TIMEOUT_MS }, async () => {
  writeSettings('never-started.db', {});
  const [strange, slipped, badNumber, badDays, noDatabase, help] = await Promise.all([
    command('dance'),
    command('opt-out', `--${NUMBER}`),
    command('forget', '040 9876543'),
    command('opt-out', NUMBER, '--days', '0'),
    command('pause'),
    command('--help'),
  ]);
  expect(strange.code).toBe(2);
  expect(slipped.code).toBe(2);
  expect(slipped.text).not.toContain(NUMBER.slice(-7));
  expect(badNumber).toMatchObject({ code: 2, text: expect.stringContaining('international form') });
  expect(badNumber.text).not.toContain('9876543');
  expect(badDays.code).toBe(2);
  expect(noDatabase).toMatchObject({ code: 1, text: expect.stringContaining('There is no database') });
  expect(help).toMatchObject({ code: 0, text: expect.stringContaining('opt-out') });
});
