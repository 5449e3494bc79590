import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Outcome } from '../providers/provider.ts';
import { type CallsAtPortal, callsAtPortal } from '../simulators/calls-at-portal.ts';
import { drainCalls } from './drain-calls.ts';
import { heedEvent } from './heed-event.ts';
import { CONNECTED_BY_REDIAL, whoMissed } from './who-missed.ts';

/** The same in every run, so that one portal's deliveries fit another's ids. */
const random = () => 0.5;

/** Both answer and talk for a minute. Answers with the portal's id of the call. */
async function talk({ portal: { telephones }, pass }: CallsAtPortal): Promise<string> {
  const callId = telephones.dials.at(-1)?.callId ?? '';
  telephones.answer('agent', callId);
  await pass(4_000);
  telephones.answer('visitor', callId);
  await pass(61_000);
  telephones.hangUp('visitor', callId);
  await pass(0);
  return callId;
}

test('a real call from its acceptance to its price', async () => {
  const rig = callsAtPortal({ reportsEvents: true });
  const { id } = await rig.accept();
  await rig.pass(1_000);
  expect(await rig.look(id)).toMatchObject({ state: 'placed', step: 'agent_ringing' });
  const providerRef = await talk(rig);
  expect(await rig.look(id)).toMatchObject({
    state: 'connected',
    step: 'agent_answered',
    providerRef,
    talkedMs: 61_000,
    charged: 4,
    currency: 'EUR',
  });
  expect(await rig.store.listMessages({ callId: id }, 5)).toEqual([]);
});

test('the events of a call, doubled, in any order and around whatever answer to the dial, end in the same call', async () => {
  const original = callsAtPortal({ reportsEvents: true, portal: { random } });
  await original.accept();
  await original.pass(0);
  const ref = await talk(original);
  expect(original.posted).toHaveLength(3);

  const fault = { code: 'answer_too_late', message: 'Too late.', problem: 'unavailable', configuration: false } as const;
  const answers: Outcome[] = [
    { kind: 'placed', ref },
    { kind: 'placed', ref: undefined },
    { kind: 'uncertain', fault },
  ];
  const deliveries = fc.shuffledSubarray([...original.posted, ...original.posted], { minLength: 6, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(deliveries, fc.integer({ min: 0, max: 6 }), fc.constantFrom(...answers), async (bodies, before, answer) => {
      const rig = callsAtPortal({ reportsEvents: true });
      const { id } = await rig.accept();
      let dials = 0;
      let say: (outcome: Outcome) => void = () => {};
      const dial = () => {
        dials += 1;
        return new Promise<Outcome>((resolve) => {
          say = resolve;
        });
      };
      const drain = drainCalls({ ...rig.context, providers: new Map([['bitrix24', { ...rig.provider, dial }]]) });
      await drain.begin();
      for (const body of bodies.slice(0, before)) await rig.deliver(body);
      say(answer);
      await drain.settled();
      for (const body of bodies.slice(before)) await rig.deliver(body);

      expect(await rig.look(id)).toMatchObject({
        state: 'connected',
        fault: undefined,
        provider: 'bitrix24',
        providerRef: ref,
        talkedMs: 61_000,
        charged: 4,
        currency: 'EUR',
        dueStep: 'forget',
        endedAt: rig.clock.now(),
        heldUntil: rig.clock.now() + 60_000,
      });
      expect(await rig.store.listMessages({ callId: id }, 5)).toEqual([]);
      expect(dials).toBe(1);
      await rig.store.close();
    }),
    { numRuns: 150 },
  );
});

test('who missed a call is the same in whatever order its events come, and nobody is named by the silence of another', async () => {
  const original = callsAtPortal({ reportsEvents: true, portal: { random } });
  await original.accept();
  await original.pass(1_000);
  original.portal.telephones.answer('agent', original.portal.telephones.dials[0]?.callId ?? '');
  await original.pass(40_000);
  expect(original.posted).toHaveLength(3);
  const [init = '', start = '', end = ''] = original.posted;

  async function missedAfter(bodies: readonly string[]) {
    const rig = callsAtPortal({ reportsEvents: true, portal: { random } });
    rig.losesEvents = true;
    const { id } = await rig.accept();
    await rig.pass(0);
    for (const body of bodies) await rig.deliver(body);
    const call = await rig.look(id);
    await rig.store.close();
    return { state: call.state, step: call.step, missedBy: whoMissed(call) };
  }

  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([init, start, end, init, start, end], { minLength: 6, maxLength: 6 }), async (bodies) => {
      expect(await missedAfter(bodies)).toEqual({ state: 'missed', step: 'agent_answered', missedBy: 'visitor' });
    }),
    { numRuns: 40 },
  );
  // The portal was not asked to tell when somebody answers.
  expect(await missedAfter([init, end])).toEqual({ state: 'missed', step: 'agent_ringing', missedBy: undefined });
});

test('an order whose answer was lost is found by the number that its first event names', async () => {
  const rig = callsAtPortal({ reportsEvents: true });
  rig.portal.misbehave('voximplant.callback.start', { kind: 'hang', executes: true, afterMs: 50_000 });
  const { id } = await rig.accept();
  await rig.pass(16_000);
  expect(await rig.look(id)).toMatchObject({ state: 'uncertain', providerRef: undefined });
  await rig.pass(35_000);
  const providerRef = rig.portal.telephones.dials[0]?.callId;
  expect(await rig.look(id)).toMatchObject({ state: 'placed', step: 'agent_ringing', fault: undefined, providerRef });
  await talk(rig);
  expect(await rig.look(id)).toMatchObject({ state: 'connected' });
  expect(rig.portal.telephones.dials).toHaveLength(1);
});

test('a callback to the same number that begins much later is another one', async () => {
  const rig = callsAtPortal({ reportsEvents: true });
  rig.portal.misbehave('voximplant.callback.start', { kind: 'hang', executes: true, afterMs: 180_000 });
  const { id } = await rig.accept();
  await rig.pass(200_000);
  expect(rig.posted).toHaveLength(1);
  expect(await rig.look(id)).toMatchObject({ state: 'uncertain', providerRef: undefined });
});

test('what came before anybody knew whose id it carries is not lost', async () => {
  const rig = callsAtPortal({ reportsEvents: true });
  rig.losesEvents = true;
  rig.portal.misbehave('voximplant.callback.start', { kind: 'hang', executes: true });
  const { id } = await rig.accept();
  await rig.pass(10_000);
  rig.portal.telephones.answer('agent', rig.portal.telephones.dials[0]?.callId ?? '');
  await rig.pass(5_000);
  const [init = '', start = ''] = rig.posted;
  // This one names no number.
  await rig.deliver(start);
  expect(await rig.look(id)).toMatchObject({ state: 'uncertain' });
  await rig.deliver(init);
  expect(await rig.look(id)).toMatchObject({ state: 'placed', step: 'agent_answered' });
});

test('an event that arrives together with the answer to the dial is heeded', async () => {
  const rig = callsAtPortal({ reportsEvents: true, portal: { random } });
  rig.losesEvents = true;
  const { id } = await rig.accept();
  // The dial is answered between the look for the call and the decision to keep the event for later.
  let looks = 0;
  const findByRef: typeof rig.store.findByRef = async (...wanted) => {
    looks += 1;
    const found = await rig.store.findByRef(...wanted);
    if (looks === 1) await rig.drain.run();
    return found;
  };
  const ref = `callback.${'8'.repeat(32)}.${rig.clock.now() / 1_000}`;
  await heedEvent(
    'bitrix24',
    { ref, news: { kind: 'step', step: 'agent_answered' } },
    { ...rig.context, store: { ...rig.store, findByRef } },
  );
  expect(await rig.look(id)).toMatchObject({ state: 'placed', providerRef: ref, step: 'agent_answered' });
});

test("another account's events and another number's change nothing", async () => {
  const rig = callsAtPortal({ reportsEvents: true });
  rig.losesEvents = true;
  const { id } = await rig.accept();
  await rig.pass(0);
  const before = await rig.look(id);
  await rig.deliver(rig.posted[0]?.replaceAll('15123456789', '15123456780').replaceAll('callback.', 'callback.x') ?? '');
  const read = await rig.provider.readEvent('application/x-www-form-urlencoded', rig.posted[0] ?? '');
  if (read.kind !== 'event') throw new Error(read.kind);
  await heedEvent('other', { ...read.event, ref: 'callback.other.1' }, rig.context);
  await rig.deliver(rig.posted[0]?.replace('an-event-token', 'another-token') ?? '');
  expect(await rig.look(id)).toEqual(before);
});

test('a portal that calls again by itself after nobody answered does not change the end, and what came of it is noted once', async () => {
  const rig = callsAtPortal({ reportsEvents: true, portal: { redial: { attempts: 1, afterMs: 60_000 } } });
  const { id } = await rig.accept();
  await rig.pass(31_000);
  const missed = await rig.look(id);
  expect(missed).toMatchObject({ state: 'missed', fault: 'not_answered', step: 'agent_ringing', charged: 0 });
  const leads = await rig.store.listMessages({ callId: id }, 5);
  await rig.pass(60_000);
  expect(rig.portal.telephones.dials).toHaveLength(2);
  await talk(rig);
  await rig.deliver(rig.posted.at(-1) ?? '');
  expect(await rig.look(id)).toEqual({ ...missed, fault: CONNECTED_BY_REDIAL, talkedMs: 61_000, charged: 4, currency: 'EUR' });
  expect(await rig.store.listMessages({ callId: id }, 5)).toEqual(leads);
  expect(rig.entries.filter(({ event }) => event === 'call.redialled')[0]).toMatchObject({ callId: id, end: 'connected' });
  expect(rig.notices).toContainEqual(expect.objectContaining({ topic: 'provider:bitrix24:redials_on', site: 'default' }));
});

test('a call whose end was not heard of is not told one under another id', async () => {
  const rig = callsAtPortal({
    reportsEvents: true,
    portal: { redial: { attempts: 1, afterMs: 60_000 }, rights: { callStatistics: false } },
  });
  const { id } = await rig.accept();
  await rig.pass(20_000);
  rig.losesEvents = true;
  await rig.pass(40_000);
  rig.losesEvents = false;
  await rig.pass(31_000);
  expect(rig.portal.telephones.dials).toHaveLength(2);
  await talk(rig);
  expect(await rig.look(id)).toMatchObject({ state: 'placed', step: 'agent_ringing', talkedMs: undefined });
});

test('while people talk, the redial of an earlier call to the same number does not end theirs', async () => {
  const rig = callsAtPortal({
    reportsEvents: true,
    site: { concurrency: 2 },
    portal: { redial: { attempts: 1, afterMs: 120_000 } },
  });
  const earlier = await rig.accept();
  await rig.pass(110_000);
  expect(await rig.look(earlier.id)).toMatchObject({ state: 'missed', fault: 'not_answered' });
  const { id } = await rig.accept();
  await rig.pass(1_000);
  const callId = rig.portal.telephones.dials[1]?.callId ?? '';
  rig.portal.telephones.answer('agent', callId);
  await rig.pass(4_000);
  rig.portal.telephones.answer('visitor', callId);
  // Meanwhile the redial begins, rings, and ends with nobody answering.
  await rig.pass(80_000);
  expect(rig.portal.telephones.dials[2]).toMatchObject({ agent: 'unanswered' });
  expect(await rig.look(id)).toMatchObject({ state: 'placed', providerRef: callId });
  rig.portal.telephones.hangUp('visitor', callId);
  await rig.pass(1_000);
  expect(await rig.look(id)).toMatchObject({ state: 'connected', talkedMs: 80_000 });
  expect(await rig.store.listMessages({ callId: id }, 5)).toEqual([]);
});

test.each([
  ['unclear', { kind: 'hang', executes: false }],
  ['started, of which the portal named no id', { kind: 'without_call_id' }],
] as const)('the redial of an earlier call tells nothing of a later one that is %s', async (_, misbehaviour) => {
  const rig = callsAtPortal({
    reportsEvents: true,
    site: { concurrency: 2 },
    portal: { redial: { attempts: 1, afterMs: 120_000 } },
  });
  await rig.accept();
  await rig.pass(110_000);
  rig.portal.misbehave('voximplant.callback.start', misbehaviour);
  const { id } = await rig.accept();
  rig.losesEvents = true;
  await rig.pass(20_000);
  const own = rig.posted.length;
  rig.losesEvents = false;
  await rig.pass(25_000);
  expect(rig.posted.length).toBeGreaterThan(own);
  await rig.pass(60_000);
  const call = await rig.look(id);
  expect(['placed', 'uncertain']).toContain(call.state);
  expect(call).toMatchObject({ providerRef: undefined, step: undefined });
});

test('an end that shows a fault in the set-up reaches the operator', async () => {
  const rig = callsAtPortal({ reportsEvents: true });
  rig.losesEvents = true;
  await rig.accept();
  await rig.pass(31_000);
  await rig.deliver(rig.posted[1]?.replace('CALL_FAILED_CODE%5D=304', 'CALL_FAILED_CODE%5D=402') ?? '');
  expect(rig.notices).toMatchObject([{ topic: 'provider:bitrix24:funds_missing', site: 'default' }]);
});

test('no log line and no notice holds the number', async () => {
  const rig = callsAtPortal({ reportsEvents: true });
  await rig.accept();
  await rig.pass(0);
  await talk(rig);
  expect(rig.entries.map(({ event }) => event)).toContain('call.ended');
  expect(JSON.stringify([rig.entries, rig.notices])).not.toMatch(/15123456789/);
});
