/** What an operator reads of an outage: its beginning, that it goes on, and its end, so that the last word is always true. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Relay, relay } from '../relay.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { plainProvider } from '../simulators/plain-provider.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import type { Channel } from './channel.ts';
import { QUIET_MS } from './notifier.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const FAULT = { code: 'no_connection', message: 'No connection.', problem: 'unavailable', configuration: false } as const;
const LIMITS = { ...USUAL_LIMITS, sourceSoft: [], sourceNumbersSoft: [], site: [], deployment: [], destinations: undefined };
const [OUT, IN] = ['provider:pbx:out_of_reach', 'provider:pbx:in_reach'];

let clock: FakeClock;
let store: Store;
let running: Relay;
let isDown: boolean;
/** Whether the provider answers questions, though it may make no calls. */
let answers: boolean;
let isMuted: boolean;
let told: { topic: string; at: number }[];
let asked: number;

beforeEach(() => {
  clock = fakeClock();
  store = sqliteStore({ path: ':memory:', clock });
  isDown = false;
  answers = false;
  isMuted = false;
  told = [];
  asked = 0;
  start();
});

afterEach(() => running.close());

function start(): void {
  const ops: Channel = {
    name: 'ops',
    verify: async () => [],
    async deliver(letter) {
      if (isMuted) return { kind: 'again', fault: { code: 'x', message: 'x', configuration: false } };
      if (letter.kind === 'notice') told.push({ topic: letter.topic, at: clock.now() });
      return { kind: 'delivered' };
    },
  };
  const pbx = plainProvider(async () => (isDown ? { kind: 'not_sent', fault: FAULT } : { kind: 'placed', ref: crypto.randomUUID() }), {
    verify: async () => [{ ok: !isDown || answers, code: 'x', message: 'x' }],
  });
  running = relay({
    config: {
      demo: false,
      ownPage: false,
      sites: new Map([
        ['default', exampleSite({ provider: 'pbx', concurrency: 1_000, channels: [], budget: { perCall: 1, perDay: 1_000_000 } })],
      ]),
      limits: LIMITS,
      budget: { perDay: 1_000_000, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
      notify: ['ops'],
    },
    store,
    channels: new Map([['ops', ops]]),
    providers: new Map([['pbx', pbx]]),
    secret: new Uint8Array(32).fill(9),
    clock,
    log: () => {},
    random: () => 0.5,
    version: '0.0.0',
  });
}

async function ask(): Promise<void> {
  asked += 1;
  const headers = { origin: 'https://shop.example', 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
  const body = JSON.stringify({ site: 'default', phone: `+4915120${String(asked).padStart(6, '0')}` });
  const request = new Request('https://relay.example/v1/calls', { method: 'POST', headers, body });
  const { status } = await running.fetch(request, { address: `198.51.${asked >> 8}.${asked & 255}` });
  expect(status).toBe(202);
}

/** A call every so often, and the drain every ten seconds. */
async function pass(totalMs: number, callEveryMs: number): Promise<void> {
  const from = clock.now();
  for (let callAt = from; clock.now() < from + totalMs; clock.set(clock.now() + 10_000)) {
    for (; callAt <= clock.now(); callAt += callEveryMs) await ask();
    await running.drain();
  }
}

const topics = () => told.map(({ topic }) => topic);

test('a second outage within the quiet time of the first is told, and told again for as long as it lasts', {
  timeout: 60_000,
}, async () => {
  isDown = true;
  await pass(5 * MINUTE_MS, MINUTE_MS / 4);
  isDown = false;
  await pass(HOUR_MS, 20 * MINUTE_MS);
  expect(topics()).toEqual([OUT, IN]);
  isDown = true;
  const from = clock.now();
  await pass(2 * QUIET_MS + HOUR_MS, 20 * MINUTE_MS);
  expect(topics()).toEqual([OUT, IN, OUT, OUT, OUT]);
  expect(told[2]?.at).toBeLessThan(from + HOUR_MS);
  isDown = false;
  await pass(HOUR_MS, 20 * MINUTE_MS);
  expect(topics().slice(5)).toEqual([IN]);
});

test('a restart in the middle of an outage does not take its end away', async () => {
  isDown = true;
  await pass(2 * MINUTE_MS, MINUTE_MS / 4);
  expect(topics()).toEqual([OUT]);
  start();
  isDown = false;
  await pass(20 * MINUTE_MS, 5 * MINUTE_MS);
  expect(topics()).toEqual([OUT, IN]);
  start();
  await pass(20 * MINUTE_MS, 5 * MINUTE_MS);
  expect(topics()).toEqual([OUT, IN]);
});

test('an account that answers questions and makes no calls is not told of at every turn, and not as healthy at last', {
  timeout: 60_000,
}, async () => {
  isDown = true;
  answers = true;
  await pass(QUIET_MS, 5 * MINUTE_MS);
  expect(topics().length).toBeLessThanOrEqual(10);
  isDown = false;
  await pass(QUIET_MS, HOUR_MS);
  expect(topics().at(-1)).toBe(IN);
});

test('a word that could not be delivered is not delivered once it is no longer true', async () => {
  isMuted = true;
  isDown = true;
  await pass(10 * MINUTE_MS, MINUTE_MS / 4);
  isDown = false;
  await pass(5 * MINUTE_MS, MINUTE_MS);
  isMuted = false;
  await pass(HOUR_MS, 10 * MINUTE_MS);
  expect(topics()).toEqual([IN]);
});
