/** A clock that is set ten minutes forward or back while calls are open. The store's clock is the only one, so all agree on it. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DialOrder, Outcome, Provider } from '../providers/provider.ts';
import { exampleSite } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { plainProvider } from '../simulators/plain-provider.ts';
import type { AcceptResult } from '../store/acceptance.ts';
import type { Call } from '../store/call.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { vault } from '../store/vault.ts';
import { acceptCall } from './accept-call.ts';
import { callRules } from './call-rules.ts';
import type { CallsContext } from './calls.ts';
import { drainCalls } from './drain-calls.ts';
import { earlyNews } from './early-news.ts';
import { DIAL_WITHIN_MS } from './life-of-a-call.ts';
import { providerGate } from './provider-gate.ts';
import type { Drain } from './under-way.ts';

const JUMP_MS = 600_000;
const NUMBER = '+4915123456701';

let clock: FakeClock;
let store: Store;
let context: CallsContext;
let drain: Drain;
let dials: (DialOrder & { at: number })[];
let answer: () => Promise<Outcome>;
let paused: boolean;

beforeEach(() => {
  clock = fakeClock();
  store = sqliteStore({ path: ':memory:', clock });
  dials = [];
  answer = async () => ({ kind: 'placed', ref: undefined });
  paused = false;
  const provider: Provider = plainProvider((order) => {
    dials.push({ ...order, at: clock.now() });
    return answer();
  });
  const sites = new Map([['default', exampleSite({ provider: 'pbx', concurrency: 100 })]]);
  context = {
    store,
    vault: vault(new Uint8Array(32).fill(7)),
    clock,
    log: () => {},
    sites,
    providers: new Map([['pbx', provider]]),
    rulesOf: callRules({ sites, cooldownMs: 60_000, random: () => 0, switches: () => ({ paused, pausedSites: new Set() }) }),
    early: earlyNews(clock),
    gate: providerGate(clock),
    notify: async () => {},
  };
  drain = drainCalls(context);
});

afterEach(() => store.close());

async function ask(number = NUMBER): Promise<AcceptResult> {
  const window = { max: 1, perMs: 900_000 };
  return acceptCall(
    {
      request: { site: 'default', phone: number },
      idempotencyKey: crypto.randomUUID(),
      e164: number,
      numberKeys: [number],
      country: 'DE',
      details: {},
      guard: { limits: [{ scope: 'number', key: number, windows: [window] }] },
    },
    context,
  );
}

async function accept(number = NUMBER): Promise<Call> {
  const result = await ask(number);
  if (result.kind !== 'accepted') throw new Error(result.kind);
  return result.call;
}

const stateOf = async ({ id }: Call) => (await store.find(id))?.state;

test('ten minutes forward: a call that waits has expired, and is not dialled late', async () => {
  const call = await accept();
  clock.set(clock.now() + JUMP_MS);
  await drain.run();
  expect(await stateOf(call)).toBe('expired');
  expect(dials).toEqual([]);
});

test('ten minutes forward during a dial: unclear, never a second dial', async () => {
  const call = await accept();
  let finish: (outcome: Outcome) => void = () => {};
  answer = () =>
    new Promise((resolve) => {
      finish = resolve;
    });
  await drain.begin();
  clock.set(clock.now() + JUMP_MS);
  await drain.begin();
  finish({ kind: 'not_sent', fault: { code: 'x', message: 'x', problem: 'unavailable', configuration: false } });
  await drain.settled();
  await drain.run();
  expect(await stateOf(call)).toBe('uncertain');
  expect(dials).toHaveLength(1);
});

test('ten minutes back: a call that waits is dialled at most once, before the time that its visitor was shown', async () => {
  paused = true;
  const call = await accept();
  await drain.run();
  clock.set(clock.now() - JUMP_MS);
  paused = false;
  for (let second = 0; second < (JUMP_MS + DIAL_WITHIN_MS) / 1_000; second += 5) {
    await drain.run();
    clock.set(clock.now() + 5_000);
  }
  expect(dials).toHaveLength(1);
  for (const { at } of dials) expect(at).toBeLessThan(call.dialBefore);
});

test('ten minutes back: what was counted still counts, and a new call is dialled all the same', async () => {
  await accept();
  await drain.run();
  clock.set(clock.now() - JUMP_MS);
  expect(await ask()).toMatchObject({ kind: 'limited' });
  const other = await accept('+4915123456702');
  await drain.run();
  expect(await stateOf(other)).toBe('placed');
  expect(dials).toHaveLength(2);
});

test('there and back again: the limits on a number hold', async () => {
  const call = await accept();
  await drain.run();
  for (const jumpMs of [JUMP_MS, -JUMP_MS, -JUMP_MS, JUMP_MS]) {
    clock.set(clock.now() + jumpMs);
    expect((await ask()).kind).toBe('limited');
    await drain.run();
  }
  expect(dials).toHaveLength(1);
  expect(call.state).toBe('accepted');
});
