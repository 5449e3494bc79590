import { expect, test } from 'vitest';
import { Secret } from '../../config/secret.ts';
import { freshFetch } from '../../platforms/node-fetch.ts';
import { type Bitrix24Portal, type Bitrix24PortalOptions, bitrix24Portal } from '../../simulators/bitrix24/portal.ts';
import { PORTAL_ERRORS, type PortalErrorName } from '../../simulators/bitrix24/portal-errors.ts';
import { servePortal } from '../../simulators/bitrix24/serve-portal.ts';
import { type FakeClock, fakeClock } from '../../simulators/fake-clock.ts';
import { type ProviderRig, providerSuite } from '../provider.suite.ts';
import type { DialOrder } from '../provider.ts';
import { bitrix24 } from './bitrix24.ts';
import { MEANINGS, OWN_GARBAGE, OWN_READING_GARBAGE } from './bitrix24-answers.suite.ts';

const DIAL = 'voximplant.callback.start';
const FIND = 'voximplant.statistic.get';
const SECRET = 'c4n4ryw3bh00ks3cr3t';
const EVENT_TOKEN = 'c4n4ry3v3ntt0k3n';
const ORDER: DialOrder = {
  line: 'reg151083',
  number: '+4915123456789',
  announcement: 'Somebody wants a call. Ünïcödé 📞',
  voice: 'ukenglishfemale',
};
const PORTAL = { userId: '27', webhookSecret: SECRET, lines: { reg151083: 'Office', sip12: 'Workshop' } };

async function openRig(): Promise<ProviderRig> {
  const clock = fakeClock();
  const portal = bitrix24Portal({ clock, ...PORTAL });
  const served = await servePortal(portal);
  const gone = await servePortal(portal);
  await gone.close();
  const other = bitrix24Portal({ clock, ...PORTAL });
  const servedOther = await servePortal(other);
  const at = (url: string) =>
    bitrix24({ name: 'main', webhookUrl: new Secret(url), eventToken: new Secret(EVENT_TOKEN), fetch: freshFetch, clock });
  const asked = (wanted: string) => portal.requests.filter(({ method }) => method === wanted);
  const dials = () => asked(DIAL);
  const blind = bitrix24Portal({ clock, ...PORTAL, rights: { callStatistics: false } });

  return {
    provider: at(served.webhookUrl),
    clock,
    order: ORDER,
    secrets: [SECRET, EVENT_TOKEN],
    misbehave: (behaviour) => portal.misbehave(DIAL, behaviour),
    stageError: (name) => portal.misbehave(DIAL, { kind: 'error', name: name as PortalErrorName }),
    withholdRef: () => portal.misbehave(DIAL, { kind: 'without_call_id' }),
    received: () => eventually(() => dials().length > 0),
    counts: () => ({ received: dials().length, executed: portal.telephones.dials.length }),
    lastOrder: () => readOrder(portal),
    floodedBytes: () => dials().at(-1)?.floodedBytes ?? 0,
    elsewhere: { location: `${servedOther.webhookUrl}${DIAL}`, received: () => other.requests.length },
    endCall: (how) => endCall(portal, clock, how),
    misbehaveReading: (behaviour) => portal.misbehave(FIND, behaviour),
    readingReceived: () => eventually(() => asked(FIND).length > 0),
    withoutLeaveToFind: () =>
      bitrix24({
        name: 'main',
        webhookUrl: new Secret(`http://127.0.0.1${blind.webhookPath}`),
        fetch: async (input, init) => blind.app.fetch(new Request(input, init)),
        clock,
      }),
    misplaced: (place) => at(place === 'closed_port' ? gone.webhookUrl : `https://portal.invalid/rest/1/${SECRET}/`),
    close: async () => {
      await Promise.all([served.close(), servedOther.close()]);
    },
  };
}

async function endCall({ telephones }: Bitrix24Portal, clock: FakeClock, how: 'connected' | 'missed'): Promise<void> {
  if (how === 'missed') return clock.advance(30_000);
  const callId = telephones.dials.at(-1)?.callId ?? '';
  telephones.answer('agent', callId);
  await clock.advance(4_000);
  telephones.answer('visitor', callId);
  await clock.advance(61_000);
  telephones.hangUp('visitor', callId);
}

function readOrder(portal: Bitrix24Portal): DialOrder | undefined {
  const call = portal.telephones.dials.at(-1);
  return call && { line: call.line, number: call.number, announcement: call.announcement, voice: call.voice };
}

/** Lets the event loop turn until something has come through a socket; the test's own time limit ends it. */
async function eventually(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise<void>((resolve) => setImmediate(resolve));
}

providerSuite('bitrix24', {
  open: openRig,
  documentedErrors: Object.keys(PORTAL_ERRORS).map((name) => ({ name, ...MEANINGS[name as PortalErrorName] })),
  whileRunning: 'nothing',
  ownReadingGarbage: OWN_READING_GARBAGE,
  ownGarbage: OWN_GARBAGE,
});

/** A provider in front of a portal in the same process. */
function pair(options: Partial<Bitrix24PortalOptions> = {}) {
  const clock = fakeClock();
  const portal = bitrix24Portal({ clock, ...PORTAL, ...options });
  const provider = bitrix24({
    name: 'main',
    webhookUrl: new Secret(`http://127.0.0.1${portal.webhookPath}`),
    fetch: async (input, init) => portal.app.fetch(new Request(input, init)),
    clock,
  });
  return { clock, portal, provider };
}

test('the request is the documented one', async () => {
  const { portal, provider } = pair();
  await provider.dial(ORDER);
  expect(portal.requests).toEqual([
    expect.objectContaining({
      httpMethod: 'POST',
      contentType: 'application/json',
      accept: 'application/json',
      method: DIAL,
      identity: { kind: 'webhook', userId: '27', secret: SECRET },
    }),
  ]);
  expect({ ...portal.requests[0]?.params }).toEqual({
    FROM_LINE: ORDER.line,
    TO_NUMBER: ORDER.number,
    TEXT_TO_PRONOUNCE: ORDER.announcement,
    VOICE: ORDER.voice,
  });
});

test('the id of the call is the one that its events will carry', async () => {
  const { portal, provider } = pair();
  const outcome = await provider.dial(ORDER);
  expect(outcome).toEqual({ kind: 'placed', ref: portal.telephones.dials[0]?.callId });
});

test('an id that could be a telephone number is no id', async () => {
  const { portal, provider } = pair();
  for (const id of ['4915123456789', '+4915123456789', '', 17, { a: 1 }, 'x'.repeat(200), `a.${'b'.repeat(200)}`, 'a b.c', 'a.\n']) {
    const body = JSON.stringify({ result: { RESULT: true, CALL_ID: id } });
    portal.misbehave(DIAL, { kind: 'answer', status: 200, contentType: 'application/json', body, executes: false });
    expect(await provider.dial(ORDER)).toEqual({ kind: 'placed', ref: undefined });
  }
});

test('real reasons get the errors that belong to them', async () => {
  const cases: [Partial<Bitrix24PortalOptions>, Partial<DialOrder>, string][] = [
    [{}, { line: 'reg000000' }, 'line_unknown'],
    [{ unconfiguredLines: ['sip12'] }, { line: 'sip12' }, 'line_not_configured'],
    [{}, { number: '+' }, 'number_not_accepted'],
    [{ scopes: ['telephony'] }, {}, 'scope_missing'],
    [{ scopes: ['call'] }, {}, 'scope_missing'],
    [{ rights: { outgoingCall: false } }, {}, 'right_missing'],
    [{ plan: 'free' }, {}, 'plan_without_rest'],
    [{ httpsOnly: true }, {}, 'https_required'],
  ];
  for (const [options, order, code] of cases) {
    const { portal, provider } = pair(options);
    expect(await provider.dial({ ...ORDER, ...order })).toMatchObject({ kind: 'refused', fault: { code } });
    expect(portal.telephones.dials).toEqual([]);
  }
});

test('a used-up time account is tried again when the last good answer said', async () => {
  const { clock, portal, provider } = pair();
  portal.misbehave(DIAL, { kind: 'error', name: 'tooMuchTime' });
  expect(await provider.dial(ORDER)).toMatchObject({ kind: 'not_sent', retryAt: undefined });

  await provider.dial(ORDER);
  portal.misbehave(DIAL, { kind: 'error', name: 'tooMuchTime' }, 2);
  const limited = await provider.dial(ORDER);
  expect(limited).toMatchObject({ kind: 'not_sent', fault: { code: 'operating_limit' }, retryAt: clock.now() + 600_000 });

  await clock.advance(600_000);
  expect(await provider.dial(ORDER)).toMatchObject({ kind: 'not_sent', retryAt: undefined });
});

test('a full bucket does not say when to come back', async () => {
  const { portal, provider } = pair();
  await provider.dial(ORDER);
  portal.misbehave(DIAL, { kind: 'error', name: 'tooManyRequests' });
  expect(await provider.dial(ORDER)).toMatchObject({ kind: 'not_sent', fault: { code: 'rate_limited' }, retryAt: undefined });
});

test('a fetch that throws, hangs or answers after everybody has left', async () => {
  const clock = fakeClock();
  const at = (fetch: typeof globalThis.fetch) =>
    bitrix24({ name: 'main', webhookUrl: new Secret(`https://portal.test/rest/1/${SECRET}/`), fetch, clock });
  const throws = at(() => {
    throw new TypeError(`Failed to parse URL from https://portal.test/rest/1/${SECRET}/`);
  });
  expect(await throws.dial(ORDER)).toMatchObject({ kind: 'uncertain', fault: { code: 'connection_broken' } });
  expect(clock.nextTimerAt()).toBeUndefined();

  // Takes no notice of the signal at all.
  const deaf = at(() => new Promise(() => {})).dial(ORDER);
  await clock.advance(15_000);
  expect(await deaf).toMatchObject({ kind: 'uncertain', fault: { code: 'answer_too_late' } });
  expect(clock.nextTimerAt()).toBeUndefined();

  const opaque = at(async () => Object.defineProperty(new Response(null), 'type', { value: 'opaqueredirect' }));
  expect(await opaque.dial(ORDER)).toMatchObject({ kind: 'refused', fault: { code: 'portal_moved' } });
});

test('an answer that is not wanted is let go, so that its connection does not stay open', async () => {
  for (const [status, sends] of [
    [302, 'a little'],
    [200, 'x'.repeat(70_000)],
  ] as const) {
    let isLetGo = false;
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(sends)),
      cancel() {
        isLetGo = true;
      },
    });
    const fetch = async () => new Response(body, { status });
    const provider = bitrix24({ name: 'main', webhookUrl: new Secret(`https://portal.test/rest/1/${SECRET}/`), fetch, clock: fakeClock() });
    expect((await provider.dial(ORDER)).kind).not.toBe('placed');
    expect(isLetGo).toBe(true);
  }
});

test('an answer of exactly 64 KiB is read, one byte more is not', async () => {
  const { portal, provider } = pair();
  const success = '{"result":{"RESULT":true}}';
  for (const [bytes, kind] of [
    [64 * 1024, 'placed'],
    [64 * 1024 + 1, 'uncertain'],
  ] as const) {
    portal.misbehave(DIAL, { kind: 'answer', status: 200, contentType: 'application/json', body: success.padEnd(bytes), executes: false });
    expect((await provider.dial(ORDER)).kind).toBe(kind);
  }
});

test('a webhook address that cannot be right stops the start, and is not repeated', () => {
  const options = { name: 'main', fetch, clock: fakeClock() };
  expect(() => bitrix24({ ...options, webhookUrl: new Secret(`http://portal.test/rest/1/${SECRET}/`) })).toThrow(
    /^The webhook address must begin with https:\/\/; plain http is accepted for a portal on this machine alone\.$/,
  );
});

test('it reports events if, and only if, it has a token to tell them by', () => {
  const clock = fakeClock();
  const made = (eventToken?: Secret) =>
    bitrix24({ name: 'main', webhookUrl: new Secret(`http://127.0.0.1:9/rest/1/${SECRET}/`), eventToken, fetch: freshFetch, clock });
  expect(made(new Secret(EVENT_TOKEN)).reportsEvents).toBe(true);
  expect(made(new Secret('')).reportsEvents).toBe(false);
  expect(made().reportsEvents).toBe(false);
});
