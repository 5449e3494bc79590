/** Several ways to ring: in order, another only after a proof that nothing was sent, and whatever happens at most one call. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FallbackRoute, SiteConfig } from '../config/config.ts';
import { Secret } from '../config/secret.ts';
import { bitrix24 } from '../providers/bitrix24/bitrix24.ts';
import type { DialOrder, Outcome, Provider } from '../providers/provider.ts';
import { type Bitrix24Portal, bitrix24Portal } from '../simulators/bitrix24/portal.ts';
import { exampleSite } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { plainProvider } from '../simulators/plain-provider.ts';
import type { Call } from '../store/call.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { vault } from '../store/vault.ts';
import { acceptCall } from './accept-call.ts';
import { callRules } from './call-rules.ts';
import type { CallsContext } from './calls.ts';
import { drainCalls } from './drain-calls.ts';
import { earlyNews } from './early-news.ts';
import { DIAL_WITHIN_MS, LEASE_MS } from './life-of-a-call.ts';
import { providerGate } from './provider-gate.ts';

const FAULT = { code: 'no_connection', message: 'Nobody listens.', problem: 'unavailable', configuration: false } as const;
const NAMES = ['first', 'second', 'third'] as const;

let clock: FakeClock;
let store: Store;

beforeEach(() => {
  clock = fakeClock();
  store = sqliteStore({ path: ':memory:', clock });
});
afterEach(() => store.close());

const way = (provider: string, voice?: string): FallbackRoute => ({ provider, line: `line-of-${provider}`, voice });

function siteWith(names: readonly string[], changes: Partial<SiteConfig> = {}): SiteConfig {
  const [provider = '', ...others] = names;
  return exampleSite({ provider, line: `line-of-${provider}`, voice: 'anna', fallbacks: others.map((name) => way(name)), ...changes });
}

function contextOf(site: SiteConfig, providers: readonly Provider[]): CallsContext {
  const sites = new Map([[site.key, site]]);
  const gate = providerGate(clock);
  return {
    store,
    vault: vault(new Uint8Array(32).fill(7)),
    clock,
    log: () => {},
    sites,
    providers: new Map(providers.map((provider) => [provider.name, gate.pace(provider)])),
    rulesOf: callRules({ sites, cooldownMs: 0, random: () => 0.5, switches: () => ({ paused: false, pausedSites: new Set() }) }),
    early: earlyNews(clock),
    gate,
    notify: async () => {},
  };
}

let accepted = 0;

async function accept(context: CallsContext, site: SiteConfig, department?: string): Promise<Call> {
  accepted += 1;
  const number = `+4915120${String(accepted).padStart(6, '0')}`;
  const result = await acceptCall(
    {
      request: { site: site.key, phone: number, department },
      idempotencyKey: crypto.randomUUID(),
      e164: number,
      numberKeys: [number],
      country: 'DE',
      details: {},
      guard: { limits: [] },
    },
    context,
  );
  if (result.kind !== 'accepted') throw new Error(result.kind);
  return result.call;
}

interface Dialled {
  by: string;
  order: DialOrder;
  at: number;
  outcome: Outcome | Error;
}

/** Answers as it is told to, and writes down every order that reached it. */
function scripted(name: string, dials: Dialled[], answer: () => Outcome | Error, changes: Partial<Provider> = {}): Provider {
  return plainProvider(
    async (order) => {
      const outcome = answer();
      dials.push({ by: name, order, at: clock.now(), outcome });
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
    {
      name,
      ...changes,
    },
  );
}

const notSent = (retryAt?: number): Outcome => ({ kind: 'not_sent', fault: FAULT, retryAt });
const PLACED: Outcome = { kind: 'placed', ref: undefined };

async function drainFor(context: CallsContext, ms: number, stepMs = 100): Promise<void> {
  const drain = drainCalls(context);
  for (const end = clock.now() + ms; clock.now() < end; clock.set(clock.now() + stepMs)) await drain.run();
}

/** It may have rung, or nobody can say that it has not. */
const mayHaveRung = ({ outcome }: Dialled) => outcome instanceof Error || outcome.kind === 'placed' || outcome.kind === 'uncertain';

const anOutcome = fc.oneof(
  { weight: 5, arbitrary: fc.option(fc.integer({ min: 0, max: 90_000 }), { nil: undefined }).map((ms) => ['not_sent', ms] as const) },
  fc.constantFrom(['placed'] as const, ['uncertain'] as const, ['refused'] as const, ['throws'] as const),
);

test('whatever the accounts answer, at most one call may have rung, in the order of the ways and before the deadline', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(anOutcome, { minLength: 1, maxLength: 6 }),
      fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      async (count, script, worn) => {
        const names: string[] = NAMES.slice(0, count);
        const site = siteWith(names, { concurrency: 100 });
        const dials: Dialled[] = [];
        const answers = [...script];
        const answer = (): Outcome | Error => {
          const [kind, afterMs] = answers.shift() ?? ['placed'];
          if (kind === 'not_sent') return notSent(afterMs === undefined ? undefined : clock.now() + afterMs);
          if (kind === 'throws') return new Error('A fault of the adapter.');
          return kind === 'placed' ? PLACED : { kind, fault: FAULT };
        };
        const context = contextOf(
          site,
          names.map((name) => scripted(name, dials, answer)),
        );
        // Some are known to be out of reach before anybody asks.
        for (const [index, name] of names.entries()) {
          const provider = context.providers.get(name);
          if (worn[index] && provider)
            context.gate.note(provider, 'line', { kind: 'not_sent', fault: FAULT, retryAt: clock.now() + 60_000 });
        }
        const call = await accept(context, site);
        await drainFor(context, DIAL_WITHIN_MS + LEASE_MS, 500);

        expect(dials.length).toBeLessThanOrEqual(3);
        expect(dials.slice(0, -1).every(({ outcome }) => !(outcome instanceof Error) && outcome.kind === 'not_sent')).toBe(true);
        expect(dials.filter(mayHaveRung).length).toBeLessThanOrEqual(1);
        const places = dials.map(({ by }) => names.indexOf(by));
        expect(places).toEqual(places.toSorted());
        // The last way of all is the only one that is tried again.
        expect(places.filter((place, index) => place === places[index - 1] && place !== count - 1)).toEqual([]);
        for (const { at, by, order } of dials) {
          expect(at).toBeLessThan(call.dialBefore);
          expect(order.line).toBe(`line-of-${by}`);
        }
        expect((await store.find(call.id))?.state).not.toMatch(/accepted|dialing/);
      },
    ),
    { numRuns: 60 },
  );
});

test('the next way is taken at once, with its own line and voice, and the call is known to be its own', async () => {
  const site = siteWith(['first'], { fallbacks: [way('second', 'boris')] });
  const dials: Dialled[] = [];
  const slow = notSent(clock.now() + 60_000);
  const context = contextOf(site, [scripted('first', dials, () => slow), scripted('second', dials, () => PLACED)]);
  const call = await accept(context, site);
  await drainFor(context, 300);
  expect(dials.map(({ by, order }) => [by, order.line, order.voice])).toEqual([
    ['first', 'line-of-first', 'anna'],
    ['second', 'line-of-second', 'boris'],
  ]);
  expect(await store.find(call.id)).toMatchObject({ state: 'placed', provider: 'second', attempts: 2 });
});

test('an account that is known to rest is passed over, and asked first again when it has rested', async () => {
  const site = siteWith(['first', 'second'], { concurrency: 100 });
  const dials: Dialled[] = [];
  const context = contextOf(site, [scripted('first', dials, () => PLACED), scripted('second', dials, () => PLACED)]);
  const first = context.providers.get('first');
  if (first === undefined) throw new Error('There is no first account.');
  context.gate.note(first, 'line', notSent(clock.now() + 60_000));
  const passedOver = await accept(context, site);
  await drainFor(context, 100);
  expect(await store.find(passedOver.id)).toMatchObject({ state: 'placed', provider: 'second', attempts: 1 });
  clock.set(clock.now() + 60_000);
  await accept(context, site);
  await drainFor(context, 100);
  expect(dials.map(({ by }) => by)).toEqual(['second', 'first']);
});

test('where all rest, the call waits for the first that is ready; a short rest sends nobody elsewhere', async () => {
  const site = siteWith(['first', 'second']);
  const dials: Dialled[] = [];
  const context = contextOf(site, [scripted('first', dials, () => PLACED), scripted('second', dials, () => PLACED)]);
  const start = clock.now();
  const rest = (name: string, ms: number) => {
    const provider = context.providers.get(name);
    if (provider) context.gate.note(provider, 'line', notSent(clock.now() + ms));
  };
  rest('first', 60_000);
  rest('second', 20_000);
  await accept(context, site);
  await drainFor(context, 30_000);
  expect(dials.map(({ by, at }) => [by, at - start])).toEqual([['second', 20_000]]);

  const other = siteWith(['second', 'first'], { key: 'other' });
  const elsewhere = contextOf(other, [...context.providers.values()]);
  const second = elsewhere.providers.get('second');
  if (second) elsewhere.gate.note(second, 'line', notSent(clock.now() + 2_000));
  await accept(elsewhere, other);
  await drainFor(elsewhere, 3_000);
  expect(dials.map(({ by }) => by)).toEqual(['second', 'second']);
});

test('a department rings by its own account, with its own options: those of the site belong to another', async () => {
  const repairs = { key: 'repairs', name: 'Repairs', announcement: undefined, hours: undefined };
  const site = siteWith(['first'], {
    telphin: { srcNum: ['101'], announceSoundId: 1, callerIdName: 'Shop' },
    fallbacks: [{ ...way('third'), telphin: { announceSoundId: 3 } }],
    departments: new Map([['repairs', { ...repairs, provider: 'second', line: 'r1', telphin: { announceSoundId: 2 } }]]),
  });
  const dials: Dialled[] = [];
  const context = contextOf(
    site,
    NAMES.map((name) => scripted(name, dials, () => (name === 'second' ? notSent() : PLACED))),
  );
  await accept(context, site, 'repairs');
  await drainFor(context, 300);
  expect(dials.map(({ by, order: { line, voice, telphin } }) => ({ by, line, voice, telphin }))).toEqual([
    { by: 'second', line: 'r1', voice: undefined, telphin: { announceSoundId: 2 } },
    { by: 'third', line: 'line-of-third', voice: undefined, telphin: { announceSoundId: 3 } },
  ]);
});

test('a department by the account of the site has the options of the site, but rings its own line where it has one', async () => {
  const department = { name: 'A', announcement: undefined, hours: undefined };
  const site = siteWith(['first', 'second'], {
    concurrency: 100,
    telphin: { srcNum: ['101'], callerIdName: 'Shop' },
    departments: new Map([
      ['words', { ...department, key: 'words', line: undefined, telphin: { callerIdName: 'Words' } }],
      ['line', { ...department, key: 'line', line: 'r1' }],
      ['both', { ...department, key: 'both', line: 'r2', telphin: { srcNum: ['102'] } }],
    ]),
  });
  const dials: Dialled[] = [];
  const context = contextOf(
    site,
    NAMES.map((name) => scripted(name, dials, () => (name === 'first' ? notSent() : PLACED))),
  );
  for (const key of ['words', 'line', 'both']) {
    await accept(context, site, key);
    await drainFor(context, 300);
  }
  expect(dials.filter(({ by }) => by === 'first').map(({ order: { line, telphin } }) => ({ line, telphin }))).toEqual([
    { line: 'line-of-first', telphin: { srcNum: ['101'], callerIdName: 'Words' } },
    { line: 'r1', telphin: { callerIdName: 'Shop' } },
    { line: 'r2', telphin: { srcNum: ['102'], callerIdName: 'Shop' } },
  ]);
  expect(dials.filter(({ by }) => by === 'second').map(({ order }) => order.telphin)).toEqual([{}, {}, {}]);
});

test('a call of a process that died is looked for by the account that it was claimed for', async () => {
  const site = siteWith(['first', 'second']);
  const looked: string[] = [];
  const dials: Dialled[] = [];
  const watched = (name: string) =>
    scripted(name, dials, () => notSent(), {
      find: async ({ line }) => {
        looked.push(`${name} ${line}`);
        return { ok: true, value: { kind: 'nothing' } };
      },
    });
  const context = contextOf(site, [watched('first'), { ...watched('second'), dial: () => new Promise(() => {}) }]);
  await accept(context, site);
  const drain = drainCalls(context);
  await drain.run();
  clock.set(clock.now() + 200);
  await drain.begin();
  await drainFor(context, LEASE_MS + 30_000, 1_000);
  expect(looked[0]).toBe('second line-of-second');
  expect(new Set(looked).size).toBe(1);
});

type Trouble = 'none' | 'refuses_connections' | 'breaks_off';

/** A portal, and the wire to it. */
function portalAccount(name: string, trouble: Trouble): { provider: Provider; portal: Bitrix24Portal } {
  const portal = bitrix24Portal({ clock, userId: '1', webhookSecret: name, lines: { [`line-of-${name}`]: 'Sales' } });
  const reach: typeof fetch = async (input, init) => {
    const cause = Object.assign(new Error(), { code: 'ECONNREFUSED', syscall: 'connect' });
    if (trouble === 'refuses_connections') throw new TypeError('fetch failed', { cause });
    const answer = await portal.app.fetch(new Request(input, init));
    // The order arrived, and the answer was lost.
    if (trouble === 'breaks_off') throw new TypeError('fetch failed', { cause: Object.assign(new Error(), { code: 'ECONNRESET' }) });
    return answer;
  };
  const webhookUrl = new Secret(`https://${name}.example/rest/1/${name}/`);
  return { provider: bitrix24({ name, webhookUrl, fetch: reach, clock }), portal };
}

test.each<[Trouble, number, number, string]>([
  ['none', 1, 0, 'first'],
  ['refuses_connections', 0, 1, 'second'],
  ['breaks_off', 1, 0, 'first'],
])('with two portals of which the first has the trouble %s, one telephone rings', async (trouble, atFirst, atSecond, by) => {
  const site = siteWith(['first', 'second'], { voice: undefined });
  const [first, second] = [portalAccount('first', trouble), portalAccount('second', 'none')];
  const context = contextOf(site, [first.provider, second.provider]);
  const call = await accept(context, site);
  await drainFor(context, DIAL_WITHIN_MS, 1_000);
  expect([first.portal, second.portal].map(({ telephones }) => telephones.dials.length)).toEqual([atFirst, atSecond]);
  expect(await store.find(call.id)).toMatchObject({ provider: by });
});
