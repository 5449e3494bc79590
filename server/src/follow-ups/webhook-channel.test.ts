import { expect, test } from 'vitest';
import { Secret } from '../config/secret.ts';
import { exampleLead, exampleNotice } from '../simulators/example-letter.ts';
import { fakeClock } from '../simulators/fake-clock.ts';
import { type ReceiverMood, type WebhookReceiver, webhookReceiver } from '../simulators/webhook-receiver.ts';
import { channelSuite } from './channel.suite.ts';
import { webhookChannel } from './webhook-channel.ts';

const SECRET = `whsec_${Buffer.from('canary-signing-secret-32-bytes!!').toString('base64')}`;

function channelTo(url: string, clock = fakeClock()) {
  return webhookChannel({ name: 'hook', url: new Secret(url), secret: new Secret(SECRET), fetch, clock });
}

/** A receiver does as the specification says: it knows a repeat by its id. */
function seenBy({ received }: WebhookReceiver): string[] {
  const taken = new Map(received.filter(({ verified }) => verified).map(({ id, body }) => [id, body]));
  return [...taken.values()];
}

channelSuite('webhook', async () => {
  const receiver = await webhookReceiver(SECRET);
  let refusedBefore = 0;
  return {
    channel: channelTo(receiver.url),
    seen: () => seenBy({ ...receiver, received: receiver.received.slice(refusedBefore) }),
    fail() {
      receiver.mood = { status: 503 };
      refusedBefore = 1;
    },
    recover() {
      receiver.mood = { status: 204 };
    },
    loseAnswer: () => receiver.answerNext({ status: 502 }),
    vanish: () => receiver.close(),
    secrets: [SECRET, receiver.url],
    close: () => receiver.close(),
  };
});

async function deliverTo(mood: ReceiverMood, letter = exampleLead()) {
  const receiver = await webhookReceiver(SECRET);
  receiver.mood = mood;
  const clock = fakeClock();
  try {
    return { outcome: await channelTo(receiver.url, clock).deliver(letter), received: receiver.received, now: clock.now() };
  } finally {
    await receiver.close();
  }
}

test('the signature is right, and the id is that of the letter, without the full stop that separates what is signed', async () => {
  const { received } = await deliverTo({ status: 200 }, exampleLead({ callId: 'call_9' }));
  expect(received).toMatchObject([{ id: 'call_9_channel', verified: true }]);
});

test('the payload holds what docs/follow-ups.md says, and nothing that is not known', async () => {
  const { received } = await deliverTo({ status: 200 });
  expect(JSON.parse(received[0]?.body ?? '')).toEqual({
    version: 1,
    type: 'call.not_connected',
    timestamp: '2026-01-05T09:01:00.000Z',
    data: {
      callId: 'call_0123456789abcdef',
      site: { key: 'default', name: 'Oak & Ash' },
      state: 'missed',
      missedBy: 'agent',
      number: '+4915123456789',
      country: 'DE',
      name: 'Erika Mustermann',
      department: 'Sales',
      page: { url: 'https://shop.example/chairs', title: 'Chairs', utm: { source: 'news', medium: 'mail', campaign: 'spring' } },
      locale: 'de',
      requestedAt: '2026-01-05T09:00:00.000Z',
      endedAt: '2026-01-05T09:01:00.000Z',
    },
  });
  const notice = await deliverTo({ status: 200 }, exampleNotice() as never);
  expect(JSON.parse(notice.received[0]?.body ?? '')).toMatchObject({ type: 'relay.notice', data: { topic: 'provider:main:line_unknown' } });
});

test('a consent that the visitor gave is told, by the version of its text', async () => {
  const consent = { textId: 'privacy-3', givenAt: '2026-01-05T09:59:58+01:00' };
  const { received } = await deliverTo({ status: 200 }, exampleLead({ consent }));
  expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({
    data: { consent: { textId: 'privacy-3', givenAt: '2026-01-05T08:59:58.000Z' } },
  });
});

test.each([
  [200, { kind: 'delivered' }],
  [202, { kind: 'delivered' }],
  [301, { kind: 'again', fault: { code: 'receiver_moved', configuration: true } }],
  [307, { kind: 'again', fault: { code: 'receiver_moved', configuration: true } }],
  [401, { kind: 'again', fault: { code: 'receiver_refused_401', configuration: true } }],
  [404, { kind: 'again', fault: { code: 'receiver_refused_404', configuration: true } }],
  [410, { kind: 'hopeless', fault: { code: 'receiver_gone', configuration: true } }],
  [429, { kind: 'again', fault: { code: 'receiver_failed_429', configuration: false } }],
  [500, { kind: 'again', fault: { code: 'receiver_failed_500', configuration: false } }],
])('status %i', async (status, expected) => {
  const { outcome, received } = await deliverTo({ status, headers: { location: 'http://127.0.0.1:1/' } });
  expect(outcome).toMatchObject(expected);
  expect(received).toHaveLength(1);
});

test('a receiver says when to come back, in seconds or as a date', async () => {
  const seconds = await deliverTo({ status: 503, headers: { 'retry-after': '120' } });
  expect(seconds.outcome).toMatchObject({ retryAt: seconds.now + 120_000 });
  const date = await deliverTo({ status: 429, headers: { 'retry-after': 'Mon, 05 Jan 2026 10:00:00 GMT' } });
  expect(date.outcome).toMatchObject({ retryAt: Date.UTC(2026, 0, 5, 10) });
  const nonsense = await deliverTo({ status: 429, headers: { 'retry-after': 'soon' } });
  expect(nonsense.outcome).toMatchObject({ kind: 'again', retryAt: undefined });
});

test('fifteen seconds without an answer are enough', async () => {
  const receiver = await webhookReceiver(SECRET);
  receiver.mood = 'hang';
  const clock = fakeClock();
  const delivery = channelTo(receiver.url, clock).deliver(exampleLead());
  while (receiver.received.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(15_000);
  expect(await delivery).toMatchObject({ kind: 'again', fault: { code: 'receiver_too_late' } });
  await receiver.close();
});
