/** A call that the operator asks for, through a whole relay: what is left out for it, and what is not. */
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { SiteConfig } from '../config/config.ts';
import { Secret } from '../config/secret.ts';
import type { LogEntry } from '../log.ts';
import { bitrix24 } from '../providers/bitrix24/bitrix24.ts';
import { type Relay, relay } from '../relay.ts';
import { type Bitrix24Portal, bitrix24Portal } from '../simulators/bitrix24/portal.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { sqliteStore } from '../store/sqlite-store.ts';

const CONSENT = { textId: 'v1', text: 'You may call me.', url: undefined };

let clock: FakeClock;
let portal: Bitrix24Portal;
let said: LogEntry[];
let running: Relay;
let paused: boolean;

beforeEach(() => start());

function start(site: Partial<SiteConfig> = {}): void {
  clock = fakeClock();
  portal = bitrix24Portal({ clock, userId: '1', webhookSecret: 'k3y', lines: { reg1332: 'Sales' } });
  const webhookUrl = new Secret(`https://portal.example${portal.webhookPath}`);
  const fetch: typeof globalThis.fetch = async (input, init) => portal.app.fetch(new Request(input, init));
  said = [];
  paused = false;
  const shop = exampleSite({
    key: 'shop',
    consent: CONSENT,
    concurrency: 1_000,
    proof: { mode: 'always', prover: { kind: 'pow' } },
    ...site,
  });
  const settings = { demo: false, ownPage: false, limits: USUAL_LIMITS, budget: { perDay: 50_000, timeZone: 'UTC' }, deniedPrefixes: [] };
  running = relay({
    config: { ...settings, paused: false, sites: new Map([['shop', shop]]) },
    store: sqliteStore({ path: ':memory:', clock }),
    providers: new Map([['bitrix24', bitrix24({ name: 'bitrix24', webhookUrl, fetch, clock })]]),
    secret: new Uint8Array(32).fill(9),
    switches: () => ({ paused, pausedSites: new Set() }),
    ...{ clock, log: (entry) => said.push(entry), version: '0.0.0' },
  });
  const { close } = running;
  onTestFinished(() => close());
}

const ask = (number: string, key: string = crypto.randomUUID(), site = 'shop') => running.askByHand({ site, number, key });
const codeOf = async (number: string) => {
  const admission = await ask(number);
  return admission?.kind === 'problem' ? admission.code : admission?.kind;
};

// A network may ask for three in an hour.
test('neither a proof nor a consent is asked of the operator, and no network is counted', async () => {
  for (let nth = 0; nth < 5; nth += 1) expect(await codeOf(`+491512345678${nth}`)).toBe('accepted');
  await running.drain();
  expect(portal.telephones.dials).toHaveLength(5);
  expect(said.filter(({ event, via }) => event === 'request.accepted' && via === 'operator')).toHaveLength(5);
  expect(JSON.stringify(said)).not.toMatch(/1512345678/);
});

test('everything else holds: number policy, the limits of the number, pauses, hours', async () => {
  expect(await codeOf('+33612345678')).toBe('number_refused');
  expect(await codeOf('+4915')).toBe('number_invalid');
  expect(await codeOf('+4915123456789')).toBe('accepted');
  expect(await codeOf('+4915123456789')).toBe('rate_limited');
  expect(await ask('+4915123456780', undefined, 'other')).toBeUndefined();
  paused = true;
  expect(await codeOf('+4915123456780')).toBe('unavailable');

  const week = Array.from({ length: 7 }, () => []);
  start({ hours: { timeZone: 'UTC', week, days: new Map() } });
  expect(await codeOf('+4915123456780')).toBe('closed');
  expect(portal.telephones.dials).toEqual([]);
});

test('the same order is one call, and is taken back while nobody was rung', async () => {
  const key = crypto.randomUUID();
  const first = await ask('+4915123456789', key);
  const second = await ask('+4915123456789', key);
  expect([first?.kind, second?.kind]).toEqual(['accepted', 'replayed']);
  if (first === undefined || first.kind === 'problem') throw new Error('It was not accepted.');
  expect(await running.cancel(first.call.id)).toMatchObject({ state: 'cancelled' });
  expect(await running.cancel('none')).toBeUndefined();
  await running.drain();
  expect(portal.telephones.dials).toEqual([]);
});
