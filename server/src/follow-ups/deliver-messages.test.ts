import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CONNECTED_BY_REDIAL } from '../calls/who-missed.ts';
import type { LogEntry } from '../log.ts';
import { exampleSite } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import type { CallState, Change } from '../store/call.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { vault } from '../store/vault.ts';
import { type Channel, type Delivery, type Letter, LONGEST_DELIVERY_MS } from './channel.ts';
import { type DeliveryContext, deliverMessages } from './deliver-messages.ts';
import { notifier, QUIET_MS } from './notifier.ts';

const NUMBER = '+4915123456789';
const CONSENT = { textId: 'privacy-3', givenAt: '2026-01-05T08:59:58Z' };
const HOUR_MS = 3_600_000;
const DOWN: Delivery = { kind: 'again', fault: { code: 'receiver_failed_500', message: 'It failed.', configuration: false } };
const WRONG: Delivery = { kind: 'again', fault: { code: 'crm_scope_missing', message: 'The scope is missing.', configuration: true } };

let clock: FakeClock;
let store: Store;
let entries: LogEntry[];
/** Everything that each channel was handed. */
let letters: Record<'crm' | 'mail', Letter[]>;
/** What each channel answers. */
let answers: Record<'crm' | 'mail', Delivery | Error>;
let context: DeliveryContext;

beforeEach(() => {
  clock = fakeClock();
  store = sqliteStore({ path: ':memory:', clock });
  entries = [];
  letters = { crm: [], mail: [] };
  answers = { crm: { kind: 'delivered', receipt: 'lead:1' }, mail: { kind: 'delivered' } };
  const sites = new Map([['default', exampleSite({ name: 'Oak & Ash', channels: ['crm', 'mail'] })]]);
  const log = (entry: LogEntry) => entries.push(entry);
  context = {
    store,
    vault: vault(new Uint8Array(32).fill(7)),
    clock,
    log,
    sites,
    channels: new Map([
      ['crm', scripted('crm')],
      ['mail', scripted('mail')],
    ]),
    notify: notifier({ store, log, sites, deployment: ['mail'], onPosted: () => {} }),
    random: () => 0.5,
  };
});

afterEach(() => store.close());

function scripted(name: 'crm' | 'mail'): Channel {
  return {
    name,
    async deliver(letter) {
      letters[name].push(letter);
      const answer = answers[name];
      if (answer instanceof Error) throw answer;
      return answer;
    },
    verify: async () => [],
  };
}

/** A call that has come to this state, with a lead for each channel; its id. */
async function endedCall(
  state: CallState = 'expired',
  change: Change = {},
  channels: readonly string[] = ['crm', 'mail'],
): Promise<string> {
  const id = crypto.randomUUID();
  const details = JSON.stringify({ name: 'Erika', page: { url: 'https://shop.example/' }, consent: CONSENT });
  const draft = {
    id,
    site: 'default',
    idempotencyKey: id,
    fingerprint: id,
    numberKey: id,
    sealedNumber: context.vault.seal(NUMBER, id),
    sealedDetails: context.vault.seal(details, id),
    country: 'DE',
    dialWithinMs: 120_000,
    holdMs: 0,
  };
  await store.accept(draft, { limits: [] });
  const path: Partial<Record<CallState, CallState[]>> = {
    missed: ['dialing', 'placed'],
    connected: ['dialing', 'uncertain'],
    placed: ['dialing', 'uncertain'],
    uncertain: ['dialing'],
  };
  for (const step of path[state] ?? []) await store.amend(id, () => ({ state: step }));
  await store.amend(id, () => ({ ...change, state, leads: channels, dueStep: undefined, dueAt: undefined }));
  return id;
}

const run = () => deliverMessages(context).run();
const stateOf = async (id: string) => (await store.listMessages({}, 100)).find((message) => message.id === id)?.state;
const events = (event: string) => entries.filter((entry) => entry.event === event);

describe('a lead', () => {
  test('is written when it is sent: the number is opened then, and nowhere else', async () => {
    const id = await endedCall('missed', { step: 'agent_answered', fault: 'not_answered' });
    await run();
    expect(letters.crm).toMatchObject([
      {
        kind: 'lead',
        id: `${id}.crm`,
        callId: id,
        number: NUMBER,
        name: 'Erika',
        consent: CONSENT,
        state: 'missed',
        reason: 'not_answered',
        missedBy: 'visitor',
        page: { url: 'https://shop.example/' },
      },
    ]);
    expect(letters.mail).toHaveLength(1);
    expect(await store.listMessages({ callId: id }, 10)).toMatchObject([{ state: 'delivered' }, { state: 'delivered' }]);
    await run();
    expect(letters.crm).toHaveLength(1);
    expect(JSON.stringify([entries, await store.listMessages({}, 10)])).not.toMatch(/4915123456789|Erika/);
  });

  test('goes out by the other channel while one is down, and by that one when it is back, under the same id', async () => {
    answers.crm = DOWN;
    const id = await endedCall();
    await run();
    expect(letters.mail).toHaveLength(1);
    for (let minute = 0; minute < 60; minute += 1) {
      await clock.advance(60_000);
      await run();
    }
    answers.crm = { kind: 'delivered' };
    await clock.advance(3 * HOUR_MS);
    await run();
    expect(await stateOf(`${id}.crm`)).toBe('delivered');
    expect(new Set(letters.crm.map((letter) => letter.id)).size).toBe(1);
    expect(letters.mail.filter(({ kind }) => kind === 'lead')).toHaveLength(1);
  });

  test('that a process took with it is delivered again under the same id once its lease is over', async () => {
    const id = await endedCall('expired', {}, ['crm']);
    // Delivered, and then the process was gone before it could say so.
    await store.takeMessages(1, LONGEST_DELIVERY_MS);
    await run();
    expect(letters.crm).toEqual([]);
    await clock.advance(LONGEST_DELIVERY_MS);
    await run();
    expect(letters.crm).toMatchObject([{ id: `${id}.crm` }]);
  });

  test('is needless once the call turned out to have connected', async () => {
    const id = await endedCall('uncertain');
    await store.amend(id, () => ({ state: 'connected' }));
    await run();
    expect([letters.crm, letters.mail]).toEqual([[], []]);
    expect(await stateOf(`${id}.crm`)).toBe('needless');
  });

  test('is needless where the provider called again by itself, and people talked', async () => {
    const id = await endedCall('missed', { fault: 'not_answered' }, ['crm']);
    await store.amend(id, () => ({ fault: CONNECTED_BY_REDIAL }));
    await run();
    expect(letters.crm).toEqual([]);
    expect(await stateOf(`${id}.crm`)).toBe('needless');
  });

  test('a lead of a call whose records cannot be read does not wait for its end', async () => {
    const id = await endedCall('placed', {}, ['crm']);
    await run();
    expect(letters.crm).toEqual([]);
    await store.amend(id, () => ({ unreadSince: clock.now() }));
    clock.set(clock.now() + HOUR_MS);
    await run();
    expect(letters.crm).toMatchObject([{ callId: id, state: 'placed' }]);
  });

  test('waits while the call is talking, and tells how it ended', async () => {
    const id = await endedCall('uncertain');
    await store.amend(id, () => ({ state: 'placed' }));
    await run();
    expect(letters.crm).toEqual([]);
    await store.amend(id, () => ({ state: 'missed', step: 'visitor_ringing', fault: 'not_answered' }));
    await clock.advance(120_000);
    await run();
    expect(letters.crm).toMatchObject([{ state: 'missed', missedBy: 'visitor' }]);
  });

  test('that was looked at twenty times while the call was talking has all its attempts left', async () => {
    const id = await endedCall('uncertain', {}, ['crm']);
    await store.amend(id, () => ({ state: 'placed' }));
    for (let look = 0; look < 20; look += 1) {
      await run();
      await clock.advance(120_000);
    }
    await store.amend(id, () => ({ state: 'missed' }));
    answers.crm = DOWN;
    await run();
    expect(await store.listMessages({ callId: id }, 1)).toMatchObject([{ state: 'waiting', attempts: 1, dueAt: clock.now() + 10_000 }]);
  });

  test('goes out without its number where that was sealed with another secret', async () => {
    await endedCall();
    context = { ...context, vault: vault(new Uint8Array(32).fill(9)) };
    await run();
    expect(letters.crm).toMatchObject([{ number: undefined, name: undefined }]);
  });
});

describe('a channel that does not take leads', () => {
  /** Two days and a half, as the timer would drive it. */
  async function waitOut(): Promise<void> {
    for (let hour = 0; hour < 60; hour += 1) {
      await clock.advance(HOUR_MS);
      await run();
      await run();
    }
  }

  test('for good: the lead is kept, shown, told of by the other channel, and delivered when it is tried again', async () => {
    answers.crm = DOWN;
    const id = await endedCall();
    await run();
    await waitOut();
    expect(await store.listMessages({ state: 'quarantined' }, 10)).toMatchObject([{ id: `${id}.crm`, fault: 'receiver_failed_500' }]);
    expect(events('message.quarantined')).toMatchObject([{ level: 'error', channel: 'crm', callId: id }]);
    expect(letters.mail.filter(({ kind }) => kind === 'notice').map((letter) => 'topic' in letter && letter.topic)).toContain(
      'channel:crm:quarantined',
    );
    const tried = letters.crm.length;
    await waitOut();
    expect(letters.crm).toHaveLength(tried);

    answers.crm = { kind: 'delivered' };
    expect(await store.retryQuarantined()).toBe(1);
    await run();
    expect(await stateOf(`${id}.crm`)).toBe('delivered');
    expect(letters.crm.at(-1)?.id).toBe(`${id}.crm`);
  });

  test('because of its set-up: the operator is told at once by the other one, and not again for six hours', async () => {
    answers.crm = WRONG;
    await endedCall();
    await endedCall();
    await run();
    await run();
    const notices = () => letters.mail.filter(({ kind }) => kind === 'notice');
    expect(notices()).toMatchObject([{ topic: 'channel:crm:crm_scope_missing', text: expect.stringContaining('The scope is missing.') }]);
    await clock.advance(QUIET_MS + HOUR_MS);
    await run();
    await run();
    expect(notices()).toHaveLength(2);
  });

  test('for some of its recipients: it tells the others of it itself', async () => {
    answers.crm = { ...WRONG, receipt: 'left:boss@example.com', isPartial: true };
    const id = await endedCall('expired', {}, ['crm']);
    await run();
    await run();
    expect(letters.crm.filter(({ kind }) => kind === 'notice')).toMatchObject([{ topic: 'channel:crm:crm_scope_missing' }]);
    expect((await store.listMessages({ callId: id }, 1))[0]).toMatchObject({ state: 'waiting', receipt: 'left:boss@example.com' });
  });

  test('says that it never will: no further attempt', async () => {
    answers.crm = { kind: 'hopeless', fault: { code: 'receiver_gone', message: 'Gone.', configuration: true } };
    const id = await endedCall();
    await run();
    expect(await stateOf(`${id}.crm`)).toBe('quarantined');
    await waitOut();
    expect(letters.crm).toHaveLength(1);
  });

  test('or throws, or is not configured any more: the lead waits and is seen', async () => {
    answers.crm = new Error(`secret ${NUMBER}`);
    const id = await endedCall('expired', {}, ['crm', 'fax']);
    await run();
    const faults = (await store.listMessages({ callId: id }, 10)).map(({ state, fault }) => [state, fault]);
    expect(faults).toEqual(
      expect.arrayContaining([
        ['waiting', 'channel_threw'],
        ['waiting', 'channel_gone'],
      ]),
    );
    expect(JSON.stringify(entries)).not.toContain(NUMBER);
  });

  test('a notice that cannot be delivered brings no further notice', async () => {
    answers.mail = WRONG;
    await context.notify({ topic: 'provider:main:line_unknown', text: 'There is no such line.' });
    await run();
    await waitOut();
    expect(letters.crm).toEqual([]);
    expect(await store.listMessages({}, 10)).toMatchObject([{ kind: 'notice', state: 'quarantined' }]);
  });
});

test('fifty leads and ten loops at once: each is delivered once', async () => {
  for (let at = 0; at < 50; at += 1) await endedCall('expired', {}, ['crm']);
  await Promise.all(Array.from({ length: 10 }, run));
  await run();
  expect(letters.crm).toHaveLength(50);
  expect(new Set(letters.crm.map(({ id }) => id)).size).toBe(50);
});

test('a store that fails while a letter is under way ends nothing: it is delivered again', async () => {
  const id = await endedCall('expired', {}, ['crm']);
  context = { ...context, store: { ...store, settleMessage: () => Promise.reject(new Error('disk')) } };
  await run();
  expect(events('message.step_failed')).toHaveLength(1);
  context = { ...context, store };
  await clock.advance(LONGEST_DELIVERY_MS);
  await run();
  expect(letters.crm.map((letter) => letter.id)).toEqual([`${id}.crm`, `${id}.crm`]);
});
