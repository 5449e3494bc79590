import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SiteConfig } from '../config/config.ts';
import type { LogEntry } from '../log.ts';
import type { DialOrder, Outcome, Provider } from '../providers/provider.ts';
import { exampleSite } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { plainProvider } from '../simulators/plain-provider.ts';
import type { Call } from '../store/call.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { vault } from '../store/vault.ts';
import { acceptCall, type CallDetails } from './accept-call.ts';
import { callRules } from './call-rules.ts';
import type { CallsContext } from './calls.ts';
import { drainCalls } from './drain-calls.ts';
import { earlyNews } from './early-news.ts';
import { heedEvent } from './heed-event.ts';
import { DIAL_WITHIN_MS, LEASE_MS } from './life-of-a-call.ts';
import { providerGate } from './provider-gate.ts';
import type { Drain } from './under-way.ts';

const fault = { code: 'query_limit', message: 'Too many requests.', problem: 'unavailable', configuration: false } as const;
const site = exampleSite({ origins: [], provider: 'pbx', voice: 'de1', concurrency: 100 });

let clock: FakeClock;
let store: Store;
let context: CallsContext;
let drain: Drain;
let entries: LogEntry[];
/** The truth: every order that reached the provider. */
let dials: DialOrder[];
/** What the provider answers, in turn; the last answer stays. */
let answers: (Outcome | Promise<Outcome> | Error)[];
let paused: boolean;
let pausedSites: Set<string>;

beforeEach(() => {
  clock = fakeClock();
  store = sqliteStore({ path: ':memory:', clock });
  entries = [];
  paused = false;
  pausedSites = new Set();
  dials = [];
  answers = [{ kind: 'placed', ref: 'callback.1' }];
  context = {
    store,
    vault: vault(new Uint8Array(32).fill(7)),
    clock,
    log: (entry) => entries.push(entry),
    sites: new Map([['default', site]]),
    providers: new Map([['pbx', scriptedProvider()]]),
    rulesOf: rulesFor([site]),
    early: earlyNews(clock),
    gate: providerGate(clock),
    notify: async () => {},
  };
  drain = drainCalls(context);
});

afterEach(() => store.close());

function scriptedProvider(): Provider {
  return plainProvider(async (order) => {
    dials.push(order);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === undefined || answer instanceof Error) throw answer;
    return answer;
  });
}

async function accept(e164 = '+4915123456789', details: CallDetails = {}): Promise<Call> {
  const request = { site: 'default', phone: e164 };
  const result = await acceptCall(
    {
      request,
      idempotencyKey: crypto.randomUUID(),
      e164,
      numberKeys: context.vault.keysOf('number', e164),
      country: 'DE',
      details,
      guard: { limits: [] },
    },
    context,
  );
  if (result.kind !== 'accepted') throw new Error(result.kind);
  return result.call;
}

function rulesFor(sites: SiteConfig[]): CallsContext['rulesOf'] {
  return callRules({
    sites: new Map(sites.map((each) => [each.key, each])),
    cooldownMs: 60_000,
    random: () => 0,
    switches: () => ({ paused, pausedSites }),
  });
}

/** The same store and provider under another configuration of the site. */
function drainUnder(changed: SiteConfig): Drain {
  return drainCalls({ ...context, sites: new Map([[changed.key, changed]]), rulesOf: rulesFor([changed]) });
}

const stateOf = async (call: Call) => (await store.find(call.id))?.state;

describe('a due call', () => {
  test('is dialled once, with the number that was sealed', async () => {
    const call = await accept();
    await drain.run();
    await drain.run();
    const announcement = 'A visitor asks to be called.';
    const sendBefore = call.acceptedAt + LEASE_MS;
    expect(dials).toEqual([{ line: 'reg1332', number: '+4915123456789', announcement, voice: 'de1', sendBefore, telphin: {} }]);
    expect(await store.find(call.id)).toMatchObject({ state: 'placed', provider: 'pbx', providerRef: 'callback.1', attempts: 1 });
  });

  test('is claimed durably before the provider hears of it (I3)', async () => {
    let seen: string | undefined;
    const call = await accept();
    answers = [
      new Promise((resolve) =>
        setImmediate(async () => {
          seen = await stateOf(call);
          resolve({ kind: 'placed', ref: undefined });
        }),
      ),
    ];
    await drain.run();
    expect(seen).toBe('dialing');
  });

  test('goes to one of ten drains', async () => {
    for (let at = 0; at < 20; at++) await accept(`+49151234567${String(at).padStart(2, '0')}`);
    const drains = Array.from({ length: 10 }, () => drainCalls(context));
    await Promise.all(drains.map((each) => each.run()));
    expect(dials).toHaveLength(20);
    expect(new Set(dials.map(({ number }) => number)).size).toBe(20);
  });

  test('is not waited for by the others', async () => {
    await accept('+4915123456701');
    let finish: (outcome: Outcome) => void = () => {};
    answers = [
      new Promise((resolve) => {
        finish = resolve;
      }),
      { kind: 'placed', ref: undefined },
    ];
    await drain.begin();
    await accept('+4915123456702');
    await drain.begin();
    expect(dials.map(({ number }) => number)).toEqual(['+4915123456701', '+4915123456702']);
    finish({ kind: 'placed', ref: undefined });
    await drain.settled();
  });
});

describe('the deadline (I4)', () => {
  test('passed while waiting: expired, nothing dialled', async () => {
    const call = await accept();
    clock.set(clock.now() + DIAL_WITHIN_MS);
    await drain.run();
    expect(await stateOf(call)).toBe('expired');
    expect(dials).toEqual([]);
  });

  test('passed between claim and send: expired, nothing dialled', async () => {
    const call = await accept();
    clock.set(clock.now() + DIAL_WITHIN_MS - 1);
    const frozen: CallsContext = {
      ...context,
      vault: {
        ...context.vault,
        open: (...args) => {
          clock.set(clock.now() + 1);
          return context.vault.open(...args);
        },
      },
    };
    await drainCalls(frozen).run();
    expect(await stateOf(call)).toBe('expired');
    expect(dials).toEqual([]);
  });

  test('a process frozen past its lease sends nothing when it wakes', async () => {
    const call = await accept();
    const frozen: CallsContext = {
      ...context,
      vault: {
        ...context.vault,
        open: (...args) => {
          clock.set(clock.now() + LEASE_MS);
          return context.vault.open(...args);
        },
      },
    };
    await drainCalls(frozen).run();
    expect(dials).toEqual([]);
    await drain.run();
    expect(await stateOf(call)).toBe('uncertain');
    expect(dials).toEqual([]);
  });
});

describe('answers', () => {
  test('not sent is tried again, three times at most', async () => {
    const call = await accept();
    answers = [{ kind: 'not_sent', fault }];
    for (let turn = 0; turn < 6; turn++) {
      await drain.run();
      clock.set(clock.now() + 5_000);
    }
    expect(dials).toHaveLength(3);
    expect(await stateOf(call)).toBe('refused');
  });

  test('not sent, then placed: one dial that counts', async () => {
    const call = await accept();
    answers = [
      { kind: 'not_sent', fault },
      { kind: 'placed', ref: 'callback.2' },
    ];
    await drain.run();
    expect(await stateOf(call)).toBe('accepted');
    clock.set(clock.now() + 500);
    await drain.run();
    expect(await store.find(call.id)).toMatchObject({ state: 'placed', attempts: 2 });
  });

  test('uncertain is never dialled again, and given up after an hour without a trace', async () => {
    const call = await accept();
    answers = [{ kind: 'uncertain', fault }];
    await drain.run();
    for (let minute = 0; minute < 60; minute++) {
      clock.set(clock.now() + 60_000);
      await drain.run();
    }
    expect(dials).toHaveLength(1);
    expect(await stateOf(call)).toBe('abandoned');
  });

  test('an adapter that throws may have rung: uncertain', async () => {
    const call = await accept();
    answers = [new Error('secret https://portal.example/rest/1/hunter2/')];
    await drain.run();
    expect(await stateOf(call)).toBe('uncertain');
    expect(JSON.stringify(entries)).not.toContain('hunter2');
  });

  test('an answer after the lease changes nothing', async () => {
    const call = await accept();
    let finish: (outcome: Outcome) => void = () => {};
    answers = [
      new Promise((resolve) => {
        finish = resolve;
      }),
    ];
    await drain.begin();
    clock.set(clock.now() + LEASE_MS);
    await drain.begin();
    finish({ kind: 'not_sent', fault });
    await drain.settled();
    expect(await stateOf(call)).toBe('uncertain');
    expect(entries.map(({ event }) => event)).toContain('call.settle_lost');
    expect(dials).toHaveLength(1);
  });

  test('a store that fails after the send leaves the call to its lease', async () => {
    const call = await accept();
    const broken: CallsContext = { ...context, store: { ...store, settle: () => Promise.reject(new Error('disk full')) } };
    await drainCalls(broken).run();
    clock.set(clock.now() + LEASE_MS);
    await drain.run();
    expect(dials).toHaveLength(1);
    expect(await stateOf(call)).toBe('uncertain');
  });

  test('a site that is gone is refused, and so is a number sealed by another secret', async () => {
    const call = await accept();
    await drainCalls({ ...context, sites: new Map() }).run();
    expect(await stateOf(call)).toBe('refused');
    const other = await accept('+4915123456702');
    await drainCalls({ ...context, vault: vault(new Uint8Array(32).fill(8)) }).run();
    expect(await stateOf(other)).toBe('refused');
    expect(dials).toEqual([]);
  });
});

describe("the provider's events", () => {
  const ringing = { ref: 'callback.1', news: { kind: 'step', step: 'agent_ringing' } } as const;
  const over = { ref: 'callback.1', news: { kind: 'end', end: 'connected' } } as const;

  test('move a placed call to its end', async () => {
    const call = await accept();
    await drain.run();
    await heedEvent('pbx', ringing, context);
    expect(await store.find(call.id)).toMatchObject({ state: 'placed', step: 'agent_ringing' });
    await heedEvent('pbx', over, context);
    await heedEvent('pbx', ringing, context);
    expect(await store.find(call.id)).toMatchObject({ state: 'connected', dueStep: 'forget' });
  });

  test('that come before the answer are not lost', async () => {
    const call = await accept();
    answers = [
      (async () => {
        await heedEvent('pbx', ringing, context);
        return { kind: 'placed', ref: 'callback.1' } as const;
      })(),
    ];
    await drain.run();
    expect(await store.find(call.id)).toMatchObject({ state: 'placed', step: 'agent_ringing' });
  });

  test('of another account or an unknown call change nothing', async () => {
    const call = await accept();
    await drain.run();
    await heedEvent('other', over, context);
    await heedEvent('pbx', { ...over, ref: 'callback.9' }, context);
    expect(await stateOf(call)).toBe('placed');
  });
});

describe('a busy site', () => {
  test('rings no more at once than it has people, and the next when one is free', async () => {
    const busy = drainUnder({ ...site, concurrency: 2 });
    const calls: Call[] = [];
    for (const number of ['+4915123456701', '+4915123456702', '+4915123456703']) {
      calls.push(await accept(number));
      clock.set(clock.now() + 1);
    }
    answers = [
      { kind: 'placed', ref: 'callback.1' },
      { kind: 'placed', ref: 'callback.2' },
      { kind: 'placed', ref: 'callback.3' },
    ];
    await busy.run();
    clock.set(clock.now() + 1_000);
    await busy.run();
    expect(dials).toHaveLength(2);
    expect(await Promise.all(calls.map(stateOf))).toEqual(['placed', 'placed', 'accepted']);
    await heedEvent('pbx', { ref: 'callback.1', news: { kind: 'end', end: 'missed' } }, context);
    // The number of the call that ended is still held, the line is not.
    clock.set(clock.now() + 1_000);
    await busy.run();
    expect(dials).toHaveLength(3);
  });

  test('that stays busy lets the call expire in time', async () => {
    const busy = drainUnder({ ...site, concurrency: 1 });
    await accept('+4915123456701');
    clock.set(clock.now() + 1);
    const waiting = await accept('+4915123456702');
    for (let second = 0; second <= 120; second++) {
      await busy.run();
      clock.set(clock.now() + 1_000);
    }
    expect(await store.find(waiting.id)).toMatchObject({ state: 'expired', attempts: 0 });
    expect(dials).toHaveLength(1);
  });

  test('keeps no other site waiting', async () => {
    const other = exampleSite({ key: 'other', provider: 'pbx' });
    const full = { ...site, concurrency: 0 };
    context = {
      ...context,
      sites: new Map([
        ['default', full],
        ['other', other],
      ]),
      rulesOf: rulesFor([full, other]),
    };
    await accept('+4915123456701');
    const request = { site: 'other', phone: '+4915123456702' };
    const asked = {
      request,
      idempotencyKey: crypto.randomUUID(),
      e164: '+4915123456702',
      numberKeys: ['n2'] as const,
      country: 'DE',
      details: {},
    };
    await acceptCall({ ...asked, guard: { limits: [] } }, context);
    await drainCalls(context).run();
    expect(dials.map(({ number }) => number)).toEqual(['+4915123456702']);
  });
});

describe('the kill switch', () => {
  test.each<[string, () => void]>([
    ['for everything', () => (paused = true)],
    ['for the site', () => pausedSites.add('default')],
  ])('%s dials nothing; what waits is dialled when it is released in time', async (_, pause) => {
    const call = await accept();
    pause();
    await drain.run();
    clock.set(clock.now() + 5_000);
    await drain.run();
    expect(dials).toEqual([]);
    expect(await stateOf(call)).toBe('accepted');
    paused = false;
    pausedSites.clear();
    clock.set(clock.now() + 5_000);
    await drain.run();
    expect(dials).toHaveLength(1);
  });

  test('lets a call expire that waited too long', async () => {
    const call = await accept();
    paused = true;
    for (let turn = 0; turn <= 24; turn++) {
      await drain.run();
      clock.set(clock.now() + 5_000);
    }
    expect(await stateOf(call)).toBe('expired');
    expect(dials).toEqual([]);
  });
});

describe('the announcement', () => {
  const spoken = { ...site, announcement: 'Client {name} asks to be called.' };

  test('names the visitor where the site wants that', async () => {
    await accept('+4915123456701', { name: 'Anna Weber' });
    await drainUnder({ ...spoken, speakName: true }).run();
    expect(dials[0]?.announcement).toBe('Client Anna Weber asks to be called.');
  });

  test('and nowhere else, nor where there is no name', async () => {
    await accept('+4915123456701', { name: 'Anna Weber' });
    await drainUnder(spoken).run();
    await accept('+4915123456702');
    await drainUnder({ ...spoken, speakName: true }).run();
    expect(dials.map(({ announcement }) => announcement)).toEqual(Array(2).fill('Client asks to be called.'));
  });
});

test('number and name are forgotten when the retention of the site is over', async () => {
  const call = await accept('+4915123456789', { name: 'Anna Weber' });
  await drain.run();
  await heedEvent('pbx', { ref: 'callback.1', news: { kind: 'end', end: 'connected' } }, context);
  clock.set(clock.now() + site.retentionMs - 1);
  await drain.run();
  expect(await store.find(call.id)).toMatchObject({ sealedNumber: call.sealedNumber, dueStep: 'forget' });
  clock.set(clock.now() + 1);
  await drain.run();
  const forgotten = await store.find(call.id);
  expect(forgotten).toMatchObject({ id: call.id, site: 'default', state: 'connected', sealedDetails: undefined, dueStep: undefined });
  expect(forgotten?.sealedNumber).not.toBe(call.sealedNumber);
  expect(entries.at(-1)).toMatchObject({ event: 'call.forgotten', callId: call.id });
});

test('no log line holds the number', async () => {
  await accept();
  await drain.run();
  expect(entries.length).toBeGreaterThan(1);
  expect(JSON.stringify(entries)).not.toMatch(/15123456789/);
});

test('a line of which nothing is reported is free again after a minute', async () => {
  context = {
    ...context,
    providers: new Map([['pbx', { ...scriptedProvider(), reportsEvents: false, cannotFind: 'It keeps no records.' }]]),
  };
  const narrow = drainUnder({ ...site, concurrency: 1 });
  await accept('+4915123456701');
  await narrow.run();
  const placedAt = clock.now();
  clock.set(placedAt + 30_000);
  await accept('+4915123456702');
  clock.set(placedAt + 59_999);
  await narrow.run();
  expect(dials).toHaveLength(1);
  clock.set(placedAt + 60_999);
  await narrow.run();
  expect(dials.map(({ number }) => number)).toEqual(['+4915123456701', '+4915123456702']);
});
