/** Everything that somebody who does not want to work might send instead. */
import { createChallenge } from 'altcha-lib';
import { deriveKey } from 'altcha-lib/algorithms/web/pbkdf2';
import * as fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { fakeClock } from '../simulators/fake-clock.ts';
import { type PowChallenge, solvePow, writePow } from '../simulators/solve-pow.ts';
import { type PowLevel, powProver } from './proof-pow.ts';
import { POW_ALGORITHM, type PowProof } from './proof-pow-text.ts';

const SECRET = new Uint8Array(32).fill(7);
const REQUEST = { site: 'shop', address: undefined };
const FAILED = { kind: 'failed' };
const clock = fakeClock();
const prover = powProver({ secret: SECRET, clock, cost: 2 });

async function ask(level: PowLevel, from = prover): Promise<PowChallenge> {
  const challenge = await from.challenge(REQUEST, level);
  if (challenge?.kind !== 'pow') throw new Error('no challenge');
  return challenge;
}

const check = (proof: unknown) => prover.check(writePow(proof), REQUEST);

let easy: PowProof;
let hard: PowProof;
beforeAll(async () => {
  easy = await solvePow(await ask(1));
  hard = await solvePow(await ask(3));
  expect(await check(easy)).toMatchObject({ kind: 'proved', level: 1 });
  expect(await check(hard)).toMatchObject({ kind: 'proved', level: 3 });
});

/** Where every field of a proof lies, objects included. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

/** A copy with the place at `path` replaced; undefined removes it. */
function place(value: unknown, [key, ...rest]: readonly string[], replacement: unknown): unknown {
  if (key === undefined) return replacement;
  const entries = Object.entries(value as object);
  return Object.fromEntries(entries.map(([name, inner]) => [name, name === key ? place(inner, rest, replacement) : inner]));
}

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce((inner, key) => (inner as Record<string, unknown>)[key], value);

test('every field replaced by anything else', async () => {
  const paths = pathsOf(easy);
  expect(paths).toHaveLength(20);
  const anything = fc.oneof(fc.jsonValue(), fc.integer(), fc.stringMatching(/^[0-9a-f]{32}$/), fc.stringMatching(/^[0-9a-f]{64}$/));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), anything, async (path, replacement) => {
      fc.pre(JSON.stringify(at(easy, path)) !== JSON.stringify(replacement));
      expect(await check(place(easy, path, replacement))).toEqual(FAILED);
    }),
    { numRuns: 1_500 },
  );
});

test('every field left out, and in capitals', async () => {
  for (const path of pathsOf(easy)) {
    expect(await check(place(easy, path, undefined) ?? null)).toEqual(FAILED);
    const value = at(easy, path);
    if (typeof value !== 'string' || value === value.toUpperCase()) continue;
    expect(await check(place(easy, path, value.toUpperCase()))).toEqual(FAILED);
  }
});

test('every digit of every text and number turned into another', async () => {
  const texts = pathsOf(easy).filter((path) => typeof at(easy, path) === 'string');
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...texts), fc.nat(), fc.constantFrom(...'0123456789abcdef'), async (path, seed, digit) => {
      const text = String(at(easy, path));
      const index = seed % text.length;
      const altered = text.slice(0, index) + digit + text.slice(index + 1);
      fc.pre(altered !== text);
      expect(await check(place(easy, path, altered))).toEqual(FAILED);
    }),
    { numRuns: 800 },
  );
});

test('every field taken from another proof, alone and in pairs', async () => {
  const paths = pathsOf(easy).filter((path) => path.length > 0);
  await fc.assert(
    fc.asyncProperty(fc.subarray(paths, { minLength: 1, maxLength: 2 }), async (chosen) => {
      const mixed = chosen.reduce<unknown>((proof, path) => place(proof, path, at(hard, path)), easy);
      const text = JSON.stringify(mixed);
      fc.pre(text !== JSON.stringify(easy) && text !== JSON.stringify(hard));
      expect(await check(mixed)).toEqual(FAILED);
    }),
    { numRuns: 400 },
  );
});

test('further fields anywhere', async () => {
  const objects = pathsOf(easy).filter((path) => typeof at(easy, path) === 'object');
  for (const path of objects) {
    for (const key of ['extra', 'expiresAt', 'memoryCost', 'constructor', 'toString', 'codeChallenge', '']) {
      const widened = Object.fromEntries([...Object.entries(at(easy, path) as object), [key, 1]]);
      expect(await check(place(easy, path, widened))).toEqual(FAILED);
    }
  }
});

test('no work: the key of counter 0, a key made of the prefix, and the prefix itself', async () => {
  const { challenge } = hard;
  const { nonce, salt, keyPrefix, keySignature } = challenge.parameters;
  const password = Buffer.concat([Buffer.from(nonce, 'hex'), Buffer.alloc(4)]);
  const { derivedKey } = await deriveKey(challenge.parameters, Buffer.from(salt, 'hex'), password);
  for (const forged of [
    Buffer.from(derivedKey).toString('hex'),
    keyPrefix + '0'.repeat(32),
    keyPrefix + keyPrefix,
    keySignature,
    keyPrefix,
  ]) {
    for (const counter of [0, 1, hard.solution.counter]) {
      expect(await check({ challenge, solution: { counter, derivedKey: forged } })).toEqual(FAILED);
    }
  }
});

test('the right key beside a wrong counter', async () => {
  const { counter } = easy.solution;
  for (const wrong of [0, counter - 1, counter + 1, counter + 2 ** 32, -counter, counter + 0.5, String(counter), [counter], true]) {
    expect(await check({ ...easy, solution: { ...easy.solution, counter: wrong } })).toEqual(FAILED);
  }
});

test('less work called more', async () => {
  for (const level of [2, 3]) {
    expect(await check(place(easy, ['challenge', 'parameters', 'data', 'level'], level))).toEqual(FAILED);
  }
  const cheap = powProver({ secret: SECRET, clock, cost: 1 });
  const early = await solvePow(await ask(1, cheap));
  expect(await cheap.check(writePow(early), REQUEST)).toMatchObject({ kind: 'proved' });
  expect(await check(early)).toEqual(FAILED);
});

test('for another site, or of another deployment', async () => {
  expect(await prover.check(writePow(easy), { ...REQUEST, site: 'shop-2' })).toEqual(FAILED);
  const stranger = powProver({ secret: new Uint8Array(32).fill(8), clock, cost: 2 });
  expect(await check(await solvePow(await ask(3, stranger)))).toEqual(FAILED);
});

test('a challenge that the attacker made and signed', async () => {
  const data = { ...easy.challenge.parameters.data };
  for (const secret of ['', '0'.repeat(64), Buffer.from(SECRET).toString('hex')]) {
    const own = await createChallenge({
      algorithm: POW_ALGORITHM,
      cost: 2,
      counter: 1,
      data,
      deriveKey,
      ...(secret === '' ? {} : { hmacSignatureSecret: secret, hmacKeySignatureSecret: secret }),
    });
    const password = Buffer.from(`${own.parameters.nonce}00000001`, 'hex');
    const { derivedKey } = await deriveKey(own.parameters, Buffer.from(own.parameters.salt, 'hex'), password);
    expect(await check({ challenge: own, solution: { counter: 1, derivedKey: Buffer.from(derivedKey).toString('hex') } })).toEqual(FAILED);
  }
});

test('one proof a hundred times at once has one nonce, however it is written, so that the store can let one call pass', async () => {
  const { challenge, solution } = easy;
  const spellings = [
    easy,
    { solution: { derivedKey: solution.derivedKey, counter: solution.counter, time: 12.5 }, challenge },
    JSON.stringify(easy, undefined, 1),
  ].map(writePow);
  const checks = await Promise.all(Array.from({ length: 100 }, (_, index) => prover.check(spellings[index % 3] ?? '', REQUEST)));
  expect(checks.every(({ kind }) => kind === 'proved')).toBe(true);
  expect(new Set(checks.map((result) => result.kind === 'proved' && result.nonce))).toEqual(new Set([challenge.parameters.data.id]));
});

test('what is no base64url of JSON at all', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 3_000 }), fc.base64String()), async (text) => {
      expect(await prover.check(text, REQUEST)).toEqual(FAILED);
    }),
    { numRuns: 1_000 },
  );
  const text = writePow(easy);
  const spoiled = ['', text.slice(1), text.slice(0, -1), `${text}=`, ` ${text}`, `${text}\n`, text + text, `${text}\0`, 'A', '____'];
  for (const broken of spoiled) expect(await prover.check(broken, REQUEST)).toEqual(FAILED);
});

test('JSON that is no proof, deep, wide and huge', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue({ maxDepth: 6 }), async (value) => {
      expect(await check(value)).toEqual(FAILED);
    }),
    { numRuns: 500 },
  );
  for (const text of ['['.repeat(1_500), '{"a":'.repeat(300), `${'['.repeat(750)}${']'.repeat(750)}`, 'null', '1e400', '"\\ud800"']) {
    expect(await prover.check(writePow(text), REQUEST)).toEqual(FAILED);
  }
  expect(await prover.check(writePow(JSON.stringify(easy) + ' '.repeat(2_000)), REQUEST)).toEqual(FAILED);
  expect(await prover.check('A'.repeat(10_000_000), REQUEST)).toEqual(FAILED);
});

test('keys that reach for the prototype', async () => {
  const whole = JSON.stringify(easy);
  const inherited = [
    `{"__proto__":${whole}}`,
    `{"challenge":{"__proto__":${JSON.stringify(easy.challenge)}},"solution":${JSON.stringify(easy.solution)}}`,
    whole.replace('"data":{', '"data":{"__proto__":{"level":3},'),
    whole.replace('"parameters":{', '"parameters":{"__proto__":{"polluted":true},'),
    whole.replace('"solution":{', '"solution":{"constructor":{"prototype":{"polluted":true}},'),
  ];
  for (const text of inherited) expect(await prover.check(writePow(text), REQUEST)).toEqual(FAILED);
  expect({}).not.toHaveProperty('polluted');
  expect({}).not.toHaveProperty('level');
});
