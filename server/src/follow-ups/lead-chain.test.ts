/** From the form to the company: whatever becomes of a call, each channel hears of it once, or not at all where it connected. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Secret } from '../config/secret.ts';
import type { LogEntry } from '../log.ts';
import { nodeMail } from '../platforms/node-mail.ts';
import { bitrix24 } from '../providers/bitrix24/bitrix24.ts';
import { bitrix24Client } from '../providers/bitrix24/bitrix24-client.ts';
import { parseWebhookUrl } from '../providers/bitrix24/webhook-url.ts';
import { type Relay, relay } from '../relay.ts';
import { type Bitrix24Portal, bitrix24Portal } from '../simulators/bitrix24/portal.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { type MailServer, mailServer } from '../simulators/mail-server.ts';
import { type WebhookReceiver, webhookReceiver } from '../simulators/webhook-receiver.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { makeChannels } from './make-channels.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const PHONE = '+4915123456789';
const SIGNING_SECRET = `whsec_${Buffer.from('canary-signing-secret-32-bytes!!').toString('base64')}`;
const MAIL_PASSWORD = 'canary-mail-password';
const PORTAL_SECRET = 'canaryportalsecret';

let clock: FakeClock;
let portal: Bitrix24Portal;
let receiver: WebhookReceiver;
let mails: MailServer;
let store: Store;
let running: Relay;
let entries: LogEntry[];

beforeEach(async () => {
  clock = fakeClock();
  entries = [];
  [receiver, mails] = await Promise.all([webhookReceiver(SIGNING_SECRET), mailServer(MAIL_PASSWORD)]);
  store = sqliteStore({ path: ':memory:', clock });
});

afterEach(async () => {
  await running.close();
  await Promise.all([receiver.close(), mails.close()]);
});

function start({ statistics = true, perDay = 100 }: { statistics?: boolean; perDay?: number } = {}): void {
  portal = bitrix24Portal({
    clock,
    userId: '1',
    webhookSecret: PORTAL_SECRET,
    lines: { reg1332: 'Sales' },
    scopes: ['telephony', 'call', 'crm', 'im'],
    rights: { callStatistics: statistics },
  });
  const webhookUrl = new Secret(`http://127.0.0.1${portal.webhookPath}`);
  const askPortal: typeof fetch = async (input, init) => portal.app.fetch(new Request(input, init));
  const route: typeof fetch = (input, init) => (String(input).includes('/rest/') ? askPortal(input, init) : fetch(input, init));
  const parsed = parseWebhookUrl(webhookUrl.reveal());
  if (!parsed.ok) throw new Error(parsed.fault);
  const client = bitrix24Client({ webhook: parsed.webhook, fetch: route, clock });
  const channels = makeChannels(
    {
      channels: new Map([
        ['crm', { type: 'bitrix24_crm', provider: 'bitrix24', responsibleId: undefined }],
        ['hook', { type: 'webhook', url: new Secret(receiver.url), secret: new Secret(SIGNING_SECRET) }],
        ['mail', { type: 'email', server: new Secret(mails.url), from: 'relay@shop.example', to: ['sales@shop.example'] }],
      ]),
      language: 'en',
    },
    { fetch: route, clock, portals: new Map([['bitrix24', { bitrix24: client }]]), makeMailTransport: nodeMail },
  );
  running = relay({
    config: {
      demo: false,
      ownPage: false,
      sites: new Map([['default', exampleSite({ name: 'Oak & Ash', channels: [...channels.keys()], budget: { perCall: 1, perDay } })]]),
      notify: [...channels.keys()],
      limits: USUAL_LIMITS,
      budget: { perDay: 1_000, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
    },
    store,
    channels,
    providers: new Map([['bitrix24', bitrix24({ name: 'bitrix24', webhookUrl, fetch: askPortal, clock })]]),
    secret: new Uint8Array(32).fill(9),
    clock,
    log: (entry) => entries.push(entry),
    random: () => 0.5,
    version: '0.0.0',
  });
}

interface Accepted {
  id: string;
  statusToken: string;
}

async function ask(): Promise<Accepted> {
  const headers = { origin: 'https://shop.example', 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
  const body = JSON.stringify({ site: 'default', phone: PHONE, name: 'Erika' });
  const response = await running.fetch(new Request('https://relay.example/v1/calls', { method: 'POST', headers, body }), {
    address: '198.51.100.7',
  });
  expect(response.status).toBe(202);
  return (await response.json()) as Accepted;
}

/** As the timer would: works through what is due, every ten seconds at first. */
async function pass(totalMs: number): Promise<void> {
  for (let passedMs = 0; passedMs <= totalMs; ) {
    const work = running.drain();
    await clock.advance(0);
    await work;
    const stepMs = passedMs < 3 * MINUTE_MS ? 10 * SECOND_MS : 5 * MINUTE_MS;
    await clock.advance(stepMs);
    passedMs += stepMs;
  }
}

/** Leads as each receiver would count them. */
function heard() {
  const leads = receiver.received.filter(({ verified, body }) => verified && body.includes('call.not_connected'));
  return {
    crm: portal.crm.todos.length,
    hook: new Set(leads.map(({ id }) => id)).size,
    mail: mails.received.filter(({ raw }) => raw.includes('Subject: Please call back')).length,
  };
}

const ONCE_EACH = { crm: 1, hook: 1, mail: 1 };
const NONE = { crm: 0, hook: 0, mail: 0 };
const stateOf = async ({ id }: Accepted) => (await store.find(id))?.state;

test('missed: nobody answers, and everybody is told once', async () => {
  start();
  const call = await ask();
  await pass(30 * MINUTE_MS);
  expect(await stateOf(call)).toBe('missed');
  expect(heard()).toEqual(ONCE_EACH);
  expect(portal.crm.entries).toMatchObject([{ fields: { originId: call.id, name: 'Erika' } }]);
});

test('expired: the relay was down until the deadline had passed', async () => {
  start();
  const call = await ask();
  clock.set(clock.now() + 3 * MINUTE_MS);
  await pass(MINUTE_MS);
  expect(await stateOf(call)).toBe('expired');
  expect(portal.telephones.dials).toEqual([]);
  expect(heard()).toEqual(ONCE_EACH);
});

test('abandoned: no answer and no trace; told after a minute, and not again at the end', async () => {
  start();
  portal.misbehave('voximplant.callback.start', { kind: 'drop', executes: false });
  const call = await ask();
  await pass(2 * MINUTE_MS);
  expect(await stateOf(call)).toBe('uncertain');
  expect(heard()).toEqual(ONCE_EACH);
  await pass(90 * MINUTE_MS);
  expect(await stateOf(call)).toBe('abandoned');
  expect(heard()).toEqual(ONCE_EACH);
});

test('ended unknown: the call was started, and nobody may read how it ended', async () => {
  start({ statistics: false });
  const call = await ask();
  await pass(90 * MINUTE_MS);
  expect(await stateOf(call)).toBe('ended_unknown');
  expect(heard()).toEqual(ONCE_EACH);
});

test('refused: the portal says no to the line', async () => {
  start();
  portal.misbehave('voximplant.callback.start', { kind: 'error', name: 'noRight' }, 3);
  const call = await ask();
  await pass(2 * MINUTE_MS);
  expect(await stateOf(call)).toBe('refused');
  expect(heard()).toEqual(ONCE_EACH);
});

test('connected: nobody is told', async () => {
  start();
  const call = await ask();
  await pass(0);
  const { callId = '' } = portal.telephones.dials[0] ?? {};
  portal.telephones.answer('agent', callId);
  await clock.advance(10 * SECOND_MS);
  portal.telephones.answer('visitor', callId);
  await clock.advance(MINUTE_MS);
  portal.telephones.hangUp('visitor', callId);
  await pass(30 * MINUTE_MS);
  expect(await stateOf(call)).toBe('connected');
  expect(heard()).toEqual(NONE);
});

test('cancelled: nobody is told', async () => {
  start();
  const { id, statusToken } = await ask();
  const headers = { origin: 'https://shop.example', authorization: `Bearer ${statusToken}` };
  const response = await running.fetch(new Request(`https://relay.example/v1/calls/${id}`, { method: 'DELETE', headers }), {
    address: '198.51.100.7',
  });
  expect(response.ok).toBe(true);
  await pass(5 * MINUTE_MS);
  expect(heard()).toEqual(NONE);
});

test('a budget that is spent is told once by every channel', async () => {
  start({ perDay: 1 });
  await ask();
  // Half, most and all of it are reached at once: more letters than are under way together.
  await pass(MINUTE_MS);
  const notices = receiver.received.filter(({ body }) => body.includes('relay.notice') && body.includes('is spent'));
  expect(notices).toHaveLength(1);
  expect(portal.crm.told.filter(({ message }) => message.includes('is spent'))).toHaveLength(1);
  expect(mails.received.filter(({ raw }) => raw.includes('Subject: Ringback needs attention'))).not.toEqual([]);
});

test('neither number nor secret shows in the log, whatever fails on the way', async () => {
  start();
  receiver.mood = { status: 500 };
  mails.mood = 'never';
  portal.misbehave('crm.item.add', { kind: 'error', name: 'crmFieldRequired' });
  await ask();
  await pass(20 * MINUTE_MS);
  expect(entries.filter(({ event }) => event === 'message.failed').length).toBeGreaterThan(3);
  const told = JSON.stringify([entries, await store.listMessages({}, 50)]);
  for (const secret of [PHONE.slice(1), '15123456789', 'Erika', SIGNING_SECRET, MAIL_PASSWORD, PORTAL_SECRET]) {
    expect(told).not.toContain(secret);
  }
});
