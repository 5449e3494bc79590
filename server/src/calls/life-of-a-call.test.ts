import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../providers/provider.ts';
import { CALL_STATES, type Call, type CallState, isEndState, MOVES } from '../store/store.ts';
import { cancelCall, heedNews, LEASE_MS, settleOutcome, takeCall } from './life-of-a-call.ts';

const NOW = 1_800_000_000_000;
const life = { cooldownMs: 60_000, random: () => 0.5 };
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
    ...changes,
  };
}

const claimed = (changes: Partial<Call> = {}) => call({ state: 'dialing', attempts: 1, fence: 1, dueAt: NOW + LEASE_MS, ...changes });

describe('taking a due call', () => {
  test('claims it under a lease', () => {
    expect(takeCall(call(), NOW)).toMatchObject({ state: 'dialing', attempts: 1, dueAt: NOW + LEASE_MS });
  });

  test('expires it from the very millisecond of its deadline', () => {
    expect(takeCall(call({ dialBefore: NOW + 1 }), NOW)).toMatchObject({ state: 'dialing' });
    expect(takeCall(call({ dialBefore: NOW }), NOW)).toMatchObject({ state: 'expired', dueStep: undefined, heldUntil: NOW });
  });

  test('never dials again after a lease that ran out', () => {
    const change = takeCall(claimed({ dueAt: NOW }), NOW);
    expect(change).toMatchObject({ state: 'uncertain', fault: 'lease_lapsed', dueStep: 'reconcile' });
  });

  test('gives an unclear call up when no trace came', () => {
    expect(takeCall(call({ state: 'uncertain', dueStep: 'reconcile' }), NOW)).toMatchObject({ state: 'abandoned', dueStep: undefined });
  });

  test('closes a started call of which nothing more was heard', () => {
    expect(takeCall(call({ state: 'placed', dueStep: 'check' }), NOW)).toMatchObject({ state: 'ended_unknown', dueStep: undefined });
  });
});

describe("a provider's answer", () => {
  test('placed keeps the reference and waits for news', () => {
    const change = settleOutcome(claimed(), { kind: 'placed', ref: 'callback.1' }, 'bitrix24', NOW, life);
    expect(change).toMatchObject({ state: 'placed', providerRef: 'callback.1', placedAt: NOW, dueStep: 'check' });
  });

  test('placed without a reference is as good', () => {
    expect(settleOutcome(claimed(), { kind: 'placed', ref: undefined }, 'bitrix24', NOW, life)).toMatchObject({ state: 'placed' });
  });

  test('refused is the end, and holds the number for the cooldown', () => {
    const change = settleOutcome(claimed(), { kind: 'refused', fault }, 'bitrix24', NOW, life);
    expect(change).toMatchObject({ state: 'refused', fault: 'query_limit', heldUntil: NOW + 60_000, dueStep: undefined });
  });

  test('uncertain holds the number as long as the portal may still carry it out', () => {
    const change = settleOutcome(claimed(), { kind: 'uncertain', fault }, 'bitrix24', NOW, life);
    expect(change).toMatchObject({ state: 'uncertain', dueStep: 'reconcile', heldUntil: NOW + 90_000 });
  });

  test('not sent is tried again after a pause, or when the provider said', () => {
    const soon = settleOutcome(claimed(), { kind: 'not_sent', fault }, 'bitrix24', NOW, life);
    expect(soon).toMatchObject({ state: 'accepted', dueStep: 'dial', dueAt: NOW + 2_250 });
    const later = settleOutcome(claimed(), { kind: 'not_sent', fault, retryAt: NOW + 30_000 }, 'bitrix24', NOW, life);
    expect(later).toMatchObject({ state: 'accepted', dueAt: NOW + 30_000 });
  });

  test('not sent three times is refused', () => {
    expect(settleOutcome(claimed({ attempts: 3 }), { kind: 'not_sent', fault }, 'bitrix24', NOW, life)).toMatchObject({ state: 'refused' });
  });

  test('not sent with no time left expires', () => {
    const change = settleOutcome(claimed(), { kind: 'not_sent', fault, retryAt: NOW + 119_000 }, 'bitrix24', NOW, life);
    expect(change).toMatchObject({ state: 'expired', heldUntil: NOW });
  });
});

describe('cancelling', () => {
  test.each(CALL_STATES)('%s', (state) => {
    const change = cancelCall(call({ state }), NOW);
    if (state === 'accepted' || state === 'scheduled') expect(change).toMatchObject({ state: 'cancelled', heldUntil: NOW });
    else expect(change).toBeUndefined();
  });
});

describe('news from the provider', () => {
  test('steps only move forward', () => {
    const placed = call({ state: 'placed', step: 'agent_answered', dueStep: 'check' });
    expect(heedNews(placed, { kind: 'step', step: 'agent_ringing' }, NOW, life)).toBeUndefined();
    expect(heedNews(placed, { kind: 'step', step: 'agent_answered' }, NOW, life)).toBeUndefined();
    expect(heedNews(placed, { kind: 'step', step: 'visitor_ringing' }, NOW, life)).toEqual({ step: 'visitor_ringing' });
  });

  test('a sign of life resolves an unclear call', () => {
    const change = heedNews(call({ state: 'uncertain', dueStep: 'reconcile' }), { kind: 'step', step: 'agent_ringing' }, NOW, life);
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
        for (const item of order) current = { ...current, ...heedNews(current, item, NOW, life) };
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
          isEndState(state) ? undefined : takeCall(start, NOW),
          state === 'dialing' ? settleOutcome(start, outcome, 'p', NOW, life) : undefined,
          cancelCall(start, NOW),
          heedNews(start, { kind: 'step', step: 'agent_ringing' }, NOW, life),
          heedNews(start, { kind: 'end', end: 'missed' }, NOW, life),
        ];
        for (const change of changes) {
          if (change === undefined) continue;
          const after = { ...start, ...change };
          if (after.state !== state) expect(MOVES[state]).toContain(after.state);
          if (isEndState(after.state)) expect(after.dueStep).toBeUndefined();
          else expect(after.dueAt).toBeTypeOf('number');
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
