import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../providers/provider.ts';
import { CALL_STATES, type Call, type CallState, isEndState, MOVES } from '../store/store.ts';
import type { CallRules } from './call-rules.ts';
import { cancelCall, heedNews, LEASE_MS, settleOutcome, takeCall } from './life-of-a-call.ts';

const NOW = 1_800_000_000_000;
const RETENTION_MS = 86_400_000;
const rules: CallRules = {
  cooldownMs: 60_000,
  random: () => 0.5,
  retentionMs: RETENTION_MS,
  concurrency: 2,
  paused: false,
  channels: [],
  currency: 'EUR',
};
const portal = { name: 'bitrix24', reportsEvents: true };
const idle = { busy: 0 };
const FORGET = { endedAt: NOW, dueStep: 'forget', dueAt: NOW + RETENTION_MS } as const;
const fault = { code: 'query_limit', message: 'Too many requests.', problem: 'unavailable', configuration: false } as const;

function call(changes: Partial<Call> = {}): Call {
  return {
    id: 'c1',
    site: 'default',
    state: 'accepted',
    step: undefined,
    fault: undefined,
    sealedNumber: 'x',
    sealedDetails: undefined,
    country: 'DE',
    locale: undefined,
    department: undefined,
    acceptedAt: NOW - 1_000,
    scheduledFor: undefined,
    dialBefore: NOW + 119_000,
    attempts: 0,
    fence: 0,
    dueStep: 'dial',
    dueAt: NOW - 1_000,
    heldUntil: NOW + 139_000,
    provider: undefined,
    providerRef: undefined,
    placedAt: undefined,
    endedAt: undefined,
    talkedMs: undefined,
    charged: undefined,
    currency: undefined,
    ...changes,
  };
}

const claimed = (changes: Partial<Call> = {}) => call({ state: 'dialing', attempts: 1, fence: 1, dueAt: NOW + LEASE_MS, ...changes });

describe('taking a due call', () => {
  test('claims it under a lease', () => {
    expect(takeCall(call(), NOW, idle, rules)).toMatchObject({ state: 'dialing', attempts: 1, dueAt: NOW + LEASE_MS });
  });

  test('expires it from the very millisecond of its deadline', () => {
    expect(takeCall(call({ dialBefore: NOW + 1 }), NOW, idle, rules)).toMatchObject({ state: 'dialing' });
    expect(takeCall(call({ dialBefore: NOW }), NOW, idle, rules)).toMatchObject({
      state: 'expired',
      heldUntil: NOW,
      cost: 0,
    });
  });

  test('never dials again after a lease that ran out', () => {
    const change = takeCall(claimed({ dueAt: NOW }), NOW, idle, rules);
    expect(change).toMatchObject({ state: 'uncertain', fault: 'lease_lapsed', dueStep: 'reconcile' });
  });

  test('gives an unclear call up when no trace came', () => {
    expect(takeCall(call({ state: 'uncertain', dueStep: 'reconcile' }), NOW, idle, rules)).toMatchObject({ state: 'abandoned', ...FORGET });
  });

  test('closes a started call of which nothing more was heard', () => {
    expect(takeCall(call({ state: 'placed', dueStep: 'check' }), NOW, idle, rules)).toMatchObject({ state: 'ended_unknown', ...FORGET });
  });
});

describe('waiting for its turn', () => {
  test('while the site is busy, a second at a time, and never past its deadline', () => {
    expect(takeCall(call(), NOW, { busy: 1 }, rules)).toMatchObject({ state: 'dialing' });
    expect(takeCall(call(), NOW, { busy: 2 }, rules)).toEqual({ dueAt: NOW + 1_000 });
    expect(takeCall(call({ dialBefore: NOW + 300 }), NOW, { busy: 2 }, rules)).toEqual({ dueAt: NOW + 300 });
    expect(takeCall(call({ dialBefore: NOW }), NOW, { busy: 2 }, rules)).toMatchObject({ state: 'expired' });
  });

  test('while calls are paused; everything but dialling goes on', () => {
    const paused = { ...rules, paused: true };
    expect(takeCall(call(), NOW, idle, paused)).toEqual({ dueAt: NOW + 5_000 });
    expect(takeCall(call({ dialBefore: NOW }), NOW, idle, paused)).toMatchObject({ state: 'expired' });
    expect(takeCall(claimed({ dueAt: NOW }), NOW, idle, paused)).toMatchObject({ state: 'uncertain' });
    expect(takeCall(call({ state: 'placed', dueStep: 'check' }), NOW, idle, paused)).toMatchObject({ state: 'ended_unknown' });
  });
});

test('what has ended is forgotten when its time has come', () => {
  const ended = call({ state: 'connected', dueStep: 'forget', dueAt: NOW });
  expect(takeCall(ended, NOW, idle, rules)).toEqual({ forget: true, dueStep: undefined, dueAt: undefined });
});

describe('the price of a call', () => {
  const placed = call({ state: 'placed', dueStep: 'check' });
  const over = (amount: number, currency: string) =>
    heedNews(placed, { kind: 'end', end: 'connected', cost: { amount, currency } }, NOW, rules);

  test('replaces what was set aside for it, rounded up', () => {
    expect(over(12.2, 'EUR')).toMatchObject({ cost: 13 });
    expect(over(0, 'EUR')).toMatchObject({ cost: 0 });
    expect(over(-3, 'EUR')).toMatchObject({ cost: 0 });
  });

  test.each([
    ['another currency', over(12, 'RUB')],
    ['no number', over(Number.NaN, 'EUR')],
    ['none at all', heedNews(placed, { kind: 'end', end: 'missed' }, NOW, rules)],
  ])('%s: what was set aside stays taken', (_, change) => {
    expect(change).not.toHaveProperty('cost');
  });

  test('is not heeded where the budget counts calls', () => {
    const counting = { ...rules, currency: undefined };
    expect(heedNews(placed, { kind: 'end', end: 'connected', cost: { amount: 1, currency: 'EUR' } }, NOW, counting)).not.toHaveProperty(
      'cost',
    );
  });
});

describe("a provider's answer", () => {
  test('placed keeps the reference and waits for news', () => {
    const change = settleOutcome(claimed(), { kind: 'placed', ref: 'callback.1' }, portal, NOW, rules);
    expect(change).toMatchObject({ state: 'placed', providerRef: 'callback.1', placedAt: NOW, dueStep: 'check' });
  });

  test('placed without a reference is as good', () => {
    expect(settleOutcome(claimed(), { kind: 'placed', ref: undefined }, portal, NOW, rules)).toMatchObject({ state: 'placed' });
  });

  test('of which nothing will be reported holds line and number for as long as both telephones may ring', () => {
    const held = (reportsEvents: boolean, cooldownMs: number) =>
      settleOutcome(claimed(), { kind: 'placed', ref: undefined }, { name: 'pbx', reportsEvents }, NOW, { ...rules, cooldownMs }).heldUntil;
    expect(held(false, 30_000)).toBe(NOW + 60_000);
    expect(held(false, 300_000)).toBe(NOW + 300_000);
    expect(held(true, 60_000)).toBe(NOW + 660_000);
  });

  test('refused is the end, and holds the number for the cooldown', () => {
    const change = settleOutcome(claimed(), { kind: 'refused', fault }, portal, NOW, rules);
    expect(change).toMatchObject({ state: 'refused', fault: 'query_limit', heldUntil: NOW + 60_000, cost: 0, ...FORGET });
  });

  test('uncertain holds the number as long as the portal may still carry it out', () => {
    const change = settleOutcome(claimed(), { kind: 'uncertain', fault }, portal, NOW, rules);
    expect(change).toMatchObject({ state: 'uncertain', dueStep: 'reconcile', heldUntil: NOW + 90_000 });
  });

  test('not sent is tried again after a pause, or when the provider said', () => {
    const soon = settleOutcome(claimed(), { kind: 'not_sent', fault }, portal, NOW, rules);
    expect(soon).toMatchObject({ state: 'accepted', dueStep: 'dial', dueAt: NOW + 2_250 });
    const later = settleOutcome(claimed(), { kind: 'not_sent', fault, retryAt: NOW + 30_000 }, portal, NOW, rules);
    expect(later).toMatchObject({ state: 'accepted', dueAt: NOW + 30_000 });
  });

  test('not sent three times is refused', () => {
    expect(settleOutcome(claimed({ attempts: 3 }), { kind: 'not_sent', fault }, portal, NOW, rules)).toMatchObject({
      state: 'refused',
    });
  });

  test('not sent with no time left expires', () => {
    const change = settleOutcome(claimed(), { kind: 'not_sent', fault, retryAt: NOW + 119_000 }, portal, NOW, rules);
    expect(change).toMatchObject({ state: 'expired', heldUntil: NOW });
  });
});

describe('cancelling', () => {
  test.each(CALL_STATES)('%s', (state) => {
    const change = cancelCall(call({ state }), NOW, rules);
    if (state === 'accepted' || state === 'scheduled')
      expect(change).toMatchObject({ state: 'cancelled', heldUntil: NOW, cost: 0, ...FORGET });
    else expect(change).toBeUndefined();
  });
});

describe('news from the provider', () => {
  test('steps only move forward', () => {
    const placed = call({ state: 'placed', step: 'agent_answered', dueStep: 'check' });
    expect(heedNews(placed, { kind: 'step', step: 'agent_ringing' }, NOW, rules)).toBeUndefined();
    expect(heedNews(placed, { kind: 'step', step: 'agent_answered' }, NOW, rules)).toBeUndefined();
    expect(heedNews(placed, { kind: 'step', step: 'visitor_ringing' }, NOW, rules)).toEqual({ step: 'visitor_ringing' });
  });

  test('a sign of life resolves an unclear call', () => {
    const change = heedNews(call({ state: 'uncertain', dueStep: 'reconcile' }), { kind: 'step', step: 'agent_ringing' }, NOW, rules);
    expect(change).toMatchObject({ state: 'placed', step: 'agent_ringing', dueStep: 'check' });
  });

  test('any order of the same news ends in the same state', () => {
    const news = [
      { kind: 'step', step: 'agent_ringing' },
      { kind: 'step', step: 'agent_answered' },
      { kind: 'end', end: 'connected' },
    ] as const;
    fc.assert(
      fc.property(fc.shuffledSubarray([...news, ...news], { minLength: 6, maxLength: 6 }), (order) => {
        let current = call({ state: 'placed', dueStep: 'check' });
        for (const item of order) current = { ...current, ...heedNews(current, item, NOW, rules) };
        expect(current.state).toBe('connected');
      }),
    );
  });
});

test('no decision ever leaves the allowed moves, and every open call stays due', () => {
  const outcomes = fc.constantFrom<Outcome>(
    { kind: 'placed', ref: undefined },
    { kind: 'refused', fault },
    { kind: 'uncertain', fault },
    { kind: 'not_sent', fault },
  );
  const dueStepOf: Partial<Record<CallState, Call['dueStep']>> = { uncertain: 'reconcile', placed: 'check' };
  fc.assert(
    fc.property(
      fc.constantFrom(...CALL_STATES),
      outcomes,
      fc.integer({ min: 0, max: 4 }),
      fc.integer(),
      (state, outcome, attempts, skew) => {
        const start = call({ state, attempts, dueStep: dueStepOf[state] ?? 'dial', dialBefore: NOW + (skew % 200_000) });
        const changes = [
          isEndState(state) ? undefined : takeCall(start, NOW, idle, rules),
          state === 'dialing' ? settleOutcome(start, outcome, portal, NOW, rules) : undefined,
          cancelCall(start, NOW, rules),
          heedNews(start, { kind: 'step', step: 'agent_ringing' }, NOW, rules),
          heedNews(start, { kind: 'end', end: 'missed' }, NOW, rules),
        ];
        for (const change of changes) {
          if (change === undefined) continue;
          const after = { ...start, ...change };
          if (after.state !== state) expect(MOVES[state]).toContain(after.state);
          if (isEndState(after.state)) expect(after).toMatchObject(FORGET);
          else expect(after.dueAt).toBeTypeOf('number');
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
