import { expect, test } from 'vitest';
import { makeIdempotencyKey } from './idempotency-key.ts';

const V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('uses the platform where it can', () => {
  expect(makeIdempotencyKey({ getRandomValues: crypto.getRandomValues.bind(crypto), randomUUID: () => '1-2-3-4-5' })).toBe('1-2-3-4-5');
});

test('makes a version 4 UUID on pages without a secure context', () => {
  const insecure = { getRandomValues: crypto.getRandomValues.bind(crypto) };
  const keys = Array.from({ length: 200 }, () => makeIdempotencyKey(insecure));
  for (const key of keys) expect(key).toMatch(V4);
  expect(new Set(keys).size).toBe(200);
});

test('sets version and variant whatever the random bytes are', () => {
  const filledWith = (byte: number) => makeIdempotencyKey({ getRandomValues: (array) => (array as unknown as Uint8Array).fill(byte) as never });
  expect(filledWith(0)).toBe('00000000-0000-4000-8000-000000000000');
  expect(filledWith(255)).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
});
