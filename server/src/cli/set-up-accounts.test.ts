/** The commands over the other kinds of accounts: an application whose tokens a relay may hold, and a host that has recordings. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../platforms/node-clock.ts';
import { serveApplication } from '../simulators/bitrix24/serve-application.ts';
import { commandLine } from '../simulators/command-line.ts';
import { serveTelphin } from '../simulators/telphin/serve-telphin.ts';
import { telphinHost } from '../simulators/telphin/telphin-host.ts';

const TIMEOUT_MS = 60_000;
const CLIENT_ID = 'local.0123456789abcd.01234567';
const SECRET = 'c4n4rys3cr3tc4n4rys3cr3t';
const MEMBER_ID = '0123456789abcdef0123456789abcdef';

const folder = mkdtempSync(join(tmpdir(), 'ringback-accounts-'));
const settings = join(folder, 'settings.json');
const env = { PATH: process.env.PATH, RINGBACK_CONFIG: settings, SECRET };
const { build, command, startRelay, killAll } = commandLine(folder, env);
let said = '';

beforeAll(build, TIMEOUT_MS);
afterEach(() => {
  killAll();
  expect(said).not.toContain(SECRET);
});
afterAll(() => rmSync(folder, { recursive: true }));

function writeSettings(database: string, account: object, site: object): void {
  const shop = { provider: 'main', origins: ['https://a.example'], country: 'DE', proof: 'off', ...site };
  const store = `sqlite:${join(folder, database)}`;
  writeFileSync(
    settings,
    JSON.stringify({ host: '127.0.0.1', port: 0, store, trustProxy: 1, sites: { shop }, providers: { main: account } }),
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
