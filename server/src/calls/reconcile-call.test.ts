import { expect, test } from 'vitest';
import type { Answer, Found } from '../providers/provider.ts';
import { type CallsAtPortal, callsAtPortal, VISITOR } from '../simulators/calls-at-portal.ts';
import type { CallsContext } from './calls.ts';
import { drainCalls } from './drain-calls.ts';
import { LEASE_MS } from './life-of-a-call.ts';

const DIAL = 'voximplant.callback.start';
const FIND = 'voximplant.statistic.get';
const MINUTE_MS = 60_000;

const readings = ({ portal }: CallsAtPortal) => portal.requests.filter(({ method }) => method === FIND);
const dials = ({ portal }: CallsAtPortal) => portal.requests.filter(({ method }) => method === DIAL);
const leads = (rig: CallsAtPortal, callId: string) => rig.store.listMessages({ callId }, 5);

/** Both answer, and talk for ten seconds. */
async function talk({ portal: { telephones }, pass }: CallsAtPortal): Promise<void> {
  const callId = telephones.dials[0]?.callId ?? '';
  expect(telephones.answer('agent', callId)).toBe(true);
  await pass(4_000);
  expect(telephones.answer('visitor', callId)).toBe(true);
  await pass(10_000);
  expect(telephones.hangUp('agent', callId)).toBe(true);
}

test('an order that was carried out and never answered: one dial, unclear, then found with how it ended', async () => {
  const rig = callsAtPortal();
  rig.portal.misbehave(DIAL, { kind: 'hang', executes: true });
  const { id } = await rig.accept();
  await rig.pass(15_000);
  expect(await rig.look(id)).toMatchObject({ state: 'uncertain', fault: 'answer_too_late', providerRef: undefined });
  await talk(rig);
  await rig.pass(6_000);
  expect(await rig.look(id)).toMatchObject({
    state: 'connected',
    fault: undefined,
    providerRef: rig.portal.telephones.dials[0]?.callId,
    talkedMs: 10_000,
    charged: 1,
    currency: 'EUR',
  });
  expect(await leads(rig, id)).toEqual([]);
  expect([dials(rig).length, rig.portal.telephones.dials.length]).toEqual([1, 1]);
});

test('an order that was never carried out: a lead after a minute, the number free after its hold, given up after an hour', async () => {
  const rig = callsAtPortal();
  rig.portal.misbehave(DIAL, { kind: 'hang', executes: false });
  const { id } = await rig.accept();
  await rig.pass(15_000);
  const unclearAt = rig.clock.now();
  await rig.pass(59_000);
  expect(await leads(rig, id)).toEqual([]);
  await rig.pass(1_000);
  expect(await leads(rig, id)).toMatchObject([{ kind: 'lead', channel: 'crm', createdAt: unclearAt + MINUTE_MS }]);
  await rig.pass(29_000);
  expect(await rig.ask()).toMatchObject({ kind: 'limited', scope: 'number_active', retryAt: unclearAt + 90_000 });
  await rig.pass(1_000);
  expect(await rig.ask('+4915123456780')).toMatchObject({ kind: 'accepted' });
  const again = await rig.ask(VISITOR);
  expect(again).toMatchObject({ kind: 'accepted' });
  await rig.pass(unclearAt + 60 * MINUTE_MS - 1_000 - rig.clock.now());
  expect(await rig.look(id)).toMatchObject({ state: 'uncertain' });
  await rig.pass(1_000);
  expect(await rig.look(id)).toMatchObject({ state: 'abandoned', fault: 'answer_too_late', providerRef: undefined, dueStep: 'forget' });
  // The same channel is not told twice.
  expect(await leads(rig, id)).toHaveLength(1);
  expect(dials(rig)).toHaveLength(3);
}, 20_000);

test('an unclear call is looked up at 20 s, 60 s, 3, 10, 30 and 60 min, and not in between', async () => {
  const rig = callsAtPortal();
  rig.portal.misbehave(DIAL, { kind: 'hang', executes: false });
  await rig.accept();
  await rig.pass(15_000);
  const unclearAt = rig.clock.now();
  await rig.pass(61 * MINUTE_MS);
  const times = new Set(readings(rig).map(({ at }) => (at - unclearAt) / 1_000));
  expect([...times]).toEqual([20, 60, 180, 600, 1_800, 3_600]);
}, 20_000);

test('a process that is killed between its order and the answer: the next one finds the call', async () => {
  const rig = callsAtPortal();
  const { id } = await rig.accept();
  const killed: CallsContext = { ...rig.context, store: { ...rig.store, settle: () => Promise.reject(new Error('killed')) } };
  await drainCalls(killed).run();
  expect(await rig.look(id)).toMatchObject({ state: 'dialing' });
  await rig.pass(LEASE_MS);
  expect(await rig.look(id)).toMatchObject({ state: 'uncertain', fault: 'lease_lapsed' });
  await rig.pass(20_000);
  // The agent let it ring for 30 s.
  expect(await rig.look(id)).toMatchObject({ state: 'missed', fault: 'not_answered', provider: 'bitrix24' });
  expect(await leads(rig, id)).toHaveLength(1);
  expect(dials(rig)).toHaveLength(1);
});

test('without events the end of a call is read, and with it line and number are free', async () => {
  const rig = callsAtPortal({ site: { concurrency: 1 } });
  const { id } = await rig.accept();
  await rig.pass(1_000);
  await rig.accept('+4915123456780');
  await rig.pass(43_000);
  expect(await rig.look(id)).toMatchObject({ state: 'placed' });
  expect(rig.portal.telephones.dials).toHaveLength(1);
  await rig.pass(1_000);
  expect(await rig.look(id)).toMatchObject({ state: 'missed', fault: 'not_answered', heldUntil: rig.clock.now() + 60_000 });
  await rig.pass(1_000);
  expect(rig.portal.telephones.dials).toHaveLength(2);
});

test('without events a line on which people talk is not rung a second time', async () => {
  const rig = callsAtPortal({ site: { concurrency: 1 } });
  const { id } = await rig.accept();
  await rig.pass(1_000);
  const callId = rig.portal.telephones.dials[0]?.callId ?? '';
  rig.portal.telephones.answer('agent', callId);
  await rig.pass(4_000);
  rig.portal.telephones.answer('visitor', callId);
  await rig.pass(55_000);
  const waiting = await rig.accept('+4915123456780');
  await rig.pass(60_000);
  expect(rig.portal.telephones.dials).toHaveLength(1);
  rig.portal.telephones.hangUp('visitor', callId);
  await rig.pass(29_000);
  expect(await rig.look(id)).toMatchObject({ state: 'placed' });
  await rig.pass(1_000);
  expect(await rig.look(id)).toMatchObject({ state: 'connected', talkedMs: 115_000 });
  await rig.pass(1_000);
  expect(await rig.look(waiting.id)).toMatchObject({ state: 'placed' });
});

test('a missing right is told to the operator, and keeps nobody from calling or being called', async () => {
  const rig = callsAtPortal({ portal: { rights: { callStatistics: false } }, site: { concurrency: 1 } });
  const { id } = await rig.accept();
  await rig.pass(46_000);
  const notice = { topic: 'provider:bitrix24:statistics_hidden', site: 'default', text: expect.stringContaining('Call statistics') };
  expect(rig.notices).toEqual([notice]);
  expect(await rig.look(id)).toMatchObject({ state: 'placed', heldUntil: rig.clock.now() + 14_000 });
  await rig.accept('+4915123456780');
  await rig.pass(15_000);
  expect(rig.portal.telephones.dials).toHaveLength(2);
  await rig.pass(20 * MINUTE_MS);
  expect(await rig.look(id)).toMatchObject({ state: 'ended_unknown' });
  expect(await leads(rig, id)).toHaveLength(1);
  expect(JSON.stringify([rig.entries, rig.notices])).not.toMatch(/1512345678/);
});

test.each([
  ['too many requests', { kind: 'error', name: 'tooManyRequests' }],
  ['an overloaded portal', { kind: 'answer', status: 503, contentType: 'text/html', body: 'Try later', executes: false }],
] as const)('after an outage a reading that fails ends nothing, and the next one tells the truth: %s', async (_, misbehaviour) => {
  const rig = callsAtPortal();
  const { id } = await rig.accept();
  await rig.pass(1_000);
  const callId = rig.portal.telephones.dials[0]?.callId ?? '';
  rig.portal.telephones.answer('agent', callId);
  await rig.clock.advance(4_000);
  rig.portal.telephones.answer('visitor', callId);
  await rig.clock.advance(30_000);
  rig.portal.telephones.hangUp('visitor', callId);
  await rig.clock.advance(25 * MINUTE_MS);
  rig.portal.misbehave(FIND, misbehaviour);
  await rig.pass(30_000);
  expect(readings(rig)).toHaveLength(1);
  expect(await rig.look(id)).toMatchObject({ state: 'placed' });
  await rig.pass(MINUTE_MS);
  expect(await rig.look(id)).toMatchObject({ state: 'connected', talkedMs: 30_000 });
  expect(await leads(rig, id)).toEqual([]);
});

test('after an outage the pace of the portal keeps no call from being looked up', async () => {
  const rig = callsAtPortal({ site: { concurrency: 1_000 } });
  const paced = rig.context.gate.pace(rig.provider);
  const drain = drainCalls({ ...rig.context, providers: new Map([['bitrix24', paced]]) });
  const numbers = Array.from({ length: 40 }, (_, nth) => `+49151234567${10 + nth}`);
  const ids: string[] = [];
  for (const number of numbers) ids.push((await rig.accept(number)).id);
  await drain.begin();
  await rig.clock.advance(1_000);
  const { dials, answer, hangUp } = rig.portal.telephones;
  expect(dials).toHaveLength(40);
  for (const { callId } of dials) answer('agent', callId);
  await rig.clock.advance(4_000);
  for (const { callId } of dials) answer('visitor', callId);
  await rig.clock.advance(30_000);
  for (const { callId } of dials) hangUp('visitor', callId);
  await rig.clock.advance(25 * MINUTE_MS);
  for (let second = 0; second < 120; second += 1) {
    await drain.begin();
    await rig.clock.advance(1_000);
  }
  const states = await Promise.all(ids.map(async (id) => (await rig.look(id)).state));
  expect(new Set(states)).toEqual(new Set(['connected']));
  expect(rig.entries.filter(({ event }) => event === 'call.unread').length).toBeGreaterThan(0);
});

/** A rig whose unclear call is about to be looked up; `tell` answers the first reading. */
async function whileReading() {
  const rig = callsAtPortal({ reportsEvents: true });
  rig.losesEvents = true;
  rig.portal.misbehave(DIAL, { kind: 'hang', executes: true });
  const { id } = await rig.accept();
  await rig.pass(15_000);
  let tell: (answer: Answer<Found>) => void = () => {};
  let asked = 0;
  const find = () => {
    asked += 1;
    return new Promise<Answer<Found>>((resolve) => {
      tell = resolve;
    });
  };
  const providers = new Map([['bitrix24', { ...rig.provider, find }]]);
  const slow = drainCalls({ ...rig.context, providers });
  rig.clock.set(rig.clock.now() + 20_000);
  await slow.begin();
  expect(asked).toBe(1);
  const nothing = (): void => tell({ ok: true, value: { kind: 'nothing' } });
  return { rig, id, slow, tellNothing: nothing };
}

test('a reading that comes back after the news of the end takes nothing back', async () => {
  const { rig, id, slow, tellNothing } = await whileReading();
  rig.losesEvents = false;
  rig.portal.telephones.hangUp('agent', rig.portal.telephones.dials[0]?.callId ?? '');
  await rig.clock.advance(0);
  const ended = await rig.look(id);
  expect(ended).toMatchObject({ state: 'missed', fault: 'declined', dueStep: 'forget' });
  tellNothing();
  await slow.settled();
  expect(await rig.look(id)).toEqual(ended);
});

test('a process that was frozen while it read does not give up what another one is just looking up', async () => {
  const first = await whileReading();
  const { rig, id, slow } = first;
  await rig.clock.advance(60 * MINUTE_MS);
  let find: (answer: Answer<Found>) => void = () => {};
  const provider = {
    ...rig.provider,
    find: () =>
      new Promise<Answer<Found>>((resolve) => {
        find = resolve;
      }),
  };
  const second = drainCalls({ ...rig.context, providers: new Map([['bitrix24', provider]]) });
  await second.begin();
  first.tellNothing();
  await slow.settled();
  expect(await rig.look(id)).toMatchObject({ state: 'uncertain' });
  find({ ok: true, value: { kind: 'ended', ref: 'callback.1.1', news: { kind: 'end', end: 'connected', talkedMs: 1_000 } } });
  await second.settled();
  expect(await rig.look(id)).toMatchObject({ state: 'connected' });
});

test('an adapter that throws has found nothing out', async () => {
  const rig = callsAtPortal();
  rig.portal.misbehave(DIAL, { kind: 'hang', executes: true });
  const { id } = await rig.accept();
  await rig.pass(15_000);
  const find = () => Promise.reject(new Error('secret https://portal.example/rest/1/hunter2/'));
  rig.clock.set(rig.clock.now() + 20_000);
  await drainCalls({ ...rig.context, providers: new Map([['bitrix24', { ...rig.provider, find }]]) }).run();
  expect(await rig.look(id)).toMatchObject({ state: 'uncertain', dueAt: rig.clock.now() + 40_000 });
  expect(JSON.stringify(rig.entries)).not.toContain('hunter2');
});

test('what belongs to another call to the same number is not taken for this one', async () => {
  const rig = callsAtPortal();
  const { id: other } = await rig.accept();
  await rig.pass(0);
  const ref = (await rig.look(other)).providerRef;
  await rig.pass(50_000);
  expect(await rig.look(other)).toMatchObject({ state: 'missed' });
  await rig.pass(60_000);
  rig.portal.misbehave(DIAL, { kind: 'hang', executes: false });
  const { id } = await rig.accept();
  await rig.pass(15_000);
  // A portal with a clock of its own says that the first call began just now.
  const find = async () => ({ ok: true, value: { kind: 'ended', ref, news: { kind: 'end', end: 'connected' } } }) satisfies Answer<Found>;
  rig.clock.set(rig.clock.now() + 20_000);
  await drainCalls({ ...rig.context, providers: new Map([['bitrix24', { ...rig.provider, find }]]) }).run();
  expect(await rig.look(id)).toMatchObject({ state: 'uncertain', providerRef: undefined });
});

test('what the portal makes of an earlier call by itself is not taken for an unclear one', async () => {
  const rig = callsAtPortal({ site: { concurrency: 2 }, portal: { redial: { attempts: 1, afterMs: 120_000 } } });
  await rig.accept();
  await rig.pass(110_000);
  rig.portal.misbehave(DIAL, { kind: 'hang', executes: false });
  const { id } = await rig.accept();
  await rig.pass(41_000);
  const redial = rig.portal.telephones.dials[1]?.callId ?? '';
  expect(rig.portal.telephones.hangUp('agent', redial)).toBe(true);
  await rig.pass(40 * MINUTE_MS);
  expect(readings(rig).filter(({ params }) => JSON.stringify(params).includes('PHONE_NUMBER')).length).toBeGreaterThan(0);
  expect(await rig.look(id)).toMatchObject({ state: 'uncertain', providerRef: undefined });
  await rig.pass(20 * MINUTE_MS);
  expect(await rig.look(id)).toMatchObject({ state: 'abandoned' });
});

test('a provider that cannot look calls up is not asked', async () => {
  const rig = callsAtPortal();
  const blind = drainCalls({
    ...rig.context,
    providers: new Map([['bitrix24', { ...rig.provider, cannotFind: 'It keeps no records.' }]]),
  });
  const { id } = await rig.accept();
  await blind.run();
  rig.clock.set(rig.clock.now() + 20 * MINUTE_MS - 1);
  await blind.run();
  expect(await rig.look(id)).toMatchObject({ state: 'placed' });
  rig.clock.set(rig.clock.now() + 1);
  await blind.run();
  expect(await rig.look(id)).toMatchObject({ state: 'ended_unknown' });
  expect(readings(rig)).toEqual([]);
});

test('a number that cannot be opened any more still has an end', async () => {
  const rig = callsAtPortal();
  const { id } = await rig.accept();
  await rig.pass(0);
  const locked: CallsContext = {
    ...rig.context,
    vault: {
      ...rig.context.vault,
      open: () => {
        throw new Error('sealed otherwise');
      },
    },
  };
  rig.clock.set(rig.clock.now() + 20 * MINUTE_MS);
  await drainCalls(locked).run();
  expect(await rig.look(id)).toMatchObject({ state: 'ended_unknown' });
});
