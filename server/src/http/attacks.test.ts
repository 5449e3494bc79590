/** What an attacker gets for his trouble. The truth is the log of dials: who was really rung. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Relay, relay } from '../relay.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { sqliteStore } from '../store/sqlite-store.ts';

const MINUTE_MS = 60_000;
const PER_DAY = 100;

let clock: FakeClock;
let running: Relay;
let dials: string[];

beforeEach(() => {
  clock = fakeClock();
  dials = [];
  running = relay({
    config: {
      demo: false,
      ownPage: false,
      sites: new Map([['default', exampleSite({ provider: 'pbx', concurrency: 1_000, budget: { perCall: 1, perDay: PER_DAY } })]]),
      limits: USUAL_LIMITS,
      budget: { perDay: 1_000, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
    },
    store: sqliteStore({ path: ':memory:', clock }),
    providers: new Map([
      [
        'pbx',
        {
          name: 'pbx',
          async dial({ number }) {
            dials.push(number);
            return { kind: 'placed', ref: undefined };
          },
          verify: async () => [],
          problemOf: () => undefined,
          lines: async () => ({ ok: true, value: [] }),
          voices: async () => ({ ok: true, value: [] }),
          readEvent: () => ({ kind: 'ignored' }),
        },
      ],
    ]),
    secret: new Uint8Array(32).fill(9),
    clock,
    log: () => {},
    version: '0.0.0',
  });
});

afterEach(() => running.close());

async function ask(phone: string, address: string, forged: Record<string, string> = {}): Promise<number> {
  const headers = { origin: 'https://shop.example', 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID(), ...forged };
  const body = JSON.stringify({ site: 'default', phone });
  return (await running.fetch(new Request('https://relay.example/v1/calls', { method: 'POST', headers, body }), { address })).status;
}

test('a /48 full of addresses on premium, satellite and one real number rings one telephone once, and others are served', async () => {
  const targets = ['0900 1 234567', '+881 6 12345678', '+7 940 771 23 45', '0151 23456789'];
  const statuses = new Map<number, number>();
  for (let at = 0; at < 10_000; at++) {
    const status = await ask(targets[at % 4] ?? '', `2001:db8:5:${(at % 1_000).toString(16)}::${at.toString(16)}`);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  await running.drain();
  expect(dials).toEqual(['+4915123456789']);
  expect(Object.fromEntries(statuses)).toMatchObject({ 202: 1, 422: 7_500 });
  expect([...statuses.keys()].filter((status) => status >= 500)).toEqual([]);
  expect(await ask('0151 23456780', '203.0.113.7')).toBe(202);
}, 60_000);

test('a slow drip from ever new networks, under every limit of its own, ends at the budget of the day', async () => {
  // From midnight in Berlin to the next, every five minutes another number from another network.
  clock.set(Date.UTC(2026, 0, 5, 23));
  for (let at = 0; at < 288; at++) {
    const status = await ask(`0151 2${String(at).padStart(7, '0')}`, `198.51.${at >> 8}.${at & 255}`);
    expect(status).toBe(at < PER_DAY ? 202 : 503);
    await running.drain();
    clock.set(clock.now() + 5 * MINUTE_MS);
  }
  expect(dials).toHaveLength(PER_DAY);
  expect(await ask('0151 23456789', '203.0.113.7')).toBe(202);
});

test('forged addresses in headers make nobody another', async () => {
  for (let at = 0; at < 30; at++)
    await ask('112', '203.0.113.7', { 'x-forwarded-for': `192.0.2.${at}`, 'cf-connecting-ip': `192.0.2.${at}` });
  expect(await ask('112', '203.0.113.7', { 'x-forwarded-for': '192.0.2.99', 'x-real-ip': '192.0.2.99', forwarded: 'for=192.0.2.99' })).toBe(
    429,
  );
  expect(await ask('0151 23456789', '203.0.113.8')).toBe(202);
});

test('a forged origin gets as far as the limits and no further', async () => {
  let accepted = 0;
  for (let at = 0; at < 50; at++) if ((await ask(`0151 3${String(at).padStart(7, '0')}`, `198.51.100.${at}`)) === 202) accepted++;
  expect(accepted).toBe(6);
});
