import { expect, test } from 'vitest';
import type { EndNews } from '../providers/provider.ts';
import { type CallsAtPortal, type CallsAtPortalOptions, callsAtPortal } from '../simulators/calls-at-portal.ts';
import type { Call } from '../store/call.ts';
import type { CallRules } from './call-rules.ts';
import { heedRedial, lookForRedials, settleRedials } from './redials.ts';
import { CONNECTED_BY_REDIAL } from './who-missed.ts';

const FIND = 'voximplant.statistic.get';
const MINUTE_MS = 60_000;
const NOW = 1_800_000_000_000;
const RETENTION_MS = 86_400_000;
const rules: CallRules = {
  cooldownMs: 60_000,
  random: () => 0.5,
  retentionMs: RETENTION_MS,
  concurrency: 2,
  paused: false,
  channels: ['crm'],
  currency: 'EUR',
};
const portal = { name: 'bitrix24', reportsEvents: false };
const missed = {
  state: 'missed',
  fault: 'not_answered',
  providerRef: 'callback.1.1',
  placedAt: NOW - 30_000,
  endedAt: NOW,
  dueStep: 'check',
  dueAt: NOW + 1_860_000,
  charged: 1,
  currency: 'EUR',
} as Call;
const connected: EndNews = { kind: 'end', end: 'connected', talkedMs: 60_000, cost: { amount: 4, currency: 'EUR' } };

function rigWithRedial(options: CallsAtPortalOptions = {}): CallsAtPortal {
  return callsAtPortal({ site: { concurrency: 3 }, ...options, portal: { redial: { attempts: 1, afterMs: 60_000 }, ...options.portal } });
}

const noticesOf = ({ notices }: CallsAtPortal) => notices.filter(({ topic }) => topic === 'provider:bitrix24:redials_on');

async function talk({ portal: { telephones }, pass }: CallsAtPortal, nth: number, ms: number): Promise<void> {
  const callId = telephones.dials[nth]?.callId ?? '';
  expect(telephones.answer('agent', callId)).toBe(true);
  await pass(4_000);
  expect(telephones.answer('visitor', callId)).toBe(true);
  await pass(ms);
  telephones.hangUp('visitor', callId);
  await pass(0);
}

test('without events one reading finds that people talked after all, and what it cost', async () => {
  const rig = rigWithRedial();
  const { id } = await rig.accept();
  await rig.pass(91_000);
  await talk(rig, 1, 60_000);
  await rig.pass(25 * MINUTE_MS);
  expect(await rig.look(id)).toMatchObject({ state: 'missed', fault: 'not_answered', dueStep: 'check' });
  await rig.pass(10 * MINUTE_MS);
  const call = await rig.look(id);
  expect(call).toMatchObject({ state: 'missed', fault: CONNECTED_BY_REDIAL, talkedMs: 60_000, charged: 3, dueStep: 'forget' });
  expect(call.dueAt).toBe((call.endedAt ?? 0) + rig.context.rulesOf('default').retentionMs);
  expect(noticesOf(rig)).toHaveLength(1);
});

test('a portal that did not call again is not said to do so', async () => {
  const rig = callsAtPortal();
  const { id } = await rig.accept();
  await rig.pass(40 * MINUTE_MS);
  expect(await rig.look(id)).toMatchObject({ state: 'missed', fault: 'not_answered', dueStep: 'forget' });
  expect(noticesOf(rig)).toEqual([]);
});

test('what belongs to a later call to the same number is no repeat of the earlier one', async () => {
  const rig = callsAtPortal({ site: { concurrency: 3 } });
  const { id } = await rig.accept();
  await rig.pass(110_000);
  const later = await rig.accept();
  await rig.pass(1_000);
  await talk(rig, 1, 60_000);
  await rig.pass(40 * MINUTE_MS);
  expect(await rig.look(later.id)).toMatchObject({ state: 'connected', talkedMs: 60_000 });
  expect(await rig.look(id)).toMatchObject({ state: 'missed', fault: 'not_answered', talkedMs: undefined, charged: 0, dueStep: 'forget' });
});

test('a reading that fails is made again, and forgets nothing before it is time', async () => {
  const rig = rigWithRedial();
  const { id } = await rig.accept();
  await rig.pass(91_000);
  await talk(rig, 1, 60_000);
  await rig.pass(25 * MINUTE_MS);
  rig.portal.misbehave(FIND, { kind: 'error', name: 'tooManyRequests' });
  await rig.pass(230_000);
  expect(await rig.look(id)).toMatchObject({
    fault: 'not_answered',
    dueStep: 'check',
    unreadSince: expect.any(Number),
    sealedNumber: expect.stringMatching(/./),
  });
  await rig.pass(5 * MINUTE_MS);
  expect(await rig.look(id)).toMatchObject({ fault: CONNECTED_BY_REDIAL, dueStep: 'forget' });
});

test('the price of the repeats comes on top of what was settled, whoever tells it first and however often', () => {
  const reading = {
    kind: 'read',
    by: portal,
    found: { kind: 'ended', ref: 'callback.2.2', news: { ...connected, cost: { amount: 5, currency: 'EUR' } } },
  } as const;
  expect(settleRedials(missed, reading, NOW, rules)).toEqual({
    dueStep: 'forget',
    dueAt: NOW + RETENTION_MS,
    fault: CONNECTED_BY_REDIAL,
    talkedMs: 60_000,
    charged: 5,
    currency: 'EUR',
    extraCost: 4,
  });
  const told = heedRedial(missed, connected, rules);
  expect(told).toEqual({ fault: CONNECTED_BY_REDIAL, talkedMs: 60_000, charged: 5, currency: 'EUR', extraCost: 4 });
  const after = { ...missed, ...told } as Call;
  expect(heedRedial(after, connected, rules)).toBeUndefined();
  expect(settleRedials(after, reading, NOW, rules)).not.toHaveProperty('extraCost');
  // What the first try cost was never told: the whole takes the place of what was set aside.
  const untold = { ...missed, charged: undefined, currency: undefined } as Call;
  expect(settleRedials(untold, reading, NOW, rules)).toMatchObject({ cost: 5, charged: 5 });
  expect(heedRedial(untold, connected, rules)).toEqual({ fault: CONNECTED_BY_REDIAL, talkedMs: 60_000 });
});

test.each([
  ['busy', { state: 'missed', fault: 'busy' }, { redialsForMs: 1_200_000 }],
  ['connected', { state: 'connected' }, { redialsForMs: 1_200_000 }],
  ['by a provider that does not call again', { state: 'missed', fault: 'not_answered' }, {}],
  ['by a provider without records', { state: 'missed', fault: 'not_answered' }, { redialsForMs: 1_200_000, cannotFind: 'None.' }],
] as const)('nobody looks for repeats of a call that was %s', (_, change, can) => {
  const { provider } = callsAtPortal();
  expect(lookForRedials(change, { ...provider, redialsForMs: undefined, ...can }, NOW, rules)).toEqual({});
});

test('a call is forgotten in time even where repeats might still come', () => {
  const { provider } = callsAtPortal();
  const end = { state: 'missed', fault: 'not_answered' } as const;
  expect(lookForRedials(end, provider, NOW, rules)).toMatchObject({ dueStep: 'check', dueAt: NOW + 1_830_000 });
  expect(lookForRedials(end, provider, NOW, { ...rules, retentionMs: 600_000 })).toEqual({});
});
