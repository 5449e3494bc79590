import { expect, test } from 'vitest';
import type { DialOrder, Outcome, Provider } from '../providers/provider.ts';
import type { RelayOptions } from '../relay.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { fakeClock } from '../simulators/fake-clock.ts';
import { plainProvider } from '../simulators/plain-provider.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import { liveRelay } from './live-relay.ts';

const OLD = 'https://old.example';
const NEW = 'https://new.example';
const KEY = '00000000-0000-4000-8000-000000000001';

/** A provider that keeps its answer back until the test gives it. */
function slowProvider() {
  const dials: DialOrder[] = [];
  let answer: (outcome: Outcome) => void = () => {};
  const provider: Provider = plainProvider(
    (order) => {
      dials.push(order);
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
    {
      readEvent: () => ({ kind: 'event', event: { ref: 'ref-1', news: { kind: 'end', end: 'connected' } } }),
    },
  );
  return { provider, dials, answer: (outcome: Outcome) => answer(outcome) };
}

function configOf(origin: string): RelayOptions['config'] {
  const site = exampleSite({ origins: [origin], provider: 'pbx' });
  const rest = { demo: false, ownPage: false, budget: { perDay: 1_000, timeZone: 'UTC' }, deniedPrefixes: [], paused: false };
  return { ...rest, sites: new Map([[site.key, site]]), limits: USUAL_LIMITS };
}

function requestOf(origin: string, idempotencyKey: string, phone = '0151 23456789'): Request {
  const headers = { origin, 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
  const body = JSON.stringify({ site: 'default', phone });
  return new Request('https://relay.example/v1/calls', { method: 'POST', headers, body });
}

function begun(pace?: Provider['pace']) {
  const clock = fakeClock();
  const store = sqliteStore({ path: ':memory:', clock });
  const { provider, dials, answer } = slowProvider();
  const providers = new Map([['pbx', { ...provider, pace }]]);
  const secret = new Uint8Array(32).fill(9);
  const live = liveRelay({ config: configOf(OLD), store, providers, secret, clock, log: () => {}, version: '0.0.0' });
  const ask = async (origin: string, idempotencyKey = KEY) => live.fetch(requestOf(origin, idempotencyKey), { address: '203.0.113.7' });
  const tell = async () =>
    live.fetch(new Request(`https://relay.example${live.eventPath('pbx')}`, { method: 'POST', body: '' }), { address: undefined });
  return { clock, store, providers, live, dials, answer, ask, tell };
}

test('requests meet the new settings from that moment on; what was accepted before is still known', async () => {
  const { live, providers, ask } = begun();
  const first = await ask(OLD);
  expect(first.status).toBe(202);
  live.replace({ config: configOf(NEW), providers });
  expect((await ask(OLD, KEY.replace('1', '2'))).status).toBe(403);
  const again = await ask(NEW);
  expect(again.status).toBe(202);
  expect(await again.json()).toMatchObject({ id: ((await first.json()) as { id: string }).id });
  await live.close();
});

test('a dial under way is finished by the relay that began it, and early news of it is not lost', async () => {
  const { live, store, providers, dials, answer, ask, tell } = begun();
  const { id } = (await (await ask(OLD)).json()) as { id: string };
  await live.begin();
  expect(dials).toHaveLength(1);
  live.replace({ config: configOf(NEW), providers });
  // The portal tells how the call went on before it has answered the dial.
  expect((await tell()).status).toBe(204);
  answer({ kind: 'placed', ref: 'ref-1' });
  await live.drain();
  await expect.poll(async () => (await store.find(id))?.state).toBe('connected');
  expect(dials).toHaveLength(1);
  await live.close();
});

test('closing waits for a dial of the old relay before the store is closed', async () => {
  const { live, store, providers, answer, ask } = begun();
  const { id } = (await (await ask(OLD)).json()) as { id: string };
  await live.begin();
  live.replace({ config: configOf(NEW), providers });
  let closed = false;
  const closing = live.close().then(() => {
    closed = true;
  });
  expect((await store.find(id))?.state).toBe('dialing');
  expect(closed).toBe(false);
  answer({ kind: 'placed', ref: 'ref-1' });
  await closing;
  await expect(store.find(id)).rejects.toThrow();
});

test('what was asked of an account a moment ago still counts under the new settings', async () => {
  const { clock, live, providers, dials, answer, ask } = begun({ host: 'pbx.example', perSecond: 2, burst: 1 });
  await ask(OLD);
  await live.begin();
  live.replace({ config: configOf(OLD), providers });
  await live.fetch(requestOf(OLD, KEY.replace('1', '2'), '0151 23456780'), { address: '203.0.113.8' });
  await live.begin();
  expect(dials).toHaveLength(1);
  answer({ kind: 'placed', ref: 'ref-1' });
  clock.set(clock.now() + 500);
  await live.begin();
  expect(dials).toHaveLength(2);
  answer({ kind: 'placed', ref: 'ref-2' });
  await live.close();
});
