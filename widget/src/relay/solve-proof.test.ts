import { afterEach, expect, test, vi } from 'vitest';
import { type PowLevel, powProver } from '../../../server/src/admission/proof-pow.ts';
import { solveProof } from './solve-proof.ts';

const REQUEST = { site: 'shop', address: undefined };

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const prover = powProver({ secret: new Uint8Array(32).fill(7), clock: { now: () => 1_000_000, after: () => () => {} }, cost: 1 });

async function ask(level: PowLevel) {
  const challenge = await prover.challenge(REQUEST, level);
  if (challenge?.kind !== 'pow') throw new Error('no challenge');
  // As it comes over the wire.
  return JSON.parse(JSON.stringify(challenge)) as typeof challenge;
}

const unbroken = () => ({ signal: new AbortController().signal });

test.each([1, 2, 3] as const)('what it finds, the relay takes: level %i', async (level) => {
  const proof = await solveProof(await ask(level), unbroken());
  expect(proof).toMatch(/^[\w-]{700,2048}$/);
  expect(await prover.check(proof, REQUEST)).toMatchObject({ kind: 'proved', level });
});

test('eight keys at once and no more, and each counter once', async () => {
  const challenge = await ask(1);
  const { subtle } = crypto;
  const derive = subtle.deriveBits.bind(subtle);
  let underWay = 0;
  let most = 0;
  vi.spyOn(subtle, 'deriveBits').mockImplementation(async (...args) => {
    underWay += 1;
    most = Math.max(most, underWay);
    const bits = await derive(...args);
    underWay -= 1;
    return bits;
  });
  const passwords: string[] = [];
  const importKey = vi.spyOn(subtle, 'importKey');
  await solveProof(challenge, unbroken());
  for (const [, password] of importKey.mock.calls) passwords.push(String(password));
  expect(most).toBe(8);
  expect(new Set(passwords).size).toBe(passwords.length);
});

test('called off before and on the way, it stops working', async () => {
  const derive = vi.spyOn(crypto.subtle, 'deriveBits');
  await expect(solveProof(await ask(3), { signal: AbortSignal.abort(new Error('closed')) })).rejects.toThrow('closed');
  const before = derive.mock.calls.length;
  const endless = await ask(3);
  const controller = new AbortController();
  const solving = solveProof({ ...endless, parameters: { ...endless.parameters, keyPrefix: 'x' } }, controller);
  await vi.waitUntil(() => derive.mock.calls.length > before + 20);
  controller.abort(new Error('left'));
  await expect(solving).rejects.toThrow('left');
  // What was under way may end; nothing new begins.
  const started = derive.mock.calls.length;
  await ask(1);
  expect(derive.mock.calls.length).toBeLessThanOrEqual(started + 1);
});

test('a page without crypto.subtle is told so', async () => {
  const challenge = await ask(1);
  vi.stubGlobal('crypto', { getRandomValues: () => {} });
  await expect(solveProof(challenge, unbroken())).rejects.toThrow('https');
});

test('a check that is hosted elsewhere cannot be done here', async () => {
  await expect(solveProof({ kind: 'siteverify', vendor: 'v', siteKey: 'k' }, unbroken())).rejects.toThrow();
});

test('a challenge without a solution ends', async () => {
  vi.spyOn(crypto.subtle, 'importKey').mockResolvedValue({} as CryptoKey);
  vi.spyOn(crypto.subtle, 'deriveBits').mockResolvedValue(new ArrayBuffer(32));
  const challenge = {
    kind: 'pow',
    parameters: { nonce: '00', salt: '00', cost: 1, keyLength: 32, keyPrefix: 'ff' },
    signature: '',
  } as const;
  await expect(solveProof(challenge, unbroken())).rejects.toThrow('No solution');
});
