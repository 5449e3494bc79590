/**
 * Marked secrets, a marked name and marked numbers go every way through the built relay; then everything that came out of it is
 * searched: what it printed, what it answered, what it left on disk. The one thing allowed is a visitor's own number, told to
 * him: in the answer that accepts it, and in the field of the form where he typed it.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROBLEMS } from '../contract/problems.ts';
import { type Bitrix24Portal, bitrix24Portal } from '../simulators/bitrix24/portal.ts';
import { servePortal } from '../simulators/bitrix24/serve-portal.ts';
import { type BuiltRelays, builtRelays, type Ran } from '../simulators/built-relay.ts';
import { findMarks, MARKED_NUMBERS, MARKS } from '../simulators/canary-marks.ts';
import { stageCanary, UNCLEAR_STAGED } from '../simulators/canary-portal.ts';
import { vault } from '../store/vault.ts';
import {
  answers,
  ask,
  askEveryWay,
  codes,
  E164,
  get,
  misuseTheForm,
  ORIGIN,
  readStored,
  sendEvents,
  until,
  type Visited,
  WIDE_LIMITS,
} from './canary.suite.ts';
import { systemClock } from './node-clock.ts';

const [NUMBER = ''] = MARKED_NUMBERS;
const EVENTS = `/events/main/${vault(new TextEncoder().encode(MARKS.relaySecret)).keyOf('events', 'main')}`;
const folder = mkdtempSync(join(tmpdir(), 'ringback-canary-'));
const settings = join(folder, 'settings.json');

let relays: BuiltRelays;
let portal: Bitrix24Portal;
let relay: Ran & Visited;
let env: Record<string, string>;
const closers: (() => unknown)[] = [];
/** Every process that ran, by what it was for. */
const ran = new Map<string, Ran>();
const stored: string[] = [];

beforeAll(async () => {
  relays = builtRelays(folder);
  portal = bitrix24Portal({
    clock: systemClock,
    userId: '1',
    webhookSecret: MARKS.webhookSecret,
    lines: { reg1332: 'Sales' },
    events: { url: () => (relay === undefined ? undefined : relay.url + EVENTS), token: MARKS.eventToken, fetch },
  });
  const served = await servePortal(portal);
  closers.push(() => served.close());
  env = {
    RINGBACK_CONFIG: settings,
    RINGBACK_SECRET: MARKS.relaySecret,
    PORTAL: served.webhookUrl,
    EVENT_TOKEN: MARKS.eventToken,
    RINGBACK_TRUST_PROXY: '127.0.0.1',
  };
  writeSettings();
  await failToStart();
  relay = { ...(await relays.start(env)), portal, events: EVENTS };
  ran.set('relay', relay);
  const form = await (await get(relay, '/form/shop')).text();
  await askEveryWay(relay);
  await misuseTheForm(relay, form);
  await sendEvents(relay);
  await misbehave();
  await command();
  await reload();
  stored.push(...readStored(folder));
  relay.child.kill('SIGTERM');
  await once(relay.child, 'exit');
  stored.push(...readStored(folder));
}, 120_000);

afterAll(async () => {
  await relays.stop();
  for (const close of closers) await close();
  rmSync(folder, { recursive: true, force: true });
});

function writeSettings(shop: object = {}, rest: object = {}): void {
  const site = { provider: 'main', line: 'reg1332', origins: [ORIGIN], country: 'DE', budgetPerDay: 1_000, ...shop };
  const file = {
    store: `sqlite:${join(folder, 'relay.db')}`,
    providers: { main: { type: 'bitrix24', webhookUrl: { $env: 'PORTAL' }, eventToken: { $env: 'EVENT_TOKEN' } } },
    sites: {
      shop: { ...site, concurrency: 100, announcement: '{name} asks to be called.', speakName: true, blocked: ['+49176'] },
      strict: { ...site, proof: 'always' },
      polite: { ...site, consent: { textId: 'v1', text: 'I agree.' } },
    },
    limits: WIDE_LIMITS,
    ...rest,
  };
  writeFileSync(settings, JSON.stringify(file));
}

async function failToStart(): Promise<void> {
  const wrong: Record<string, Record<string, string>> = {
    address: { PORTAL: `http://portal.example/rest/1/${MARKS.webhookSecret}/` },
    noAddress: { PORTAL: MARKS.webhookSecret },
    short: { RINGBACK_SECRET: MARKS.relaySecret.slice(0, 20), RINGBACK_PREVIOUS_SECRETS: MARKS.eventToken },
    elsewhere: { PORT: MARKS.eventToken, RINGBACK_STORE: MARKS.relaySecret, RINGBACK_SECERT: MARKS.relaySecret },
  };
  for (const [name, fault] of Object.entries(wrong)) {
    const process = relays.run({ ...env, ...fault }, 'start');
    ran.set(`start: ${name}`, process);
    expect((await once(process.child, 'exit'))[0], name).toBe(1);
  }
}

/** Calls until the portal has misbehaved in every way there is. */
async function misbehave(): Promise<void> {
  const staged = stageCanary(portal, E164);
  const before = portal.requests.length;
  const asked = () => portal.requests.slice(before).filter(({ method }) => method === 'voximplant.callback.start').length;
  for (let at = 0; asked() < staged; at++) {
    const already = asked();
    const { status } = await ask(relay, { phone: MARKED_NUMBERS[2 + (at % (MARKED_NUMBERS.length - 2))] ?? '' });
    if (status === 202) await until(asked, (now) => expect(now).toBeGreaterThan(already));
    expect(at, relay.output().slice(-2000)).toBeLessThan(10 * staged);
  }
  // Two of them keep the relay waiting until it gives up.
  await until(
    () => relay.output().split('"call.uncertain"').length - 1,
    (value) => expect(value).toBeGreaterThanOrEqual(UNCLEAR_STAGED),
    40_000,
  );
}

async function command(): Promise<void> {
  const commands: [number, ...string[]][] = [
    [0, 'pause', 'shop'],
    [1, 'pause', E164],
    [0, 'opt-out', E164],
    [2, 'opt-out', NUMBER],
    [2, 'opt-out', E164, '--days', E164],
    [0, 'forget', E164, '--json'],
    [2, 'forget', `${E164}000000000`],
    [2, 'forget', E164, E164],
    [2, E164],
  ];
  for (const [code, ...words] of commands) {
    const process = relays.run(env, ...words);
    ran.set(words.join(' '), process);
    expect((await once(process.child, 'exit'))[0], process.output()).toBe(code);
  }
  await until(
    async () => (await ask(relay, { phone: MARKED_NUMBERS[3] ?? '' })).status,
    (value) => expect(value).toBe(503),
  );
  const resumed = relays.run(env, 'resume');
  await once(resumed.child, 'exit');
  await ask(relay);
}

/** Faulty settings, then better ones, while it runs. */
async function reload(): Promise<void> {
  const faults: [object, object][] = [
    [
      { line: MARKS.webhookSecret, country: MARKS.eventToken },
      { providers: { main: { type: 'bitrix24', webhookUrl: MARKS.webhookSecret } } },
    ],
    [{ webhook: MARKS.webhookSecret }, { secret: MARKS.relaySecret }],
    [{ origins: [MARKS.eventToken] }, { secret: { $env: MARKS.relaySecret }, trustProxy: MARKS.eventToken }],
  ];
  for (const [site, rest] of faults) {
    const seen = relay.output().length;
    writeSettings(site, rest);
    relay.child.kill('SIGHUP');
    await until(
      () => relay.output().slice(seen),
      (value) => expect(value).toContain('The new settings were not taken'),
    );
  }
  writeFileSync(settings, `{"secret": "${MARKS.relaySecret}", `);
  relay.child.kill('SIGHUP');
  await until(
    () => relay.output().split('config.rejected').length - 1,
    (value) => expect(value).toBe(faults.length + 1),
  );
  writeSettings();
  relay.child.kill('SIGHUP');
  await until(
    () => relay.output(),
    (value) => expect(value).toContain('config.reloaded'),
  );
}

test('every way was taken', () => {
  const unreachable = ['closed', 'slot_unavailable'];
  expect([...codes].toSorted()).toEqual(
    Object.keys(PROBLEMS)
      .filter((code) => !unreachable.includes(code))
      .toSorted(),
  );
  expect(portal.telephones.dials[0]).toMatchObject({ number: E164, announcement: `${MARKS.name} asks to be called.` });
  expect(relay.output().split('"request.accepted"').length).toBeGreaterThan(40);
  for (const event of [
    'request.replayed',
    'form.refused',
    'call.placed',
    'call.refused',
    'call.not_sent',
    'call.uncertain',
    'number.opted_out',
  ]) {
    expect(relay.output()).toContain(`"${event}"`);
  }
  expect(stored.map((text) => text.split('\n')[0])).toEqual(expect.arrayContaining(['relay.db', 'relay.db-wal']));
});

test('the search finds what there is to find', () => {
  const asTyped = `0170 530-96 42`;
  const hidden = [
    E164,
    asTyped,
    encodeURIComponent(MARKS.name),
    Buffer.from(`{"phone":"${E164}"}`).toString('base64url'),
    MARKS.relaySecret,
  ];
  for (const text of hidden) expect(findMarks(`before ${text} after`), text).toHaveLength(1);
  expect(findMarks('2026-11-20T15:02:20.123Z 53096 0d0a 530964')).toEqual([]);
});

test('nothing that was printed shows a mark', () => {
  const shown = [...ran].flatMap(([name, { output }]) => {
    const lines = output().split('\n');
    return lines.filter((line) => findMarks(line).length > 0).map((line) => `${name}: ${line}`);
  });
  expect(shown).toEqual([]);
});

test('no answer shows a mark', () => {
  expect(answers.filter((answer) => findMarks(answer).length > 0)).toEqual([]);
});

test('nothing on disk shows a mark', () => {
  for (const text of stored) expect(findMarks(text), text.split('\n')[0] ?? '').toEqual([]);
});
