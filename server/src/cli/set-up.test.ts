/** What an operator does from the first setting to the first call, as real processes against a simulated portal. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../platforms/node-clock.ts';
import { type Bitrix24Portal, type Bitrix24PortalOptions, bitrix24Portal } from '../simulators/bitrix24/portal.ts';
import { type ServedPortal, servePortal } from '../simulators/bitrix24/serve-portal.ts';
import { commandLine } from '../simulators/command-line.ts';

/** Processes start slowly on a busy machine. */
const TIMEOUT_MS = 60_000;
const NUMBER = '+4915112345678';
const SECRET = 'c4n4rys3cr3t';
const TOKEN = 't0k3nt0k3n';
const DIAL = 'voximplant.callback.start';

const folder = mkdtempSync(join(tmpdir(), 'ringback-set-up-'));
const settings = join(folder, 'settings.json');
const env: Record<string, string | undefined> = { PATH: process.env.PATH, RINGBACK_CONFIG: settings };
const { build, command, run, startRelay, killAll } = commandLine(folder, env);

let portal: Bitrix24Portal;
let served: ServedPortal;
let said: string;

beforeAll(build, TIMEOUT_MS);
beforeEach(async () => {
  said = '';
  await serve();
});
afterEach(async () => {
  killAll();
  await served.close();
  expect(said).not.toMatch(new RegExp(`15112345678|${SECRET}`));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function serve(options: Partial<Bitrix24PortalOptions> = {}): Promise<void> {
  const usual = { clock: systemClock, userId: '1', webhookSecret: SECRET, lines: { reg1: 'Sales', sip2: 'Office' }, ringMs: 2_000 };
  portal = bitrix24Portal({ ...usual, announcementMs: 0, ...options });
  served = await servePortal(portal);
  env.PORTAL = served.webhookUrl;
}

async function serveAnew(options: Partial<Bitrix24PortalOptions>): Promise<void> {
  await served.close();
  await serve(options);
}

function writeSettings(database: string, site: object = {}, account: object = {}): void {
  const shop = { provider: 'main', line: 'reg1', origins: ['https://a.example'], country: 'DE', proof: 'off', ...site };
  const main = { type: 'bitrix24', webhookUrl: { $env: 'PORTAL' }, ...account };
  const store = `sqlite:${join(folder, database)}`;
  writeFileSync(settings, JSON.stringify({ host: '127.0.0.1', port: 0, store, trustProxy: 1, sites: { shop }, providers: { main } }));
}

/** What it says holds neither the number nor the secret, whatever it was asked. */
async function ask(...args: string[]) {
  const ended = await command(...args);
  said += ended.text;
  return ended;
}

interface Doctored {
  ok: boolean;
  findings: { area: string; level: string; code: string; message: string }[];
}

async function askDoctor(...args: string[]) {
  const { code, text } = await ask('doctor', '--json', ...args);
  const { ok, findings } = JSON.parse(text) as Doctored;
  const coded = (level: string) => findings.filter((one) => one.level === level).map((one) => one.code);
  return { code, ok, findings, problems: coded('problem'), notes: coded('note'), right: coded('ok') };
}

/** Both telephones are picked up as soon as they ring, and put down. */
function answerEverything(): void {
  portal.telephones.onChange(({ callId, agent, visitor }) => {
    queueMicrotask(() => {
      if (agent === 'ringing') portal.telephones.answer('agent', callId);
      if (visitor === 'ringing') portal.telephones.answer('visitor', callId);
      if (visitor === 'talking') portal.telephones.hangUp('visitor', callId);
    });
  });
}

test('lines and voices stand in a table for people and in JSON for programs, before the relay was ever started', {
  timeout: TIMEOUT_MS,
}, async () => {
  writeSettings('lines.db');
  const [lines, json, voices, sounds, unknown] = await Promise.all([
    ask('lines'),
    ask('lines', 'main', '--json'),
    ask('voices'),
    ask('sounds'),
    ask('lines', 'other'),
  ]);
  expect(lines).toEqual({ code: 0, text: 'id    name\nreg1  Sales\nsip2  Office\n' });
  expect(JSON.parse(json.text)).toEqual([
    { account: 'main', id: 'reg1', name: 'Sales' },
    { account: 'main', id: 'sip2', name: 'Office' },
  ]);
  expect(voices.text).toContain('eurgermanfemale');
  expect(sounds).toEqual({ code: 1, text: 'No account here has sounds.\n' });
  expect(unknown).toEqual({ code: 1, text: 'There is no such account. There are: main.\n' });
  expect(existsSync(join(folder, 'lines.db'))).toBe(false);

  await serveAnew({ rights: { manageNumbers: false } });
  expect(await ask('lines')).toMatchObject({ code: 1, text: expect.stringContaining('Manage numbers') });
});

test('colour is where it was asked for', { timeout: TIMEOUT_MS }, async () => {
  writeSettings('colour.db');
  expect((await ask('doctor')).text).not.toContain('\u001b[');
  Object.assign(env, { FORCE_COLOR: '1' });
  expect((await ask('doctor')).text).toContain('\u001b[');
  Object.assign(env, { NO_COLOR: '1' });
  expect((await ask('doctor')).text).not.toContain('\u001b[');
  Object.assign(env, { NO_COLOR: undefined, FORCE_COLOR: undefined });
});

test('the doctor says what is right, makes nothing and rings nobody', { timeout: TIMEOUT_MS }, async () => {
  writeSettings('doctor.db', { voice: 'eurgermanfemale' });
  const well = await askDoctor();
  expect(well).toMatchObject({ code: 0, ok: true, problems: [] });
  expect(well.right).toEqual(
    expect.arrayContaining(['settings_read', 'webhook_works', 'scope_telephony', 'scope_call', 'line_found', 'voice_found', 'clock_right']),
  );
  expect(well.notes).toEqual(expect.arrayContaining(['store_absent', 'right_unchecked', 'events_not_taken', 'no_channel', 'proof_off']));
  expect(existsSync(join(folder, 'doctor.db'))).toBe(false);
  const { code, text } = await ask('doctor');
  expect(code).toBe(0);
  expect(text).toMatch(/^account main\n {2}ok {7}The portal knows the webhook\.$/m);
  expect(text).toMatch(/Nothing stands in the way of a call\.\n$/);
  expect(portal.requests.map(({ method }) => method)).not.toContain(DIAL);
  expect(portal.telephones.dials).toEqual([]);
});

test('the doctor says what to change', { timeout: TIMEOUT_MS }, async () => {
  const departments = { office: { name: 'Office', line: 'gone7' } };
  writeSettings('ill.db', { line: 'gone9', voice: 'nobody', departments });
  await serveAnew({ scopes: ['telephony'] });
  const ill = await askDoctor();
  expect(ill).toMatchObject({ code: 1, ok: false });
  expect(ill.problems).toEqual(['scope_call_missing', 'line_unknown', 'line_unknown', 'voice_unknown']);
  expect(ill.findings.find(({ code }) => code === 'line_unknown')?.message).toMatch(/gone9.*reg1 \(Sales\)/);

  await served.close();
  expect(await askDoctor()).toMatchObject({
    code: 1,
    problems: expect.arrayContaining(['portal_unreachable']),
    notes: expect.arrayContaining(['clock_uncompared']),
  });
  await serve();

  writeFileSync(settings, '{ "sites": { "shop": { "country": "Narnia" } } }');
  const faulty = await askDoctor();
  expect(faulty.code).toBe(1);
  expect(new Set(faulty.problems)).toEqual(new Set(['setting_wrong']));
  Object.assign(env, { RINGBACK_CONFIG: undefined });
  expect(await askDoctor()).toMatchObject({ code: 1, problems: ['no_provider'] });
  Object.assign(env, { RINGBACK_CONFIG: settings });
  expect((await ask('doctor', '--base', 'relay.example')).code).toBe(2);
  expect(portal.telephones.dials).toEqual([]);
});

test('beside a relay that runs, the doctor sees whether events arrive, and a call is the relay’s own', {
  timeout: TIMEOUT_MS,
}, async () => {
  env.TOKEN = TOKEN;
  let address: string | undefined;
  await serveAnew({ events: { url: () => address, token: TOKEN, fetch } });
  writeSettings('events.db', {}, { eventToken: { $env: 'TOKEN' } });
  const relay = await startRelay();
  const silent = await askDoctor('--base', relay.url);
  expect(silent).toMatchObject({ code: 0, right: expect.arrayContaining(['relay_runs', 'events_reachable']) });
  expect(silent.notes).toContain('events_unseen');
  expect((await askDoctor('--base', served.url)).problems).toEqual(['events_unreachable']);

  const shown = (await command('events-url', 'main', '--base', relay.url)).text.trim();
  const send = (token: string) =>
    fetch(shown, { method: 'POST', body: new URLSearchParams({ event: 'ONVOXIMPLANTCALLINIT', 'auth[application_token]': token }) });
  await send('wrong');
  expect((await askDoctor()).problems).toEqual(['events_forged']);
  await send(TOKEN);
  expect((await askDoctor()).right).toContain('events_arrive');

  await ask('pause');
  expect((await askDoctor()).problems).toEqual(['paused']);
  expect(await ask('call', NUMBER, '--yes')).toMatchObject({ code: 1, text: expect.stringContaining('paused') });
  await ask('resume');
  await relay.says('control.resumed');

  address = shown;
  answerEverything();
  const called = await ask('call', NUMBER, '--yes', '--wait', '60');
  expect(portal.telephones.dials).toMatchObject([{ number: NUMBER, line: 'reg1' }]);
  expect(called.text).toMatch(/Connected, and over after \d s\.\n$/);
  expect(called.code).toBe(0);
  // The same limits as for anybody: the number rests now.
  expect(await ask('call', NUMBER, '--yes')).toMatchObject({ code: 1, text: expect.stringContaining('limit') });
  expect(portal.telephones.dials).toHaveLength(1);
  relay.child.kill('SIGTERM');
  expect(await relay.ended).toBe(0);
  said += relay.text();
});

test('without a relay, the command is one for as long as the call lasts', { timeout: TIMEOUT_MS }, async () => {
  writeSettings('alone.db');
  answerEverything();
  // It hears of no end, and is not asked to wait until the portal's statistics tell of it.
  const { code, text } = await ask('call', NUMBER, '--yes', '--json', '--wait', '3');
  expect(portal.telephones.dials).toMatchObject([{ number: NUMBER }]);
  expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ state: 'placed', provider: 'main' });
  expect(code).toBe(3);
});

test('a refusal of the portal, a number that is not called, and nobody to ask: nobody is rung', { timeout: TIMEOUT_MS }, async () => {
  writeSettings('refused.db');
  await serveAnew({ rights: { outgoingCall: false } });
  const [unasked, premium, badNumber, badWait, strange] = await Promise.all([
    ask('call', NUMBER),
    ask('call', '+49 900', '--yes'),
    ask('call', '0151 12345678', '--yes'),
    ask('call', NUMBER, '--yes', '--wait', '0'),
    ask('call', NUMBER, '--yes', '--site', 'other'),
  ]);
  expect(unasked).toMatchObject({ code: 2, text: expect.stringContaining('--yes') });
  expect([premium.code, badNumber.code, badWait.code, strange.code]).toEqual([2, 2, 2, 1]);
  Object.assign(env, {
    RINGBACK_CONFIG: undefined,
    BITRIX24_WEBHOOK_URL: env.PORTAL,
    BITRIX24_LINE: 'reg1',
    RINGBACK_STORE: 'sqlite::memory:',
  });
  expect(await ask('call', NUMBER, '--yes')).toMatchObject({ code: 1, text: expect.stringContaining('in memory') });
  expect((await askDoctor()).problems).toContain('store_in_memory');
  Object.assign(env, { RINGBACK_CONFIG: settings, BITRIX24_WEBHOOK_URL: undefined, BITRIX24_LINE: undefined, RINGBACK_STORE: undefined });
  expect(await ask('call', '+33612345678', '--yes')).toMatchObject({ code: 1, text: expect.stringContaining('does not call this number') });
  const refused = await ask('call', NUMBER, '--yes');
  expect(refused).toMatchObject({ code: 1, text: expect.stringContaining('nobody was rung (right_missing)') });
  expect(portal.telephones.dials).toEqual([]);
});

test('Ctrl-C takes a call back that still waits', { timeout: TIMEOUT_MS }, async () => {
  await serveAnew({ ringMs: 60_000 });
  writeSettings('interrupted.db', { concurrency: 1 });
  const relay = await startRelay();
  const headers = { origin: 'https://a.example', 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
  const body = JSON.stringify({ site: 'shop', phone: '+4915112345679' });
  expect((await fetch(`${relay.url}/v1/calls`, { method: 'POST', headers, body })).status).toBe(202);
  await relay.says('call.placed');

  const calling = run('call', NUMBER, '--yes');
  await calling.says('Accepted. It waits for its turn.');
  calling.child.kill('SIGINT');
  expect(await calling.ended).toBe(1);
  said += calling.text();
  expect(calling.text()).toContain('Taken back; nobody was rung.');
  expect(portal.telephones.dials).toHaveLength(1);
});
