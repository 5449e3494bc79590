import { expect, test } from 'vitest';
import { problemOf } from '../providers/bitrix24/bitrix24-faults.ts';
import { CALL_STATES, type Call, isEndState } from '../store/call.ts';
import { viewCall } from './view-call.ts';

const NOW = 1_800_000_000_000;
const base = { id: 'c1', acceptedAt: NOW, dialBefore: NOW + 120_000, step: undefined, fault: undefined, placedAt: undefined } as Call;
const view = (changes: Partial<Call>, now = NOW) =>
  viewCall({ ...base, ...changes }, now, (fault) => (fault === 'bad_number' ? 'number_invalid' : undefined));

test.each(CALL_STATES)('%s is final exactly when nothing can follow, and then is not to be asked for again', (state) => {
  const { final, pollAfterMs } = view({ state });
  expect(final).toBe(isEndState(state));
  expect(pollAfterMs === 0).toBe(final);
});

test('a claim is not yet a call: the visitor is still waiting', () => {
  expect(view({ state: 'dialing' }).state).toBe('waiting');
});

test('an unclear dial promises nothing', () => {
  expect(view({ state: 'uncertain', step: 'agent_ringing' })).toMatchObject({ state: 'waiting' });
  expect(view({ state: 'uncertain', step: 'agent_ringing' })).not.toHaveProperty('step');
});

test('a step shows only where it was reported', () => {
  expect(view({ state: 'placed' })).not.toHaveProperty('step');
  expect(view({ state: 'placed', step: 'agent_answered' })).toMatchObject({ state: 'calling', step: 'agent_answered' });
});

test('a failure says no more than a visitor may know', () => {
  expect(view({ state: 'refused', fault: 'bad_number' })).toMatchObject({ state: 'failed', problem: 'number_invalid' });
  expect(view({ state: 'refused', fault: 'line_unknown' })).toMatchObject({ state: 'failed', problem: 'unavailable' });
  expect(view({ state: 'expired' })).toMatchObject({ state: 'failed', problem: 'unavailable' });
});

test.each([undefined, 'not_answered', 'agent_not_answered', 'temporarily_unavailable', 'busy', 'declined', 'cancelled', 'no_conversation'])(
  'a call that rang in vain was missed: %s',
  (fault) => {
    expect(view({ state: 'missed', fault })).toEqual({ id: 'c1', state: 'missed', pollAfterMs: 0, final: true });
  },
);

test.each([
  ['funds_missing', 'unavailable'],
  ['call_forbidden', 'unavailable'],
  ['number_blocked', 'unavailable'],
  ['direction_unavailable', 'unavailable'],
  ['ended_otherwise', 'unavailable'],
  ['number_not_found', 'number_invalid'],
  ['number_incomplete', 'number_invalid'],
] as const)('a call that did not come about has failed, whatever it is kept as: %s', (fault, problem) => {
  const told = viewCall({ ...base, state: 'missed', fault }, NOW, problemOf);
  expect(told).toEqual({ id: 'c1', state: 'failed', problem, pollAfterMs: 0, final: true });
});

test('of an end that nobody knows nothing is claimed', () => {
  expect(view({ state: 'ended_unknown' })).toEqual({ id: 'c1', state: 'done', unconfirmed: true, pollAfterMs: 0, final: true });
  expect(view({ state: 'abandoned', fault: 'bad_number' })).toEqual({
    id: 'c1',
    state: 'failed',
    unconfirmed: true,
    pollAfterMs: 0,
    final: true,
  });
});

test('asks become rarer while nothing changes', () => {
  const ages = [0, 15_000, 300_000, 1_200_000].map((age) => view({ state: 'placed', placedAt: NOW }, NOW + age).pollAfterMs);
  expect(ages).toEqual([1_000, 2_000, 10_000, 30_000]);
});

test('a slot far ahead is asked for seldom, a near one often, and none is slept through', () => {
  const scheduledFor = NOW + 86_400_000;
  const left = [86_400_000, 600_000, 60_000, 5_000, 0, -20_000].map(
    (leftMs) => view({ state: 'scheduled', scheduledFor }, scheduledFor - leftMs).pollAfterMs,
  );
  expect(left).toEqual([300_000, 300_000, 30_000, 2_500, 2_000, 2_000]);
  expect(view({ state: 'scheduled', scheduledFor }).dueAt).toBe(new Date(scheduledFor).toISOString());
});

test('a slot that has come is followed as closely as a call that was asked for just now', () => {
  const scheduledFor = NOW + 86_400_000;
  for (const state of ['accepted', 'dialing'] as const) expect(view({ state, scheduledFor }, scheduledFor + 3_000).pollAfterMs).toBe(1_000);
});
