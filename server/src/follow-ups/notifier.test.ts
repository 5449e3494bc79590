import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LogEntry } from '../log.ts';
import { exampleSite } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { type Notify, notifier, QUIET_MS } from './notifier.ts';

let clock: FakeClock;
let store: Store;
let entries: LogEntry[];
let posted: number;
let notify: Notify;

beforeEach(() => {
  clock = fakeClock();
  store = sqliteStore({ path: ':memory:', clock });
  entries = [];
  posted = 0;
  notify = notifierOver(store);
});

afterEach(() => store.close());

function notifierOver(over: Store): Notify {
  const sites = new Map([
    ['shop', exampleSite({ key: 'shop', channels: ['crm', 'mail'] })],
    ['blog', exampleSite({ key: 'blog', channels: [] })],
  ]);
  return notifier({ store: over, log: (entry) => entries.push(entry), sites, deployment: ['ops', 'mail'], onPosted: () => (posted += 1) });
}

const told = async () => (await store.listMessages({}, 50)).map(({ channel, topic }) => `${channel} ${topic}`).toSorted();

test('a site is told by its own channels, the deployment by those that were named', async () => {
  await notify({ topic: 'a', site: 'shop', text: 'A.' });
  await notify({ topic: 'b', text: 'B.' });
  expect(await told()).toEqual(['crm a', 'mail a', 'mail b', 'ops b']);
  expect(posted).toBe(2);
});

test('a site with no channel left is the concern of the deployment', async () => {
  await notify({ topic: 'a', site: 'blog', text: 'A.' });
  await notify({ topic: 'b', site: 'shop', text: 'B.' }, 'mail');
  await notify({ topic: 'c', site: 'gone', text: 'C.' }, 'mail');
  expect(await told()).toEqual(['crm b', 'mail a', 'ops a', 'ops c']);
});

test('one topic is told once in six hours, whoever tells it', async () => {
  const again = notifierOver(store);
  for (let times = 0; times < 5; times += 1) {
    await notify({ topic: 'a', text: 'A.' });
    await again({ topic: 'a', text: 'A.' });
  }
  expect(await told()).toHaveLength(2);
  await clock.advance(QUIET_MS);
  await notify({ topic: 'a', text: 'A.' });
  expect(await told()).toHaveLength(4);
  expect(posted).toBe(2);
});

test('a store that does not take a notice stops nobody, and the log says what was to be told', async () => {
  notify = notifierOver({ ...store, postNotices: () => Promise.reject(new Error('disk')) });
  await notify({ topic: 'a', text: 'The line is wrong.' });
  expect(entries).toMatchObject([{ event: 'notice.lost', message: expect.stringContaining('The line is wrong.') }]);
});
