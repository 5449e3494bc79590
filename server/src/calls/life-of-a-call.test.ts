import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EndNews, Found, Outcome } from '../providers/provider.ts';
import { CALL_STATES, type Call, type CallState, isEndState, MOVES } from '../store/call.ts';
import type { CallRules } from './call-rules.ts';
import { beginningOf, cancelCall, heedNews, LEASE_MS, learnRef, READ_LEASE_MS, settleOutcome, takeCall } from './life-of-a-call.ts';
import { type Reading, settleFound } from './settle-found.ts';
import { whoMissed } from './who-missed.ts';

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
    controlRef: undefined,
    placedAt: undefined,
    endedAt: undefined,
    unreadSince: undefined,
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

  test('only ever reads where a dial was claimed before', () => {
    for (const open of [call({ state: 'uncertain', dueStep: 'reconcile' }), call({ state: 'placed', dueStep: 'check' })]) {
      expect(takeCall(open, NOW, idle, rules)).toEqual({ dueAt: NOW + READ_LEASE_MS });
    }
  });
});

describe('waiting for its turn', () => {
  test('while the site is busy, a second at a time, and never past its deadline', () => {
    expect(takeCall(call(), NOW, { busy: 1 }, rules)).toMatchObject({ state: 'dialing' });
    expect(takeCall(call(), NOW, { busy: 2 }, rules)).toEqual({ lookAt: NOW + 1_000 });
    expect(takeCall(call({ dialBefore: NOW + 300 }), NOW, { busy: 2 }, rules)).toEqual({ lookAt: NOW + 300 });
    expect(takeCall(call({ dialBefore: NOW }), NOW, { busy: 2 }, rules)).toMatchObject({ state: 'expired' });
  });

  test('while calls are paused; everything but dialling goes on', () => {
    const paused = { ...rules, paused: true };
    expect(takeCall(call(), NOW, idle, paused)).toEqual({ lookAt: NOW + 5_000 });
    expect(takeCall(call({ dialBefore: NOW }), NOW, idle, paused)).toMatchObject({ state: 'expired' });
    expect(takeCall(claimed({ dueAt: NOW }), NOW, idle, paused)).toMatchObject({ state: 'uncertain' });
    expect(takeCall(call({ state: 'placed', dueStep: 'check' }), NOW, idle, paused)).toEqual({ dueAt: NOW + READ_LEASE_MS });
  });
});

test('what has ended is forgotten when its time has come', () => {
  const ended = call({ state: 'connected', dueStep: 'forget', dueAt: NOW });
  expect(takeCall(ended, NOW, idle, rules)).toEqual({ forget: true });
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
    expect(change).toMatchObject({ state: 'uncertain', dueStep: 'reconcile', placedAt: NOW, dueAt: NOW + 20_000, heldUntil: NOW + 90_000 });
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
        expect(current).toMatchObject({ state: 'connected', step: 'agent_answered' });
      }),
    );
  });

  test.each([
    [['agent_ringing'], undefined],
    [['agent_ringing', 'agent_answered'], 'visitor'],
  ] as const)('who missed a call does not hang on the order of its news: %s', (steps, missedBy) => {
    const news = [
      ...steps.map((step) => ({ kind: 'step', step }) as const),
      { kind: 'end', end: 'missed', fault: 'not_answered' } as const,
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray([...news, ...news], { minLength: news.length * 2, maxLength: news.length * 2 }), (order) => {
        let current = call({ state: 'placed', dueStep: 'check' });
        for (const item of order) current = { ...current, ...heedNews(current, item, NOW, rules) };
        expect(current).toMatchObject({ state: 'missed', step: steps.at(-1), dueStep: 'forget' });
        expect(whoMissed(current)).toBe(missedBy);
      }),
    );
  });
});

describe('a call that is unclear', () => {
  const NOTHING: Reading = { kind: 'read', by: portal, found: { kind: 'nothing' } };
  const UNREAD: Reading = { kind: 'unread' };
  const UNREADABLE: Reading = { kind: 'unreadable' };
  const unclear = { ...claimed(), ...settleOutcome(claimed(), { kind: 'uncertain', fault }, portal, NOW, rules) } as Call;
  const SCHEDULE = [20_000, 60_000, 180_000, 600_000, 1_800_000, 3_600_000];

  test.each([
    ['without a trace', NOTHING],
    ['with nobody who could tell', UNREADABLE],
  ])('is looked for at 20 s, 60 s, 3, 10, 30 and 60 min and then given up: %s', (_, reading) => {
    const times: number[] = [];
    let current = unclear;
    while (current.state === 'uncertain') {
      const now = current.dueAt ?? 0;
      times.push(now - NOW);
      current = { ...current, ...settleFound(current, reading, now, rules) };
    }
    expect(times).toEqual(SCHEDULE);
    expect(current).toMatchObject({ state: 'abandoned', endedAt: NOW + 3_600_000, dueStep: 'forget' });
    // What was set aside for it stays so: somebody may have been rung.
    expect(current).not.toHaveProperty('cost');
  });

  test('reaches the company after a minute, and whenever it is looked for later', () => {
    const leadsAt = (afterMs: number) => settleFound(unclear, UNREAD, NOW + afterMs, rules)?.leads;
    expect(leadsAt(20_000)).toBeUndefined();
    expect(leadsAt(59_999)).toBeUndefined();
    expect(leadsAt(60_000)).toEqual(['crm']);
    expect(leadsAt(75_000)).toEqual(['crm']);
    expect(leadsAt(3_600_000)).toEqual(['crm']);
  });

  test('a reading that took long is followed by the next one that is still ahead', () => {
    expect(settleFound(unclear, NOTHING, NOW + 70_000, rules)).toMatchObject({ dueAt: NOW + 180_000 });
    // A relay that was down for hours has looked once more before it gives up.
    expect(settleFound(unclear, NOTHING, NOW + 9_000_000, rules)).toMatchObject({ state: 'abandoned' });
  });

  test('is as it was found', () => {
    const found = (news: EndNews) =>
      settleFound(unclear, { kind: 'read', by: portal, found: { kind: 'ended', ref: 'callback.1', news } }, NOW + 20_000, rules);
    expect(found({ kind: 'end', end: 'connected', talkedMs: 61_000, cost: { amount: 7.2, currency: 'EUR' } })).toEqual({
      provider: 'bitrix24',
      providerRef: 'callback.1',
      state: 'connected',
      fault: undefined,
      talkedMs: 61_000,
      charged: 8,
      currency: 'EUR',
      cost: 8,
      heldUntil: NOW + 80_000,
      endedAt: NOW + 20_000,
      dueStep: 'forget',
      dueAt: NOW + 20_000 + RETENTION_MS,
    });
    expect(found({ kind: 'end', end: 'missed', fault: 'busy' })).toMatchObject({ state: 'missed', fault: 'busy', leads: ['crm'] });
  });

  test('that goes on is a started one, and the first trouble is forgotten', () => {
    const change = settleFound(unclear, { kind: 'read', by: portal, found: { kind: 'running', ref: 'x.1' } }, NOW + 20_000, rules);
    expect(change).toMatchObject({ state: 'placed', fault: undefined, providerRef: 'x.1', placedAt: NOW + 20_000, dueStep: 'check' });
  });

  test('was begun between its acceptance and a minute after the relay gave up, give or take half a minute', () => {
    expect(beginningOf(unclear)).toEqual({ from: NOW - 31_000, until: NOW + 90_000 });
    // The number is held that long, so that nobody else's call lies in between.
    expect(unclear.heldUntil).toBe(NOW + 90_000);
    const lapsedLate = { ...claimed(), ...takeCall(claimed({ dueAt: NOW }), NOW + 9_000_000, idle, rules) } as Call;
    expect(beginningOf(lapsedLate).until).toBe(lapsedLate.dialBefore + LEASE_MS + 90_000);
    expect(beginningOf(call({ scheduledFor: NOW + 500_000, dialBefore: NOW + 800_000 })).from).toBe(NOW + 470_000);
  });
});

describe('a call that was started', () => {
  const silent = { name: 'pbx', reportsEvents: false };
  const startedBy = (provider: typeof portal & { cannotFind?: string }) =>
    ({ ...claimed(), ...settleOutcome(claimed(), { kind: 'placed', ref: 'x.1' }, provider, NOW, rules) }) as Call;

  function lookUntilTheEnd(provider: typeof portal & { cannotFind?: string }, found?: Found) {
    const reading: Reading = found === undefined ? { kind: 'unreadable' } : { kind: 'read', by: provider, found };
    const times: number[] = [];
    let current = startedBy(provider);
    while (current.state === 'placed') {
      const now = current.dueAt ?? 0;
      times.push((now - NOW) / 1_000);
      current = { ...current, ...settleFound(current, reading, now, rules) };
    }
    return { times, current };
  }

  test.each([
    ['only in case that an event got lost', portal, [90, 180, 300, 480, 720, 960, 1_200]],
    [
      'as often as somebody may wait for its line, where no events come',
      silent,
      [45, 75, 105, 150, 210, 270, 330, 420, 540, 660, 900, 1_200],
    ],
  ])('is looked for %s, and ever more seldom; then nobody will ever know, and the company is told', (_, provider, schedule) => {
    const { times, current } = lookUntilTheEnd(provider, { kind: 'nothing' });
    expect(times).toEqual(schedule);
    expect(current).toMatchObject({ state: 'ended_unknown', leads: ['crm'], dueStep: 'forget' });
  });

  test('by a provider that has no records just ends after 20 minutes without news', () => {
    const { times, current } = lookUntilTheEnd({ ...portal, cannotFind: 'It keeps no records.' });
    expect(times).toEqual([1_200]);
    expect(current).toMatchObject({ state: 'ended_unknown', leads: ['crm'] });
  });

  test('without events holds the line while readings find no end, and no longer than a call may last', () => {
    let current = startedBy(silent);
    expect(current.heldUntil).toBe(NOW + 60_000);
    const held: number[] = [];
    for (const afterMs of [45_000, 75_000, 105_000, 540_000, 660_000, 900_000]) {
      const reading: Reading = { kind: 'read', by: silent, found: { kind: 'nothing' } };
      current = { ...current, ...settleFound(current, reading, NOW + afterMs, rules) };
      held.push((current.heldUntil - NOW) / 1_000);
    }
    expect(held).toEqual([90, 120, 165, 660, 660, 660]);
  });

  test('without events and without readings holds nobody up', () => {
    expect(settleFound(startedBy(silent), { kind: 'unread' }, NOW + 45_000, rules)).toEqual({ dueAt: NOW + 90_000 });
  });

  test('ends when its records could not be read for six hours past the schedule, and the company is told long before', () => {
    // The relay was down for three days.
    const backAt = NOW + 3 * 86_400_000;
    let current: Call = { ...startedBy(portal), dueAt: backAt };
    const tries: { afterMs: number; isTold: boolean }[] = [];
    while (current.state === 'placed') {
      const now = current.dueAt ?? 0;
      const change = settleFound(current, { kind: 'unread' }, now, rules);
      tries.push({ afterMs: now - backAt, isTold: change?.leads !== undefined });
      current = { ...current, ...change };
    }
    expect(tries.slice(0, 4)).toEqual([
      { afterMs: 0, isTold: false },
      { afterMs: 60_000, isTold: true },
      { afterMs: 120_000, isTold: true },
      { afterMs: 240_000, isTold: true },
    ]);
    expect(tries.length).toBeLessThan(25);
    expect(current).toMatchObject({ state: 'ended_unknown', leads: ['crm'], dueStep: 'forget' });
    expect((current.endedAt ?? 0) - backAt).toBeGreaterThanOrEqual(6 * 3_600_000);
    expect((current.endedAt ?? 0) - backAt).toBeLessThan(7 * 3_600_000);
  });

  test('a question that had no turn is put again soon, and uses up no place in the schedule', () => {
    const next = (afterMs: number) => settleFound(startedBy(portal), { kind: 'no_turn' }, NOW + afterMs, rules);
    expect(next(95_000)).toEqual({ dueAt: NOW + 100_000 });
    expect(next(178_000)).toEqual({ dueAt: NOW + 180_000 });
    expect(next(1_500_000)).toEqual({ unreadSince: NOW + 1_500_000, dueAt: NOW + 1_505_000 });
  });

  test('that goes on after all is not one whose end is missing', () => {
    const unclear = { ...startedBy(portal), state: 'uncertain', unreadSince: NOW } as const;
    expect(heedNews(unclear, { kind: 'step', step: 'agent_ringing' }, NOW, rules)).toMatchObject({ unreadSince: undefined });
  });

  test('frees line and number with its end', () => {
    const over: Reading = {
      kind: 'read',
      by: silent,
      found: { kind: 'ended', ref: 'x.1', news: { kind: 'end', end: 'missed', fault: 'not_answered' } },
    };
    expect(settleFound(startedBy(silent), over, NOW + 45_000, rules)).toMatchObject({ state: 'missed', heldUntil: NOW + 105_000 });
  });

  test('goes on without being told so twice', () => {
    const running: Reading = { kind: 'read', by: portal, found: { kind: 'running', ref: 'x.1' } };
    const change = settleFound(startedBy(portal), running, NOW + 45_000, rules);
    expect(change).toEqual({ dueAt: NOW + 90_000, heldUntil: NOW + 660_000 });
  });
});

describe('what is known already', () => {
  test.each(CALL_STATES.filter(isEndState))('a reading never touches a call that is %s', (state) => {
    const over: Reading = { kind: 'read', by: portal, found: { kind: 'ended', ref: 'x.1', news: { kind: 'end', end: 'connected' } } };
    for (const reading of [over, { kind: 'unread' } as const]) {
      expect(settleFound(call({ state }), reading, NOW, rules)).toBeUndefined();
    }
  });

  test('an answer without an id does not take back what an event has told', () => {
    expect(settleOutcome(claimed({ providerRef: 'x.1' }), { kind: 'placed', ref: undefined }, portal, NOW, rules)).not.toHaveProperty(
      'providerRef',
    );
    expect(settleOutcome(claimed({ providerRef: 'x.1' }), { kind: 'placed', ref: 'x.2' }, portal, NOW, rules)).toMatchObject({
      providerRef: 'x.2',
    });
  });

  test('an id is learnt once', () => {
    expect(learnRef(call({ state: 'uncertain' }), 'pbx', 'x.1')).toEqual({ provider: 'pbx', providerRef: 'x.1' });
    expect(learnRef(call({ state: 'placed', providerRef: 'x.0' }), 'pbx', 'x.1')).toEqual({});
    expect(learnRef(call({ state: 'missed' }), 'pbx', 'x.1')).toEqual({});
  });
});

test.each([
  ['agent_ringing', 'not_answered', undefined],
  ['agent_ringing', 'declined', undefined],
  ['agent_answered', 'not_answered', 'visitor'],
  ['agent_answered', 'busy', 'visitor'],
  ['visitor_ringing', 'temporarily_unavailable', 'visitor'],
  ['agent_answered', 'cancelled', undefined],
  ['agent_ringing', 'funds_missing', undefined],
  ['agent_answered', undefined, undefined],
  [undefined, 'not_answered', undefined],
  [undefined, 'agent_not_answered', 'agent'],
] as const)('missed after %s with %s: it was %s who let it ring', (step, reason, who) => {
  expect(whoMissed({ state: 'missed', step, fault: reason })).toBe(who);
  expect(whoMissed({ state: 'connected', step, fault: reason })).toBeUndefined();
});

test('no decision ever leaves the allowed moves, every open call stays due, and no lost customer goes unmentioned', () => {
  const outcomes = fc.constantFrom<Outcome>(
    { kind: 'placed', ref: undefined },
    { kind: 'refused', fault },
    { kind: 'uncertain', fault },
    { kind: 'not_sent', fault },
  );
  const readings = fc.constantFrom<Reading>(
    { kind: 'unread' },
    { kind: 'no_turn' },
    { kind: 'unreadable' },
    { kind: 'read', by: portal, found: { kind: 'nothing' } },
    { kind: 'read', by: portal, found: { kind: 'running', ref: 'x.1' } },
    { kind: 'read', by: portal, found: { kind: 'ended', ref: 'x.1', news: { kind: 'end', end: 'connected' } } },
  );
  const dueStepOf: Partial<Record<CallState, Call['dueStep']>> = { uncertain: 'reconcile', placed: 'check' };
  fc.assert(
    fc.property(
      fc.constantFrom(...CALL_STATES),
      outcomes,
      fc.integer({ min: 0, max: 4 }),
      fc.integer(),
      readings,
      (state, outcome, attempts, skew, reading) => {
        const start = call({ state, attempts, placedAt: NOW, dueStep: dueStepOf[state] ?? 'dial', dialBefore: NOW + (skew % 200_000) });
        const changes = [
          isEndState(state) ? undefined : takeCall(start, NOW, idle, rules),
          state === 'dialing' ? settleOutcome(start, outcome, portal, NOW, rules) : undefined,
          cancelCall(start, NOW, rules),
          heedNews(start, { kind: 'step', step: 'agent_ringing' }, NOW, rules),
          heedNews(start, { kind: 'end', end: 'missed' }, NOW, rules),
          settleFound(start, reading, NOW + Math.abs(skew % 5_000_000), rules),
        ];
        for (const change of changes) {
          if (change === undefined) continue;
          const after = { ...start, ...change };
          if (after.state !== state) expect(MOVES[state]).toContain(after.state);
          expect(after.dueAt).toBeTypeOf('number');
          if (isEndState(state)) expect(change).toEqual({ step: 'agent_ringing' });
          if (!isEndState(after.state) || isEndState(state)) continue;
          expect(after).toMatchObject({ dueStep: 'forget', endedAt: expect.any(Number) });
          expect(change.leads).toEqual(after.state === 'connected' || after.state === 'cancelled' ? undefined : ['crm']);
        }
      },
    ),
    { numRuns: 2_000 },
  );
});
