import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PortalRequest } from '../calls/bridge.ts';
import type { Notice } from '../calls/calls.ts';
import type { LogEntry } from '../log.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';
import { vault } from '../store/vault.ts';
import { portalAdmission } from './admit-portal-request.ts';
import { acceptGuards } from './limits.ts';
import { numberReader } from './number-policy.ts';
import { noProver } from './proof-none.ts';

const NUMBER = '+4915123456789';
const ASKED = {
  key: 'delivery-1',
  askedAt: Date.UTC(2026, 0, 5, 9),
  phone: NUMBER,
  line: undefined,
  crm: { type: 'LEAD', id: '12' },
} satisfies PortalRequest;
const OLD = new Uint8Array(32).fill(1);
const NEW = new Uint8Array(32).fill(2);

let clock: FakeClock;
let store: Store;
let entries: LogEntry[];
let notices: Notice[];

beforeEach(() => {
  clock = fakeClock();
  store = sqliteStore({ path: ':memory:', clock });
  entries = [];
  notices = [];
});

afterEach(() => store.close());

function admission({ secrets = [OLD], paused = false, over = store }: { secrets?: Uint8Array[]; paused?: boolean; over?: Store } = {}) {
  const [newest = OLD, ...previous] = secrets;
  const safe = vault(newest, previous);
  const site = exampleSite({ bridge: { portal: 'crm', externalLine: undefined, userId: 7 } });
  return portalAdmission({
    store: over,
    vault: safe,
    clock,
    log: (entry) => entries.push(entry),
    sites: new Map([['default', site]]),
    readNumber: numberReader([site]),
    guardFor: acceptGuards({ limits: USUAL_LIMITS, budget: { perDay: 1_000, timeZone: 'UTC' }, vault: safe }),
    proverOf: () => noProver(),
    switches: () => ({ paused, pausedSites: new Set() }),
    notify: async (notice) => void notices.push(notice),
  });
}

const callIds = () => entries.filter(({ event }) => event.startsWith('request.')).map(({ callId }) => callId);

test('the same delivery is the same call, also after the secret was changed', async () => {
  expect(await admission()('crm', ASKED)).toBe(true);
  expect(await admission()('crm', ASKED)).toBe(true);
  expect(await admission({ secrets: [NEW, OLD] })('crm', ASKED)).toBe(true);
  expect(entries.map(({ event }) => event)).toEqual(['request.accepted', 'request.replayed', 'request.replayed']);
  expect(new Set(callIds()).size).toBe(1);
});

test('another delivery is another request, which the hold on the number keeps back', async () => {
  await admission()('crm', ASKED);
  expect(await admission()('crm', { ...ASKED, key: 'delivery-2' })).toBe(false);
  expect(entries.at(-1)).toMatchObject({ event: 'bridge.refused', code: 'rate_limited' });
});

test('what the form says of its entry is kept sealed with the call, and nothing else of it', async () => {
  await admission()('crm', { ...ASKED, crm: { type: 'LEAD', id: '12' } });
  const id = String(callIds()[0]);
  const call = await store.find(id);
  expect(JSON.parse(vault(OLD).open(call?.sealedDetails ?? '', id))).toEqual({
    bridge: { account: 'crm', crm: { type: 'LEAD', id: '12' } },
  });
});

test('twenty entries are told of one by one, then one every three minutes; the rest by one notice', async () => {
  const admit = admission({ paused: true });
  const topics = async (id: number) => {
    await admit('crm', { ...ASKED, key: String(id), crm: { type: 'LEAD', id: String(id) } });
    return notices.at(-1)?.topic;
  };
  for (let id = 1; id <= 20; id += 1) expect(await topics(id)).toBe(`bridge:crm:unavailable:LEAD ${id}`);
  expect(await topics(21)).toBe('bridge:crm:unavailable');
  clock.set(clock.now() + 180_000);
  expect(await topics(22)).toBe('bridge:crm:unavailable:LEAD 22');
  expect(await topics(23)).toBe('bridge:crm:unavailable');
});

test('of those that are gathered each is named, also one that has no entry', async () => {
  const admit = admission({ paused: true });
  for (let id = 1; id <= 22; id += 1) await admit('crm', { ...ASKED, key: String(id), crm: { type: 'LEAD', id: String(id) } });
  await admit('crm', { ...ASKED, key: 'bare', crm: undefined });
  expect(notices.slice(20).map(({ item }) => item)).toEqual(['LEAD 21', 'LEAD 22', 'one without an entry']);
});

test.each([
  ['more than ten minutes ago', -600_001],
  ['more than ten minutes from now', 600_001],
  ['at no time', undefined],
])('asked %s: nobody is called, and it is told of once', async (_, awayMs) => {
  const asked = { ...ASKED, askedAt: awayMs === undefined ? undefined : clock.now() + awayMs };
  const admit = admission();
  expect([await admit('crm', asked), await admit('crm', asked)]).toEqual([false, false]);
  expect(notices).toMatchObject([{ topic: 'bridge:crm:stale:LEAD 12', site: 'default' }]);
  expect(callIds()).toEqual([]);
});

test('asked ten minutes ago it is called, and found again for as long as calls are known', async () => {
  const asked = { ...ASKED, askedAt: clock.now() - 600_000 };
  expect(await admission()('crm', asked)).toBe(true);
  clock.set(clock.now() + 3_600_000);
  expect(await admission()('crm', asked)).toBe(true);
  expect(entries.map(({ event }) => event)).toEqual(['request.accepted', 'request.replayed']);
});

test('what was refused stays refused when it is delivered again, also after the secret was changed', async () => {
  expect(await admission({ paused: true })('crm', ASKED)).toBe(false);
  expect(await admission()('crm', ASKED)).toBe(false);
  expect(await admission({ secrets: [NEW, OLD] })('crm', ASKED)).toBe(false);
  clock.set(ASKED.askedAt + 600_000);
  expect(await admission()('crm', ASKED)).toBe(false);
  expect(notices).toHaveLength(1);
  expect(callIds()).toEqual([]);
});

test('an entry that is no plain reference is repeated nowhere', async () => {
  await admission({ paused: true })('crm', { ...ASKED, crm: { type: 'LEAD', id: NUMBER } });
  expect(notices).toMatchObject([{ topic: 'bridge:crm:unavailable' }]);
  expect(JSON.stringify([entries, notices])).not.toContain('15123456789');
});

test('where the store is away nothing is promised', async () => {
  const away: Store = {
    ...store,
    accept: async () => {
      throw new StoreUnavailable('The disk is full.', { permanent: false });
    },
  };
  await expect(admission({ over: away })('crm', ASKED)).rejects.toThrow(StoreUnavailable);
  expect(notices).toEqual([]);
});
