/** Where the relay cannot look at a request, its pages say nothing of what became of it: telephones may be ringing. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Limits } from '../config/config.ts';
import { relay } from '../relay.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { vault } from '../store/vault.ts';
import { issueFormToken } from './form-token.ts';

const SECRET = new Uint8Array(32).fill(9);
const CLAIMS = ['Nothing was dialled', 'was not stored', 'never makes'];
const SHIELD = { max: 3, perMs: 60_000 };
const limits: Limits = { ...USUAL_LIMITS, shield: [SHIELD] };

let clock: FakeClock;
let store: Store;
let isAway: boolean;
let running: ReturnType<typeof relay>;

beforeEach(() => {
  clock = fakeClock();
  isAway = false;
  const disk = sqliteStore({ path: ':memory:', clock });
  const away = () => Promise.reject(new Error('The disk is away.'));
  store = {
    ...disk,
    find: (id) => (isAway ? away() : disk.find(id)),
    findByKey: (site, key) => (isAway ? away() : disk.findByKey(site, key)),
    // As when a commit is answered by an error after it has been written.
    accept: async (...asked) => {
      const accepted = await disk.accept(...asked);
      return isAway ? away() : accepted;
    },
  };
  running = relay({
    config: {
      demo: false,
      ownPage: false,
      sites: new Map([
        ['default', exampleSite({ phone: '+49301234567' })],
        ['call', exampleSite({ key: 'call', paused: true })],
        ['agreed', exampleSite({ key: 'agreed', consent: { textId: 'v1', text: 'I agree.', url: undefined } })],
      ]),
      limits,
      budget: { perDay: 1_000, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
    },
    store,
    providers: new Map(),
    secret: SECRET,
    clock,
    log: () => {},
    version: '0.0.0',
  });
});

afterEach(() => running.close());

const open = async (path: string, init: RequestInit = {}) => {
  const response = await running.fetch(new Request(`https://relay.example${path}`, init), { address: '203.0.113.7' });
  return { status: response.status, location: response.headers.get('location') ?? '', text: await response.text() };
};
const post = (path: string, fields: Record<string, string>) =>
  open(path, { method: 'POST', body: new URLSearchParams(fields), headers: { 'sec-fetch-site': 'same-origin' } });
const filled = (site = 'default') => ({
  token: issueFormToken(site, clock.now() - 10_000, vault(SECRET)),
  phone: '0151 23456789',
  consent: 'yes',
});
const claimsIn = (text: string) => CLAIMS.filter((claim) => text.includes(claim));

async function accepted(fields = filled(), site = 'default'): Promise<string> {
  const { status, location } = await post(`/form/${site}`, fields);
  expect(status).toBe(303);
  return `/form/${location}`;
}

async function fillShield(): Promise<void> {
  for (let asked = 0; asked < SHIELD.max; asked++) await post('/form/default', {});
}

test('the page of a call that cannot be read claims nothing and asks again by itself', async () => {
  const path = await accepted();
  isAway = true;
  const { status, text } = await open(path);
  expect(status).toBe(503);
  expect(claimsIn(text)).toEqual([]);
  expect(text).toContain('We cannot look it up right now');
  expect(text).toContain('<meta http-equiv="refresh" content="30">');
  expect(text).toContain('href="tel:+49301234567"');
  isAway = false;
  expect((await open(path)).text).toContain('Request received');
});

test('a cancellation that is turned away says that nothing is cancelled, and comes back to the call', async () => {
  const path = await accepted();
  await fillShield();
  const { status, text } = await post(path, {});
  expect(status).toBe(429);
  expect(claimsIn(text)).toEqual([]);
  expect(text).toContain('Not cancelled yet');
  expect(text).toMatch(/<meta http-equiv="refresh" content="\d+">/);
});

test('an accepted form that is sent again into a full shield is told that it was not looked at', async () => {
  const fields = filled();
  await accepted(fields);
  await fillShield();
  const { status, text } = await post('/form/default', fields);
  expect(status).toBe(429);
  expect(claimsIn(text)).toEqual(['never makes']);
  expect(text).toContain('This was not looked at.');
});

test('a form whose acceptance failed in the middle is told that nobody knows, and sent again it is the same call', async () => {
  const fields = filled();
  isAway = true;
  const { status, text } = await post('/form/default', fields);
  expect(status).toBe(503);
  expect(claimsIn(text)).toEqual(['never makes']);
  expect(text).toContain('We do not know whether your request arrived.');
  isAway = false;
  const path = await accepted(fields);
  expect(await accepted(fields)).toBe(path);
});

test('a form pressed again is the same call, whenever that was agreed to, and even if the call was forgotten meanwhile', async () => {
  const fields = filled('agreed');
  const path = await accepted(fields, 'agreed');
  clock.set(clock.now() + 5_000);
  expect(await accepted(fields, 'agreed')).toBe(path);
  expect(await store.forgetNumber(vault(SECRET).keysOf('number', '+4915123456789'))).toBe(1);
  clock.set(clock.now() + 60_000);
  expect(await accepted(fields, 'agreed')).toBe(path);
});

test('a site that is called like the page of a call has a form like any other', async () => {
  const { status, text } = await open('/form/call');
  expect(status).toBe(503);
  expect(text).toContain('No calls right now');
  expect(text).not.toContain('http-equiv="refresh"');
});
