/** What a call really cost takes the place of what was set aside for it: relay, adapter and simulated portal together. */
import { expect, test } from 'vitest';
import { Secret } from '../config/secret.ts';
import { bitrix24 } from '../providers/bitrix24/bitrix24.ts';
import { type Relay, relay } from '../relay.ts';
import { bitrix24Portal } from '../simulators/bitrix24/portal.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { fakeClock } from '../simulators/fake-clock.ts';
import { sqliteStore } from '../store/sqlite-store.ts';

const PORTAL = 'http://127.0.0.1';
const BASE = 'https://relay.example';
const TOKEN = 'an-event-token';
const PER_CALL = 50;

/** One call fits into the day's budget, unless it turns out cheaper than the most that it could cost. */
function startRelay(currency: string) {
  const clock = fakeClock();
  let running: Relay | undefined;
  const portal = bitrix24Portal({
    clock,
    userId: '1',
    webhookSecret: 'secret',
    lines: { reg1332: 'Office' },
    events: {
      url: () => running && BASE + running.eventPath('bitrix24'),
      token: TOKEN,
      fetch: async (input, init) =>
        (await running?.fetch(new Request(input, init), { address: undefined })) ?? new Response(null, { status: 503 }),
    },
  });
  const provider = bitrix24({
    name: 'bitrix24',
    webhookUrl: new Secret(`${PORTAL}${portal.webhookPath}`),
    eventToken: new Secret(TOKEN),
    fetch: async (input, init) => portal.app.fetch(new Request(input, init)),
    clock,
  });
  const site = exampleSite({ budget: { perCall: PER_CALL, perDay: 60, currency } });
  running = relay({
    config: {
      demo: false,
      ownPage: false,
      sites: new Map([['default', site]]),
      limits: USUAL_LIMITS,
      budget: { perDay: 1_000, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
    },
    store: sqliteStore({ path: ':memory:', clock }),
    providers: new Map([['bitrix24', provider]]),
    secret: new Uint8Array(32).fill(5),
    clock,
    log: () => {},
    version: '0.0.0',
  });
  const { telephones } = portal;
  const started = running;

  async function ask(phone: string): Promise<number> {
    const headers = { origin: 'https://shop.example', 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
    const body = JSON.stringify({ site: 'default', phone });
    return (await started.fetch(new Request(`${BASE}/v1/calls`, { method: 'POST', headers, body }), { address: '203.0.113.7' })).status;
  }

  /** Both answer, and talk for so long. */
  async function talk(seconds: number): Promise<void> {
    await started.drain();
    const callId = telephones.dials.at(-1)?.callId ?? '';
    expect(telephones.answer('agent', callId)).toBe(true);
    await clock.advance(4_000);
    expect(telephones.answer('visitor', callId)).toBe(true);
    await clock.advance(seconds * 1_000);
    expect(telephones.hangUp('visitor', callId)).toBe(true);
    await clock.advance(1_000);
  }

  return { ask, talk, clock, telephones, drain: () => started.drain(), close: () => started.close() };
}

test('the reported price replaces the reservation, and what is left over may be spent', async () => {
  const { ask, talk, close } = startRelay('EUR');
  expect(await ask('0151 23456701')).toBe(202);
  expect(await ask('0151 23456702')).toBe(503);
  // Two minutes at 0.0005 EUR a second are six cents: 6 + 50 of 60.
  await talk(120);
  expect(await ask('0151 23456702')).toBe(202);
  // What the second call may cost is still set aside.
  expect(await ask('0151 23456703')).toBe(503);
  await close();
});

test('a price in another currency than the budget is not set against it', async () => {
  const { ask, talk, close } = startRelay('USD');
  expect(await ask('0151 23456701')).toBe(202);
  await talk(120);
  expect(await ask('0151 23456702')).toBe(503);
  await close();
});

test('a call that nobody answered cost nothing, and gives everything back', async () => {
  const { ask, clock, drain, telephones, close } = startRelay('EUR');
  expect(await ask('0151 23456701')).toBe(202);
  await drain();
  expect(telephones.hangUp('agent', telephones.dials[0]?.callId ?? '')).toBe(true);
  await clock.advance(1_000);
  expect(await ask('0151 23456702')).toBe(202);
  await close();
});
