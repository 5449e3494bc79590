import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SiteConfig } from '../config/config.ts';
import type { LogEntry } from '../log.ts';
import { exampleSite } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import type { Change } from '../store/call.ts';
import type { Message } from '../store/message.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { vault } from '../store/vault.ts';
import type { CallRecord } from './call-cards.ts';
import type { ChannelFault, Delivery } from './channel.ts';
import { type DeliveryContext, deliverMessages } from './deliver-messages.ts';

const NUMBER = '+4915123456789';
const CHANNEL = 'bridge:crm';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DOWN: ChannelFault = { code: 'portal_unreachable', message: 'It is away.', configuration: false };
const BRIDGED = exampleSite({ channels: ['mail'], bridge: { portal: 'crm', externalLine: '4930123456', userId: 7 } });

let clock: FakeClock;
let store: Store;
let entries: LogEntry[];
let notices: { topic: string; text: string }[];
let written: CallRecord[];
let answer: Delivery | Error;
let sites: Map<string, SiteConfig>;
let context: DeliveryContext;

beforeEach(() => {
  clock = fakeClock();
  store = sqliteStore({ path: ':memory:', clock });
  entries = [];
  notices = [];
  written = [];
  answer = { kind: 'delivered', receipt: 'card.1' };
  sites = new Map([['default', BRIDGED]]);
  context = {
    store,
    vault: vault(new Uint8Array(32).fill(7)),
    clock,
    log: (entry) => entries.push(entry),
    sites,
    channels: new Map(),
    cards: new Map([
      [
        CHANNEL,
        {
          async write(record) {
            written.push(record);
            if (answer instanceof Error) throw answer;
            return answer;
          },
        },
      ],
    ]),
    notify: async ({ topic, text }) => void notices.push({ topic, text }),
    random: () => 0.5,
  };
});

afterEach(() => store.close());

/** A call that rings, with its record; its id. */
async function placedCall(details: object = {}): Promise<string> {
  const id = crypto.randomUUID();
  const draft = {
    id,
    site: 'default',
    idempotencyKey: id,
    fingerprint: id,
    numberKey: id,
    sealedNumber: context.vault.seal(NUMBER, id),
    sealedDetails: context.vault.seal(JSON.stringify(details), id),
    country: 'DE',
    dialWithinMs: 2 * MINUTE_MS,
    holdMs: 0,
  };
  await store.accept(draft, { limits: [] });
  await store.amend(id, () => ({ state: 'dialing' }));
  await change(id, { state: 'placed', provider: 'telphin', placedAt: clock.now(), records: [CHANNEL] });
  return id;
}

const change = (id: string, made: Change) => store.amend(id, () => ({ dueStep: undefined, dueAt: undefined, ...made }));
const end = (id: string, made: Change = {}) => change(id, { state: 'connected', endedAt: clock.now(), talkedMs: 5_000, ...made });
const deliver = () => deliverMessages(context).run();

async function record(): Promise<Message> {
  const [message] = await store.listMessages({}, 1);
  if (message === undefined) throw new Error('There is no message.');
  return message;
}

/** Looks whenever it is time to; how many looks that took. */
async function passUntil(time: number): Promise<number> {
  let looks = 0;
  for (let next = await store.nextDueAt(); next !== undefined && next <= time; next = await store.nextDueAt()) {
    clock.set(Math.max(next, clock.now()));
    await deliver();
    looks += 1;
  }
  clock.set(Math.max(time, clock.now()));
  return looks;
}

test('written down once while it rings, and once more when it is over', async () => {
  const id = await placedCall({ bridge: { account: 'crm', crm: { type: 'LEAD', id: '12' } } });
  await passUntil(clock.now() + MINUTE_MS);
  expect(written).toEqual([
    {
      callId: id,
      receipt: undefined,
      number: NUMBER,
      userId: 7,
      line: '4930123456',
      crm: { type: 'LEAD', id: '12' },
      startedAt: clock.now() - MINUTE_MS,
      end: undefined,
    },
  ]);
  await end(id, { charged: 7, currency: 'EUR' });
  await passUntil(clock.now() + MINUTE_MS);
  const over = { state: 'connected', reason: undefined, talkedMs: 5_000, cost: { amount: 7, currency: 'EUR' } };
  expect(written.slice(1)).toMatchObject([{ callId: id, receipt: 'card.1', end: over }]);
  expect(await record()).toMatchObject({ state: 'delivered', receipt: 'card.1' });
});

test('a long call is looked at ever more seldom, and still finished within two minutes of its end', async () => {
  const id = await placedCall();
  expect(await passUntil(clock.now() + HOUR_MS)).toBeLessThan(60);
  await end(id);
  await passUntil(clock.now() + 2 * MINUTE_MS);
  expect(await record()).toMatchObject({ state: 'delivered' });
});

test('a receiver that is away for a day makes nothing lost, and its operator is told after a quarter of an hour', async () => {
  const id = await placedCall();
  answer = { kind: 'again', fault: DOWN };
  await end(id);
  await passUntil(clock.now() + 14 * MINUTE_MS);
  expect(notices).toEqual([]);
  await passUntil(clock.now() + 24 * HOUR_MS);
  expect(new Set(notices.map(({ topic }) => topic))).toEqual(new Set([`channel:${CHANNEL}:portal_unreachable`]));
  answer = { kind: 'delivered', receipt: 'card.1' };
  await passUntil(clock.now() + 12 * HOUR_MS);
  expect(await record()).toMatchObject({ state: 'delivered' });
});

test('one that is away for good is given up after two days, aloud', async () => {
  const id = await placedCall();
  answer = new Error('broken');
  await end(id);
  await passUntil(clock.now() + 72 * HOUR_MS);
  expect(await record()).toMatchObject({ state: 'quarantined', fault: 'cards_threw' });
  expect(notices.at(-1)).toMatchObject({ topic: `channel:${CHANNEL}:quarantined` });
  expect(JSON.stringify([entries, notices])).not.toContain(NUMBER.slice(1));
});

test('a duration that stands in the provider’s records alone is waited for, and told with its price', async () => {
  const id = await placedCall();
  let known: { talkedMs: number; cost: { amount: number; currency: string } } | undefined;
  context.readConversation = async () => known;
  await end(id, { talkedMs: undefined });
  await passUntil(clock.now() + 10_000);
  expect(written).toEqual([]);
  known = { talkedMs: 61_000, cost: { amount: 9, currency: 'RUB' } };
  await passUntil(clock.now() + MINUTE_MS);
  expect(written).toMatchObject([{ end: { state: 'connected', talkedMs: 61_000, cost: { amount: 9, currency: 'RUB' } } }]);
});

test('one that never comes to be known is told as none, after two minutes', async () => {
  const id = await placedCall();
  await end(id, { talkedMs: undefined });
  await passUntil(clock.now() + 119_000);
  expect(written).toEqual([]);
  await passUntil(clock.now() + 2 * MINUTE_MS);
  expect(written).toMatchObject([{ end: { state: 'connected', talkedMs: 0 } }]);
});

test('what a failed attempt has made is known to the next', async () => {
  const id = await placedCall();
  await end(id);
  answer = { kind: 'again', fault: DOWN, receipt: 'card.9' };
  await deliver();
  await passUntil(clock.now() + MINUTE_MS);
  expect(written.slice(0, 2).map(({ receipt }) => receipt)).toEqual([undefined, 'card.9']);
});

test('nothing is shown for a call that went back to its queue, and its end is written down', async () => {
  const id = crypto.randomUUID();
  await placedCall();
  await store.accept(
    {
      id,
      site: 'default',
      idempotencyKey: id,
      fingerprint: id,
      numberKey: id,
      sealedNumber: context.vault.seal(NUMBER, id),
      country: 'DE',
      dialWithinMs: MINUTE_MS,
      holdMs: 0,
    },
    { limits: [] },
  );
  await change(id, { records: [CHANNEL] });
  await deliver();
  expect(written.map(({ callId }) => callId)).not.toContain(id);
  await change(id, { state: 'expired', endedAt: clock.now() });
  await passUntil(clock.now() + MINUTE_MS);
  expect(written.at(-1)).toMatchObject({ callId: id, end: { state: 'expired' } });
});

test.each([
  ['a call that the portal has dialled itself', { provider: 'crm' } satisfies Change],
  ['a call that was forgotten meanwhile', { state: 'missed', forget: true } satisfies Change],
])('%s needs no card', async (_, made) => {
  await change(await placedCall(), made);
  await deliver();
  expect(written).toEqual([]);
  expect(await record()).toMatchObject({ state: 'needless' });
});

test('a request from another account’s form is not tied to an entry of this one’s CRM', async () => {
  await placedCall({ bridge: { account: 'elsewhere', crm: { type: 'LEAD', id: '12' } } });
  await deliver();
  expect(written).toMatchObject([{ crm: undefined }]);
});

test('a bridge that was taken out of the configuration keeps its records, and says so', async () => {
  await placedCall();
  sites.set('default', exampleSite());
  await deliver();
  expect(await record()).toMatchObject({ state: 'waiting', fault: 'bridge_gone' });
  expect(notices).toMatchObject([{ topic: `channel:${CHANNEL}:bridge_gone` }]);
});
