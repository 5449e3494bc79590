import { describe, expect, test } from 'vitest';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { vault } from '../store/vault.ts';
import { acceptGuards, type GuardRequest } from './limits.ts';

const safe = vault(new Uint8Array(32).fill(3));
const guardFor = acceptGuards({ limits: USUAL_LIMITS, budget: { perDay: 1_000, timeZone: 'UTC' }, vault: safe });
const guard = (over: Partial<GuardRequest> = {}) =>
  guardFor({
    site: exampleSite(),
    numberKeys: ['n1'],
    destination: '491512',
    address: '203.0.113.7',
    now: 0,
    strict: false,
    proofs: 'asked',
    ...over,
  });
const maxima = (over: Partial<GuardRequest> = {}) =>
  guard(over).limits.map(({ scope, windows, soft }) => [scope, windows.map(({ max }) => max), (soft ?? []).map(({ max }) => max)]);

describe('what a request counts against', () => {
  test('the number first, everybody last', () => {
    expect(maxima()).toEqual([
      ['number', [2, 3, 5], []],
      ['source', [10, 20], [3]],
      ['source_numbers', [10], [3, 4]],
      ['site', [6, 60, 300], []],
      ['deployment', [30, 300, 1_000], []],
      ['destination', [], []],
    ]);
  });

  test('an IPv6 address counts for its /64, /56 and /48, which may do more', () => {
    expect(maxima({ address: '2001:db8::1' }).slice(1, 7)).toEqual([
      ['source', [10, 20], [3]],
      ['source', [20, 40], [6]],
      ['source', [40, 80], [12]],
      ['source_numbers', [10], [3, 4]],
      ['source_numbers', [20], [6, 8]],
      ['source_numbers', [40], [12, 16]],
    ]);
  });

  test('keys name sources, numbers and sites apart, and are never the thing itself', () => {
    const keys = (over: Partial<GuardRequest>) => new Set(guard(over).limits.map(({ key }) => key));
    const [one, other] = [keys({}), keys({ address: '203.0.113.8', numberKeys: ['n2'], site: exampleSite({ key: 'other' }) })];
    expect([...one].filter((key) => other.has(key))).toEqual([safe.keyOf('deployment', 'all')]);
    expect([...one].join()).not.toMatch(/203\.0|default/);
  });

  test('different numbers are told apart by the key of the number', () => {
    expect(
      guard({ numberKeys: ['n7'] })
        .limits.filter(({ member }) => member === 'n7')
        .map(({ scope }) => scope),
    ).toEqual(['source_numbers']);
  });
});

describe('how numbers begin', () => {
  const shareOf = (over: Partial<GuardRequest>) => guard(over).limits.find(({ scope }) => scope === 'destination');

  test('is counted by its hash among all accepted calls, and asks for the hardest proof where proofs are asked for', () => {
    expect(shareOf({})?.share).toEqual({ last: 50, perMs: 7 * 86_400_000, calls: 10, percent: 40, level: 3 });
    expect(shareOf({})?.key).toBe(safe.keyOf('deployment', 'all'));
    expect(shareOf({})?.member).not.toBe(shareOf({ destination: '491513' })?.member);
    expect(shareOf({})?.member).not.toContain('491512');
    for (const proofs of ['never', 'unverifiable'] as const) expect(shareOf({ proofs })?.share?.level).toBe(0);
  });

  test('is not looked at where it is switched off', () => {
    const { destinations: _, ...limits } = USUAL_LIMITS;
    const off = acceptGuards({ limits, budget: { perDay: 1, timeZone: 'UTC' }, vault: safe });
    const asked = { numberKeys: ['n'], destination: '491512', address: undefined, now: 0, strict: false, proofs: 'asked' } as const;
    expect(off({ site: exampleSite(), ...asked }).limits.map(({ scope }) => scope)).not.toContain('destination');
  });
});

describe('proofs', () => {
  test('a site that never asks has no soft limits', () => {
    expect(maxima({ proofs: 'never' }).map(([, , soft]) => soft)).toEqual([[], [], [], [], [], []]);
    expect(guard({ proofs: 'never' }).proofFloor).toBe(0);
  });

  test('a site that always asks has a floor', () => {
    const always = exampleSite({ proof: { mode: 'always', prover: { kind: 'pow' } } });
    expect(guard({ site: always }).proofFloor).toBe(1);
    expect(guard().proofFloor).toBe(0);
  });

  test('while the verifier is away everything goes on at a quarter, and nothing at none', () => {
    expect(maxima({ proofs: 'unverifiable' })).toEqual([
      ['number', [1, 1, 1], []],
      ['source', [2, 5], []],
      ['source_numbers', [2], []],
      ['site', [1, 15, 75], []],
      ['deployment', [7, 75, 250], []],
      ['destination', [], []],
    ]);
  });
});

test('a strict way in leaves its sources half, and nobody else less', () => {
  expect(maxima({ strict: true })).toEqual([
    ['number', [2, 3, 5], []],
    ['source', [5, 10], [1]],
    ['source_numbers', [5], [1, 2]],
    ['site', [6, 60, 300], []],
    ['deployment', [30, 300, 1_000], []],
    ['destination', [], []],
  ]);
});

test('a limit of nothing stays one of nothing', () => {
  const closed = acceptGuards({
    limits: { ...USUAL_LIMITS, site: [{ max: 0, perMs: 1_000 }] },
    budget: { perDay: 1, timeZone: 'UTC' },
    vault: safe,
  });
  const { limits } = closed({
    site: exampleSite(),
    numberKeys: ['n'],
    destination: '491512',
    address: undefined,
    now: 0,
    strict: true,
    proofs: 'unverifiable',
  });
  expect(limits.find(({ scope }) => scope === 'site')?.windows).toEqual([{ max: 0, perMs: 1_000 }]);
});
