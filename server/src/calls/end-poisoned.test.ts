import { expect, test } from 'vitest';
import { exampleSite } from '../simulators/example-site.ts';
import type { Call } from '../store/call.ts';
import { endPoisoned } from './end-poisoned.ts';

const NOW = 1_767_603_600_000;
const DAY_MS = 86_400_000;
const sites = new Map([['shop', exampleSite({ key: 'shop', retentionMs: 7 * DAY_MS, channels: ['desk'] })]]);
const call = (changes: Partial<Call>) => ({ id: 'one', site: 'shop', endedAt: undefined, dueStep: undefined, ...changes }) as Call;

test('a call that has ended and was only looked at once more keeps its number for its retention, as its lead may still wait', () => {
  const missed = call({ state: 'missed', endedAt: NOW - DAY_MS, dueStep: 'check' });
  expect(endPoisoned(missed, NOW, { sites })).toEqual({ dueStep: 'forget', dueAt: NOW + 6 * DAY_MS });
  expect(endPoisoned({ ...missed, site: 'gone' }, NOW, { sites })).toEqual({ dueStep: 'forget', dueAt: NOW + 29 * DAY_MS });
});

test('one that stumbles over being forgotten is forgotten', () => {
  expect(endPoisoned(call({ state: 'missed', endedAt: NOW, dueStep: 'forget' }), NOW, { sites })).toEqual({ forget: true });
});

test('what may have rung is looked for, and what was never claimed has expired', () => {
  expect(endPoisoned(call({ state: 'dialing', dueStep: 'dial' }), NOW, { sites })).toMatchObject({
    state: 'uncertain',
    dueStep: 'reconcile',
  });
  expect(endPoisoned(call({ state: 'accepted', dueStep: 'dial' }), NOW, { sites })).toMatchObject({
    state: 'expired',
    cost: 0,
    leads: ['desk'],
  });
});
