/** The pages on providers, walked as they stand: every command by a shell, with the simulators' addresses put in for the real hosts. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../platforms/node-clock.ts';
import { bitrix24Portal } from '../simulators/bitrix24/portal.ts';
import { serveApplication } from '../simulators/bitrix24/serve-application.ts';
import { servePortal } from '../simulators/bitrix24/serve-portal.ts';
import { commandLine, type Ended } from '../simulators/command-line.ts';
import { serveTelphin } from '../simulators/telphin/serve-telphin.ts';
import { type TelphinHost, telphinHost } from '../simulators/telphin/telphin-host.ts';

const TIMEOUT_MS = 60_000;
const SECRET = 'c4n4rys3cr3tc4n4rys3cr3t';

const folder = mkdtempSync(join(tmpdir(), 'ringback-walk-'));
/** `npm start -- doctor` of a clone, without the installation and the build that come before it. */
const bin = join(folder, 'bin');
const env: Record<string, string | undefined> = { PATH: `${bin}:${process.env.PATH}`, HOST: '127.0.0.1', PORT: '0' };
const { build, command, startRelay, killAll } = commandLine(folder, env);

beforeAll(async () => {
  await build();
  mkdirSync(bin);
  const script = `#!/bin/sh\nwhile [ "$1" != -- ]; do shift || exit 9; done\nshift\nexec '${process.execPath}' '${folder}/server/dist/cli/ringback.js' "$@"\n`;
  writeFileSync(join(bin, 'npm'), script, { mode: 0o755 });
}, TIMEOUT_MS);
afterEach(killAll);
afterAll(() => rmSync(folder, { recursive: true }));

/** The blocks of one language, in order. */
function blocksOf(page: string, language: 'sh' | 'json'): string[] {
  const text = readFileSync(fileURLToPath(new URL(`../../../docs/providers/${page}.md`, import.meta.url)), 'utf8');
  return [...text.matchAll(/^ *```(\w+)\n([\s\S]*?)^ *```$/gm)].flatMap(([, name, block]) => (name === language && block ? [block] : []));
}

/** What the page leaves to the reader is filled in; the relay itself is started by the test; whoever asks before it rings is told yes. */
function shell(blocks: readonly string[], fillIn: readonly (readonly [string, string])[]): Promise<Ended> {
  const text = fillIn.reduce((all, [gap, value]) => all.replaceAll(gap, value), blocks.join('\n'));
  // How it ended is read in the history much later: code 3 says that it goes on.
  const script = text.replace(/^npm start$/gm, '').replace(/^(npm start -- call \S+).*$/gm, '$1 --yes --wait 2 || [ $? = 3 ]');
  return new Promise((resolve) => {
    const child = spawn('sh', ['-e', '-u', '-c', script], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const channel of [child.stdout, child.stderr])
      channel.setEncoding('utf8').on('data', (more: string) => {
        said += more;
      });
    child.on('close', (code) => resolve({ code, text: said }));
  });
}

const EVERYBODY_ANSWERS = { ringMs: 2_000, announcementMs: 0 };

/** Both telephones are picked up, and put down at once. */
function answerAll({ telephones }: Pick<TelphinHost, 'telephones'>): void {
  telephones.onChange(({ callId, agent, visitor, connectedAt, endedAt }) => {
    if (endedAt !== undefined) return;
    setImmediate(() => {
      if (agent === 'ringing') telephones.answer('agent', callId);
      else if (visitor === 'ringing') telephones.answer('visitor', callId);
      else if (connectedAt !== undefined) telephones.hangUp('visitor', callId);
    });
  });
}

async function openTelphin(appId: string) {
  const host = telphinHost({
    ...{ clock: systemClock, appId, appSecret: SECRET, extensions: { '34535': '12037*105' }, sounds: { '1234': 'Website' } },
    ...EVERYBODY_ANSWERS,
  });
  const served = await serveTelphin(host);
  onTestFinished(() => served.close());
  answerAll(host);
  return { host, url: served.url };
}

test('the page on Telphin, from nothing to a test call and to events', { timeout: TIMEOUT_MS }, async () => {
  const { host, url } = await openTelphin('0123456789abcdef');
  env.TELPHIN_HOST = url;
  onTestFinished(() => {
    delete env.TELPHIN_HOST;
  });
  const walked = await shell(blocksOf('telphin', 'sh'), [["TELPHIN_APP_SECRET='…'", `TELPHIN_APP_SECRET='${SECRET}'`]]);
  expect(walked).toMatchObject({ code: 0, text: expect.stringContaining('12037*105') });
  expect(host.telephones.dials).toMatchObject([{ line: '34535', number: '+79261234567', connectedAt: expect.any(Number) }]);
  const subscribed = host.requests.filter(({ resource, httpMethod }) => resource === 'event' && httpMethod === 'POST');
  expect(subscribed.map(({ body }) => JSON.parse(body) as unknown)).toEqual(
    ['dial-in', 'dial-out', 'answer', 'hangup'].map((type) => ({
      url: expect.stringMatching(/^https:\/\/relay\.example\/events\/telphin\/[\w-]{20,}$/),
      method: 'POST',
      event_type: type,
    })),
  );
});

test('the page on webhooks, from nothing to a test call', { timeout: TIMEOUT_MS }, async () => {
  const portal = bitrix24Portal({
    ...{ clock: systemClock, userId: '1', webhookSecret: SECRET, lines: { reg1332: 'Sales' }, scopes: ['telephony', 'call', 'crm', 'im'] },
    ...EVERYBODY_ANSWERS,
  });
  const served = await servePortal(portal);
  onTestFinished(() => served.close());
  answerAll(portal);
  const walked = await shell(blocksOf('bitrix24-webhook', 'sh'), [
    ['https://<portal>/rest/<user>/<secret>/', served.webhookUrl],
    ['BITRIX24_EVENT_TOKEN=…', 'BITRIX24_EVENT_TOKEN=t0k3nt0k3n'],
  ]);
  expect(walked.text).toMatch(/reg1332 +Sales/);
  expect(walked.code).toBe(0);
  expect(portal.telephones.dials).toMatchObject([{ line: 'reg1332', number: '+4915112345678', connectedAt: expect.any(Number) }]);
});

/** The page's own file, with what `accounts` says about where they are; and a relay that runs with it, in which the portal has installed the application. */
async function installed(page: string, portal: Awaited<ReturnType<typeof openPortal>>, accounts: Readonly<Record<string, object>> = {}) {
  const [file = ''] = blocksOf(page, 'json');
  const settings = JSON.parse(file) as { providers: Record<string, object> };
  const places = { crm: { clientId: CLIENT_ID, authServer: portal.url }, ...accounts };
  for (const [name, place] of Object.entries(places)) Object.assign(settings.providers[name] ?? {}, place);
  writeFileSync(join(folder, 'ringback.json'), JSON.stringify(settings));
  Object.assign(env, { RINGBACK_CONFIG: './ringback.json', SHOP_APP_SECRET: SECRET, SHOP_TELPHIN_SECRET: SECRET });
  env.RINGBACK_STORE = `sqlite:${page}.db`;
  const relay = await startRelay();
  const address = await command('events-url', 'crm', '--install', '--base', relay.url);
  await portal.application.open(address.text.trim());
  portal.application.finish();
  return relay;
}

const CLIENT_ID = 'local.0123456789abcd';

async function openPortal(lines: Readonly<Record<string, string>>) {
  const portal = await serveApplication({
    ...{ clock: systemClock, clientId: CLIENT_ID, clientSecret: SECRET, memberId: '0123456789abcdef0123456789abcdef' },
    portal: { userIds: ['1', '7'], lines, ...EVERYBODY_ANSWERS },
  });
  onTestFinished(() => portal.close());
  return portal;
}

test('the page on applications, from the installation to a test call', { timeout: TIMEOUT_MS }, async () => {
  const portal = await openPortal({ reg1332: 'Sales' });
  answerAll(portal.portal);
  await installed('bitrix24-app', portal);
  const walked = await shell(blocksOf('bitrix24-app', 'sh'), [
    ["='…'", `='${SECRET}'`],
    ['+49…', '+4915112345677'],
  ]);
  expect(walked).toMatchObject({ code: 0, text: expect.stringMatching(/reg1332 +Sales/) });
  expect(portal.portal.telephones.dials).toMatchObject([{ line: 'reg1332', connectedAt: expect.any(Number) }]);
});

test("the page on the bridge, from an application to a call by the portal's form", { timeout: TIMEOUT_MS }, async () => {
  const { host, url } = await openTelphin('app0app0');
  const portal = await openPortal({});
  const relay = await installed('bridge', portal, { telphin: { appId: 'app0app0', host: url } });
  const walked = await shell(blocksOf('bridge', 'sh'), [["='…'", `='${SECRET}'`]]);
  expect(walked).toMatchObject({ code: 0, text: expect.stringMatching(/^\+4930123456 +Website/m) });
  await portal.askByForm({ number: '+4915112345679', line: '+4930123456' });
  await relay.says('call.placed');
  expect(host.telephones.dials).toMatchObject([{ line: '34535', number: '+4915112345679' }]);
});
