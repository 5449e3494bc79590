/**
 * The canary of the ways that canary.test.ts does not take: every kind of account and of channel with marked secrets, calls that do
 * not connect, all commands, a kill in the middle. A full number may stand in what goes to the provider that rings, to the
 * company's own channels and into its portal, which is looked for; secrets may stand in nothing that is sent, printed or stored.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BuiltRelays, builtRelays, type Started } from '../simulators/built-relay.ts';
import { type CanaryAccounts, canaryAccounts, EXTENSION, LINE, SOUND } from '../simulators/canary-accounts.ts';
import { findMarks, MARKED_NUMBERS, MARKS } from '../simulators/canary-marks.ts';
import { searchMarks } from '../simulators/search-marks.mjs';
import { answers, ask, E164, get, ORIGIN, readStored, until, WIDE_LIMITS } from './canary.suite.ts';
import { type CanaryCommands, canaryCommands, QUESTIONS } from './canary-commands.suite.ts';

/** Marks that a company's own people may read. */
const PERSONAL = ['lastDigits', 'name'];
const folder = mkdtempSync(join(tmpdir(), 'ringback-canary-'));
const settings = join(folder, 'settings.json');

let relays: BuiltRelays;
let accounts: CanaryAccounts;
let env: Record<string, string>;
let relay: Started;
let commands: CanaryCommands;
const stored: string[] = [];
/** What is secret in the addresses for events and for installing. */
let addresses: Record<string, string> = {};

beforeAll(async () => {
  relays = builtRelays(folder);
  accounts = await canaryAccounts();
  env = { ...accounts.env, RINGBACK_CONFIG: settings, RINGBACK_SECRET: MARKS.relaySecret, RINGBACK_TRUST_PROXY: '127.0.0.1' };
  commands = canaryCommands(relays, env);
  await failToStart();
  writeSettings();
  await commands.look(QUESTIONS, 6);
  await start();
  await install();
  await missCalls();
  await commands.look(QUESTIONS, 6);
  await loseMessages();
  await commands.look(['messages'], 2);
  await commands.mistake();
  await meetTrouble();
  await commands.manage();
  await killInTheMiddle();
  await commands.run(0, ['forget', E164]);
  relay.child.kill('SIGTERM');
  await once(relay.child, 'exit');
  stored.push(...readStored(folder));
  await commands.look(['doctor', 'messages', 'lines'], 1);
}, 300_000);

afterAll(async () => {
  await relays.stop();
  await accounts.close();
  rmSync(folder, { recursive: true, force: true });
});

function writeSettings({ channels = {}, providers = {} }: { channels?: object; providers?: object } = {}): void {
  const site = { origins: [ORIGIN], country: 'DE', budgetPerDay: 1_000, concurrency: 100, proof: 'off' };
  const file = {
    store: `sqlite:${join(folder, 'relay.db')}`,
    providers: { ...accounts.providers, ...providers },
    channels: { ...accounts.channels, ...channels },
    notify: ['hook', 'mail'],
    sites: {
      shop: {
        ...{ ...site, provider: 'phone', line: EXTENSION, telphin: { announceSoundId: SOUND } },
        ...{ fallbacks: [{ provider: 'spare', line: LINE }], bridge: { portal: 'crm', userId: 1 }, channels: ['hook', 'mail', 'leads'] },
      },
      office: { ...site, provider: 'crm', line: LINE, announcement: '{name} asks to be called.', speakName: true, channels: ['hook'] },
    },
    limits: WIDE_LIMITS,
  };
  writeFileSync(settings, JSON.stringify(file));
}

async function failToStart(): Promise<void> {
  const wrong: Parameters<typeof writeSettings>[0][] = [
    { channels: { hook: { type: 'webhook', url: `https://me:${MARKS.hookPath}@hooks.example/`, secret: MARKS.signingKey } } },
    { channels: { mail: { type: 'email', server: `smtp://me:${MARKS.mailPassword}`, from: MARKS.mailPassword, to: [E164] } } },
    { providers: { phone: { type: 'telphin', host: MARKS.telphinSecret, appId: MARKS.telphinSecret, appSecret: MARKS.telphinSecret } } },
    { providers: { crm: { type: 'bitrix24_app', clientId: MARKS.clientSecret, clientSecret: MARKS.clientSecret } } },
  ];
  for (const fault of wrong) {
    writeSettings(fault);
    await Promise.all([['start'], ['doctor'], ['doctor', '--json'], ['messages']].map((words) => commands.run(1, words)));
  }
  writeSettings();
  const values = ['HOOK_URL', 'HOOK_SECRET', 'MAIL_SERVER', 'TELPHIN_SECRET', 'CLIENT_SECRET', 'SPARE_URL', 'EVENT_TOKEN'];
  await Promise.all(values.map((name) => commands.run(1, ['start'], { [name]: `${env[name]} ${MARKS.relaySecret}\n` })));
}

async function start(): Promise<void> {
  relay = await relays.start(env);
  commands.ran.push(['relay', relay]);
}

const says = (text: string, times = 1) =>
  until(
    () => relay.output().split(text).length - 1,
    (seen) => expect(seen, text).toBeGreaterThanOrEqual(times),
    30_000,
  );

/** The one command that prints secrets: whoever asks for them gets the addresses, and nothing else of that kind. */
async function install(): Promise<void> {
  const printing = relays.run(env, 'events-url', '--base', relay.url, '--json');
  await once(printing.child, 'close');
  expect(findMarks(printing.output())).toEqual([]);
  const known = JSON.parse(printing.output().split('\n')[0] ?? '') as { provider: string; url: string; installUrl?: string }[];
  const urls = known.flatMap(({ provider, url, installUrl }) => [[provider, url] as const, [`install ${provider}`, installUrl] as const]);
  addresses = Object.fromEntries(urls.flatMap(([name, url]) => (url === undefined ? [] : [[name, url.slice(url.lastIndexOf('/') + 1)]])));
  const urlOf = (name: string) => urls.find(([each]) => each === name)?.[1] ?? '';
  accounts.telphin.subscribe(EXTENSION, urlOf('phone'));
  const { application } = accounts.crm;
  // First as somebody who guesses; then as the portal does.
  await get(relayed(), new URL(urlOf('install crm')).pathname, { method: 'POST', body: `AUTH_ID=${MARKS.clientSecret}&member_id=${E164}` });
  await get(relayed(), `/install/crm/${MARKS.clientSecret}`, { method: 'POST', body: E164 });
  await application.install(urlOf('install crm'));
  await until(
    () => application.handlerOf('ONEXTERNALCALLBACKSTART'),
    (handler) => expect(handler).toBeDefined(),
    30_000,
  );
}

const relayed = () => ({ ...relay, portal: accounts.spare, events: '' });
const numberAt = (at: number) => MARKED_NUMBERS[at % MARKED_NUMBERS.length] ?? '';

async function askFor(at: number, site = 'shop'): Promise<void> {
  expect((await ask(relayed(), { site, phone: numberAt(at) })).status).toBe(202);
}

/** By Telphin, by its fallback, by the application, and by the portal's own form; all end unanswered. */
async function missCalls(): Promise<void> {
  const { telphin, spare, crm } = accounts;
  await askFor(0);
  await askFor(1, 'office');
  await rung(telphin, 1);
  await rung(crm.portal, 1);
  telphin.misbehave('callback', { kind: 'error', name: 'quota' });
  await askFor(2);
  await rung(spare, 1);
  await crm.askByForm({ number: `+49${numberAt(3).replaceAll(' ', '').slice(1)}` });
  await until(
    () => telphin.telephones.dials.length + spare.telephones.dials.length,
    (dials) => expect(dials).toBe(3),
    60_000,
  );
  for (const at of [telphin, spare, crm.portal]) endAll(at);
  await says('"message.delivered"', 6);
}

function endAll({ telephones }: Pick<CanaryAccounts['spare'], 'telephones'>): void {
  for (const { callId } of telephones.dials) telephones.hangUp('agent', callId);
}

const rung = ({ telephones }: Pick<CanaryAccounts['spare'], 'telephones'>, times: number) =>
  until(
    () => telephones.dials.length,
    (dials) => expect(dials).toBeGreaterThanOrEqual(times),
    30_000,
  );

/** A receiver that is gone, a mail server that knows one of two, a portal whose errors repeat what they were sent. */
async function loseMessages(): Promise<void> {
  const { hook, mail, crm } = accounts;
  const body = JSON.stringify({ error: E164, error_description: `${MARKS.applicationTokens} ${MARKS.clientSecret} ${E164} ${MARKS.name}` });
  const chatter = { kind: 'answer', status: 400, contentType: 'application/json', body, executes: false } as const;
  hook.mood = { status: 410, headers: { location: E164, 'retry-after': E164 } };
  mail.strangers.add('boss@shop.example');
  for (const method of ['crm.duplicate.findbycomm', 'crm.item.add', 'telephony.externalCall.register'])
    crm.portal.misbehave(method, chatter);
  await askFor(4, 'office');
  await rung(crm.portal, 2);
  endAll(crm.portal);
  await says('"message.quarantined"');
  hook.mood = { status: 302, headers: { location: `http://127.0.0.1:9/${MARKS.hookPath}/${E164}` } };
}

/** Accounts whose answers let shine through what they were sent. */
async function meetTrouble(): Promise<void> {
  const { telphin, crm } = accounts;
  const text = `${E164} ${MARKS.name} ${MARKS.telphinSecret} ${MARKS.telphinToken}1 ${MARKS.clientSecret} access-1${MARKS.applicationTokens}`;
  const before = accounts.telphin.requests.length;
  const bodies: [number, unknown][] = [
    [400, { message: text, status: E164 }],
    [403, { status: MARKS.telphinToken, message: text }],
    [500, { [text]: text }],
    [201, { call_id: text, call_api_id: E164 }],
  ];
  for (const [status, body] of bodies)
    telphin.misbehave('callback', { kind: 'answer', status, contentType: 'application/json', body: JSON.stringify(body), executes: false });
  for (let at = 0; at < bodies.length; at++) await askFor(5 + at);
  await until(
    () => telphin.requests.slice(before).filter(({ resource }) => resource === 'callback').length,
    (asked) => expect(asked).toBeGreaterThanOrEqual(bodies.length),
    30_000,
  );
  crm.oauth.trouble({ kind: 'answer', status: 503, body: JSON.stringify({ error: E164, error_description: text }), executes: false });
  const exchanges = crm.oauth.exchanges.length;
  crm.oauth.expireAll();
  await askFor(9, 'office');
  await until(
    () => crm.oauth.exchanges.slice(exchanges).map(({ outcome }) => outcome),
    (outcomes) => expect(outcomes).toContain('granted'),
    60_000,
  );
}

/** Calls under way, leads that wait and an order that nobody has heeded lie on the disk when the relay dies. */
async function killInTheMiddle(): Promise<void> {
  for (let at = 10; at < 14; at++) await askFor(at, at % 2 === 0 ? 'shop' : 'office');
  relay.child.kill('SIGSTOP');
  const before = new Set(readStored(folder).map(nameOf));
  const forgetting = commands.run(undefined, ['forget', E164, '--json']);
  await until(
    () =>
      readStored(folder)
        .map(nameOf)
        .filter((name) => !before.has(name)),
    (made) => expect(made).not.toEqual([]),
    30_000,
  );
  stored.push(...readStored(folder));
  relay.child.kill('SIGKILL');
  await once(relay.child, 'exit');
  stored.push(...readStored(folder));
  // The command carries it out by itself, now that the relay is gone.
  expect(await forgetting).toContain('done');
  accounts.hook.mood = { status: 204 };
  accounts.mail.strangers.clear();
  await start();
  await says('"message.delivered"');
  stored.push(...readStored(folder));
}

const nameOf = (text: string) => text.slice(0, text.indexOf('\n'));

test('every way was taken', () => {
  const all = commands.ran.map(([, { output }]) => output()).join('');
  for (const event of ['message.quarantined', 'message.delivered', 'call.placed', 'call.ended', 'number.opted_out', 'call.refused'])
    expect(all, event).toContain(`"${event}"`);
  expect(new Set(accounts.crm.oauth.exchanges.map(({ outcome }) => outcome))).toContain('granted');
  expect(accounts.telphin.tokens.given.every((token) => token.startsWith(MARKS.telphinToken))).toBe(true);
  expect(Object.keys(addresses).toSorted()).toEqual(['crm', 'install crm', 'phone', 'spare']);
  expect(stored.some((text) => text.startsWith('relay.db-wal'))).toBe(true);
});

test('the number goes to whom it is for: who rings, the company’s own channels, its portal', () => {
  const { telphin, spare, crm, hook, mail } = accounts;
  const dialled = [telphin, spare, crm.portal].map(({ telephones }) => telephones.dials.map(({ number }) => number).join());
  const sent = [hook.received.map(({ body }) => body).join(), mail.received.map(({ raw }) => raw).join(), JSON.stringify(crm.portal.crm)];
  for (const text of [...dialled, ...sent, JSON.stringify(crm.portal.external.cards)]) expect(findMarks(text)).toContain('lastDigits');
  expect(hook.received.every(({ verified }) => verified)).toBe(true);
});

test('nothing that is sent to anybody holds a secret', () => {
  const { telphin, spare, crm, hook, mail } = accounts;
  const tokenless = telphin.requests.filter(({ resource }) => resource !== 'token').map(({ path, body }) => `${path} ${body}`);
  const portals = [spare, crm.portal].map(({ requests }) =>
    JSON.stringify(requests.map(({ method, params: { auth: _, ...rest } }) => ({ method, rest }))),
  );
  const { entries, todos, told } = crm.portal.crm;
  const letters = [
    hook.received.map(({ body }) => body),
    mail.received.map(({ raw }) => raw),
    [entries, todos, told, crm.portal.external.cards],
  ];
  for (const text of [...tokenless, ...portals, ...letters.map((each) => JSON.stringify(each))]) {
    const found = findMarks(text).filter((name) => !PERSONAL.includes(name));
    expect(found, text.slice(0, 80)).toEqual([]);
  }
});

test('nothing that was printed shows a mark, or a secret address', () => {
  const { find } = searchMarks(addresses);
  const shown = commands.ran.flatMap(([name, { output }]) => {
    const lines = output().split('\n');
    return lines.filter((line) => findMarks(line).length > 0 || find(line).length > 0).map((line) => `${name}: ${line}`);
  });
  expect(shown).toEqual([]);
});

test('no answer shows a mark', () => {
  expect(answers.length).toBeGreaterThan(10);
  expect(answers.filter((answer) => findMarks(answer).length > 0)).toEqual([]);
});

test('nothing on disk shows a mark', () => {
  for (const text of stored) expect(findMarks(text), text.split('\n')[0] ?? '').toEqual([]);
});
