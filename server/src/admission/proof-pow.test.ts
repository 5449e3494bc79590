import { afterEach, expect, test, vi } from 'vitest';
import { fakeClock } from '../simulators/fake-clock.ts';
import { type PowChallenge, solvePow, writePow } from '../simulators/solve-pow.ts';
import type { ProofRequest } from './proof.ts';
import { CHALLENGE_LIFE_MS, MAX_COUNTERS, type PowLevel, type PowProverOptions, powProver } from './proof-pow.ts';

const SECRET = new Uint8Array(32).fill(7);
const REQUEST: ProofRequest = { site: 'shop', address: '203.0.113.7' };

afterEach(() => vi.restoreAllMocks());

function setUp(options: Pick<PowProverOptions, 'cost' | 'mayIssue'> = { cost: 1 }) {
  const clock = fakeClock();
  const prover = powProver({ secret: SECRET, clock, ...options });
  const ask = async (level: PowLevel, request = REQUEST): Promise<PowChallenge> => {
    const challenge = await prover.challenge(request, level);
    if (challenge?.kind !== 'pow') throw new Error('no challenge');
    return challenge;
  };
  return { clock, prover, ask };
}

test.each([1, 2, 3] as const)('level %i is solved, and its level and end are the signed ones', async (level) => {
  const { clock, prover, ask } = setUp();
  const proof = await solvePow(await ask(level));
  expect(proof.solution.counter).toBeGreaterThanOrEqual(1);
  expect(proof.solution.counter).toBeLessThanOrEqual(MAX_COUNTERS[level]);
  expect(await prover.check(writePow(proof), REQUEST)).toEqual({
    kind: 'proved',
    nonce: proof.challenge.parameters.data.id,
    expiresAt: clock.now() + CHALLENGE_LIFE_MS,
    level,
  });
});

test('each level asks for four times the work of the one before', async () => {
  expect(MAX_COUNTERS[2] / MAX_COUNTERS[1]).toBe(4);
  expect(MAX_COUNTERS[3] / MAX_COUNTERS[1]).toBe(16);
  const { ask } = setUp();
  const counters = await Promise.all(Array.from({ length: 6 }, async () => (await solvePow(await ask(3))).solution.counter));
  // Chance puts all six into the first sixteenth once in sixteen million runs.
  expect(Math.max(...counters)).toBeGreaterThan(MAX_COUNTERS[1]);
  expect(new Set(counters).size).toBeGreaterThan(3);
});

test('what a challenge says: the format, the usual cost, whom it binds, and nothing of who asked', async () => {
  const { clock, ask } = setUp({});
  const { parameters, signature } = await ask(2);
  expect(parameters).toEqual({
    algorithm: 'PBKDF2/SHA-256',
    cost: 5_000,
    keyLength: 32,
    nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
    salt: expect.stringMatching(/^[0-9a-f]{32}$/),
    keyPrefix: expect.stringMatching(/^[0-9a-f]{32}$/),
    keySignature: expect.stringMatching(/^[0-9a-f]{64}$/),
    data: {
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      site: 'shop',
      action: 'callback',
      level: 2,
      expiresAt: clock.now() + CHALLENGE_LIFE_MS,
    },
  });
  expect(signature).toMatch(/^[0-9a-f]{64}$/);
});

test('no two challenges are alike, and level 0 has none', async () => {
  const { prover, ask } = setUp();
  const challenges = await Promise.all(Array.from({ length: 50 }, () => ask(1)));
  expect(new Set(challenges.map(({ parameters }) => parameters.nonce)).size).toBe(50);
  expect(await prover.challenge(REQUEST, 0)).toBeUndefined();
});

test('another relay of the deployment reads it', async () => {
  const { clock, ask } = setUp();
  const other = powProver({ secret: SECRET.slice(), clock, cost: 1 });
  expect(await other.check(writePow(await solvePow(await ask(1))), { site: 'shop', address: undefined })).toMatchObject({ kind: 'proved' });
});

test('the longest site key leaves the proof inside the contract', async () => {
  const site = 'x'.repeat(64);
  const { prover, ask } = setUp({});
  const text = writePow(await solvePow(await ask(1, { ...REQUEST, site })));
  expect(text.length).toBeLessThanOrEqual(2_048);
  expect(await prover.check(text, { ...REQUEST, site })).toMatchObject({ kind: 'proved' });
});

test('refused challenges cost nothing', async () => {
  const derive = vi.spyOn(crypto.subtle, 'deriveBits');
  const { prover, ask } = setUp({ cost: 1, mayIssue: ({ address }) => address === '203.0.113.7' });
  expect(await prover.challenge({ ...REQUEST, address: '203.0.113.8' }, 1)).toBeUndefined();
  expect(derive).not.toHaveBeenCalled();
  await ask(1);
  expect(derive).toHaveBeenCalledTimes(1);
});

test('a check never derives a key, whatever it is given', async () => {
  const { prover, ask } = setUp();
  const { challenge, solution } = await solvePow(await ask(1));
  const { keySignature: _, ...unsigned } = challenge.parameters;
  const forged = { ...solution, derivedKey: '0'.repeat(64) };
  const derive = vi.spyOn(crypto.subtle, 'deriveBits');
  for (const proof of [
    { challenge, solution },
    { challenge, solution: forged },
    { challenge: { ...challenge, parameters: unsigned }, solution },
    { challenge: { ...challenge, parameters: { ...challenge.parameters, cost: 10_000_000 } }, solution },
  ]) {
    await prover.check(writePow(proof), REQUEST);
  }
  expect(derive).not.toHaveBeenCalled();
});

test('it ends to the millisecond', async () => {
  const { clock, prover, ask } = setUp();
  const text = writePow(await solvePow(await ask(1)));
  await clock.advance(CHALLENGE_LIFE_MS - 1);
  expect(await prover.check(text, REQUEST)).toMatchObject({ kind: 'proved' });
  await clock.advance(1);
  expect(await prover.check(text, REQUEST)).toEqual({ kind: 'failed' });
});
