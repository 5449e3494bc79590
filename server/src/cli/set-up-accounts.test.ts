/** The commands over the other kinds of accounts: an application whose tokens a relay may hold, and a host that has recordings. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../platforms/node-clock.ts';
import { bitrix24Portal } from '../simulators/bitrix24/portal.ts';
import { serveApplication } from '../simulators/bitrix24/serve-application.ts';
import { servePortal } from '../simulators/bitrix24/serve-portal.ts';
import { commandLine } from '../simulators/command-line.ts';
import { serveTelphin } from '../simulators/telphin/serve-telphin.ts';
import { telphinHost } from '../simulators/telphin/telphin-host.ts';

const TIMEOUT_MS = 60_000;
const CLIENT_ID = 'local.0123456789abcd.01234567';
const SECRET = 'c4n4rys3cr3tc4n4rys3cr3t';
const MEMBER_ID = '0123456789abcdef0123456789abcdef';

const folder = mkdtempSync(join(tmpdir(), 'ringback-accounts-'));
const settings = join(folder, 'settings.json');
const env: Record<string, string | undefined> = { PATH: process.env.PATH, RINGBACK_CONFIG: settings, SECRET };
const { build, command, startRelay, killAll } = commandLine(folder, env);
let said = '';

beforeAll(build, TIMEOUT_MS);
afterEach(() => {
  killAll();
  expect(said).not.toContain(SECRET);
});
afterAll(() => rmSync(folder, { recursive: true }));

function writeSettings(database: string, account: object, site: object, others: object = {}): void {
  const shop = { provider: 'main', origins: ['https://a.example'], country: 'DE', proof: 'off', ...site };
  const store = `sqlite:${join(folder, database)}`;
  writeFileSync(
    settings,
    JSON.stringify({ host: '127.0.0.1', port: 0, store, trustProxy: 1, sites: { shop }, providers: { main: account, ...others } }),
  );
}

async function ask(...args: string[]) {
  const ended = await command(...args);
  said += ended.text;
  return ended;
}

async function problems(): Promise<string[]> {
  const { findings } = JSON.parse((await ask('doctor', '--json')).text) as { findings: { level: string; code: string }[] };
  return findings.filter(({ level }) => level === 'problem').map(({ code }) => code);
}

test('the lines of an application are added, shown, changed and removed, whether a relay holds its tokens or not', {
  timeout: TIMEOUT_MS,
}, async () => {
  const portal = await serveApplication({
    ...{ clock: systemClock, clientId: CLIENT_ID, clientSecret: SECRET, memberId: MEMBER_ID },
    portal: { lines: { reg1: 'Sales' } },
  });
  onTestFinished(() => portal.close());
  const account = { type: 'bitrix24_app', clientId: CLIENT_ID, clientSecret: { $env: 'SECRET' }, authServer: portal.url };
  writeSettings('application.db', account, { line: 'reg1' });
  expect(await ask('lines')).toMatchObject({ code: 1, text: expect.stringMatching(/^main: .*install/i) });

  const relay = await startRelay();
  const installUrl = (await command('events-url', '--install', '--base', relay.url)).text.trim();
  await portal.application.open(installUrl);
  portal.application.finish();
  expect(await ask('lines')).toEqual({ code: 0, text: 'id    name\nreg1  Sales\n' });
  expect(await ask('bitrix24', 'line', 'add', '+49301234567', '--name', 'Website')).toMatchObject({ code: 0 });
  expect(await ask('bitrix24', 'line', 'add', '+49301234567')).toMatchObject({ code: 1, text: expect.stringContaining('already') });
  expect((await ask('bitrix24', 'line', 'list')).text).toMatch(/^\+49301234567 +Website +yes$/m);
  expect(await problems()).toEqual([]);
  relay.child.kill('SIGTERM');
  expect(await relay.ended).toBe(0);

  // Without a relay the command opens the store by itself, and finds the tokens there.
  const update = (...changes: string[]) => ask('bitrix24', 'line', 'update', '+49301234567', ...changes);
  expect(await update('--name', 'Shop', '--no-crm')).toEqual({ code: 0, text: 'The line is changed.\n' });
  expect((await ask('bitrix24', 'line', 'list')).text).toMatch(/^\+49301234567 +Shop +no$/m);
  expect(JSON.parse((await update('--crm', '--json')).text)).toEqual({ number: '+49301234567', id: '1' });
  expect((await ask('bitrix24', 'line', 'list')).text).toMatch(/^\+49301234567 +Shop +yes$/m);
  expect(await update()).toMatchObject({ code: 2, text: expect.stringContaining('--name') });
  expect(await ask('bitrix24', 'line', 'update', '+1', '--crm')).toMatchObject({
    code: 1,
    text: expect.stringContaining('no external line'),
  });
  expect(await ask('bitrix24', 'line', 'remove', '+49301234567')).toEqual({ code: 0, text: 'The line is gone.\n' });
  expect(JSON.parse((await ask('bitrix24', 'line', 'list', '--json')).text)).toEqual([]);
  expect((await ask('bitrix24', 'line', 'add', '')).code).toBe(2);
  expect(await problems()).toEqual([]);
  expect(portal.portal.telephones.dials).toEqual([]);
});

test('the sounds of a Telphin account are shown, and the doctor misses one that is not there', { timeout: TIMEOUT_MS }, async () => {
  const host = telphinHost({
    ...{ clock: systemClock, appId: 'app0app0app0', appSecret: SECRET },
    ...{ extensions: { '77': '12037*105' }, sounds: { '9': 'Greeting' } },
  });
  const served = await serveTelphin(host);
  onTestFinished(() => served.close());
  const account = { type: 'telphin', host: served.url, appId: 'app0app0app0', appSecret: { $env: 'SECRET' } };
  writeSettings('telphin.db', account, { line: '77', telphin: { announceSoundId: 9 } });
  expect(await ask('sounds')).toEqual({ code: 0, text: 'id  name\n9   Greeting\n' });
  expect(await ask('lines')).toMatchObject({ code: 0, text: expect.stringContaining('12037*105') });
  expect(await problems()).toEqual([]);

  writeSettings('telphin.db', account, { line: '78', telphin: { announceSoundId: 10 } });
  expect(await problems()).toEqual([expect.stringMatching(/line|extension/), 'sound_unknown']);
  expect(host.telephones.dials).toEqual([]);
});

test('a command goes on with the token that the relay was given', { timeout: TIMEOUT_MS }, async () => {
  const host = telphinHost({ clock: systemClock, appId: 'app0app0app0', appSecret: SECRET, extensions: { '77': '12037*105' } });
  const served = await serveTelphin(host);
  onTestFinished(() => served.close());
  const account = { type: 'telphin', host: served.url, appId: 'app0app0app0', appSecret: { $env: 'SECRET' } };
  writeSettings('token.db', account, { line: '77' });
  const relay = await startRelay();
  await relay.says('line_found');
  relay.child.kill('SIGTERM');
  expect(await relay.ended).toBe(0);
  expect(await ask('lines')).toMatchObject({ code: 0 });
  expect(await problems()).toEqual([]);
  expect(host.tokens.given).toHaveLength(1);
});

test('a command to a Telphin account needs no store, and makes none', { timeout: TIMEOUT_MS }, async () => {
  const host = telphinHost({ clock: systemClock, appId: 'app0app0app0', appSecret: SECRET, extensions: { '77': '12037*105' } });
  const served = await serveTelphin(host);
  onTestFinished(() => served.close());
  const account = { type: 'telphin', host: served.url, appId: 'app0app0app0', appSecret: { $env: 'SECRET' } };
  writeSettings('absent.db', account, { line: '77' });
  expect(await ask('lines')).toMatchObject({ code: 0 });
  writeFileSync(join(folder, 'broken.db'), 'This is no database. '.repeat(1_000));
  writeSettings('broken.db', account, { line: '77' });
  expect(await ask('lines')).toMatchObject({ code: 0 });
  writeFileSync(join(folder, 'broken.db.secret'), Buffer.alloc(32, 1).toString('base64'));
  expect(await ask('lines')).toMatchObject({ code: 0 });
  const made = readdirSync(folder).filter((name) => /^(?:absent|broken)/.test(name));
  expect(made.toSorted()).toEqual(['broken.db', 'broken.db.secret']);
});

test('accounts without voices are no fault beside one that has some', { timeout: TIMEOUT_MS }, async () => {
  const portal = await servePortal(bitrix24Portal({ clock: systemClock, userId: '1', webhookSecret: SECRET, lines: { reg1: 'Sales' } }));
  onTestFinished(() => portal.close());
  env.PORTAL = portal.webhookUrl;
  const spare = { type: 'telphin', host: 'http://127.0.0.1:9', appId: 'app0app0app0', appSecret: { $env: 'SECRET' } };
  writeSettings('voices.db', { type: 'bitrix24', webhookUrl: { $env: 'PORTAL' } }, { line: 'reg1' }, { spare });
  expect(await ask('voices')).toMatchObject({ code: 0, text: expect.stringMatching(/^account +id +name\nmain /) });
  expect(await ask('voices', 'spare')).toMatchObject({ code: 1, text: expect.stringContaining('speaks no text') });
});

test('a call is broken off by a command, at the provider that can be asked', { timeout: TIMEOUT_MS }, async () => {
  const host = telphinHost({ clock: systemClock, appId: 'app0app0app0', appSecret: SECRET, extensions: { '77': '12037*105' } });
  const served = await serveTelphin(host);
  onTestFinished(() => served.close());
  writeSettings('hang-up.db', { type: 'telphin', host: served.url, appId: 'app0app0app0', appSecret: { $env: 'SECRET' } }, { line: '77' });
  const relay = await startRelay();
  const called = await ask('call', '+4915112345678', '--yes', '--wait', '2', '--json');
  const { id, state } = JSON.parse(called.text) as { id: string; state: string };
  expect(state).toBe('placed');
  expect(await ask('hang-up', id)).toMatchObject({ code: 2, text: expect.stringContaining('--yes') });
  expect(host.telephones.dials).toMatchObject([{ endedAt: undefined }]);
  expect(await ask('hang-up', id, '--yes')).toMatchObject({ code: 0, text: expect.stringContaining('has agreed') });
  expect(host.telephones.dials).toMatchObject([{ endedAt: expect.any(Number) }]);
  expect(await ask('hang-up', id, '--yes', '--json')).toEqual({ code: 0, text: '{"outcome":"not_running"}\n' });
  expect(await ask('hang-up', 'nobody', '--yes')).toMatchObject({ code: 1, text: expect.stringContaining('no such call') });
  relay.child.kill('SIGTERM');
  await relay.ended;
  expect(await ask('hang-up', id, '--yes')).toMatchObject({ code: 1, text: expect.stringContaining('No relay runs') });
});
