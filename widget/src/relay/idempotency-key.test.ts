import { expect, test } from 'vitest';
import { makeIdempotencyKey } from './idempotency-key.ts';

const V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('is a version 4 UUID and never the same', () => {
  const keys = Array.from({ length: 500 }, () => makeIdempotencyKey());
  for (const key of keys) expect(key).toMatch(V4);
  expect(new Set(keys).size).toBe(500);
});

test('sets version and variant and keeps every other bit', () => {
  const bytes = Uint8Array.from({ length: 16 }, (_, index) => index * 16 + 15 - index);
  expect(makeIdempotencyKey(bytes)).toBe('0f1e2d3c-4b5a-4978-b796-a5b4c3d2e1f0');
  expect(makeIdempotencyKey(new Uint8Array(16))).toBe('00000000-0000-4000-8000-000000000000');
  expect(makeIdempotencyKey(new Uint8Array(16).fill(255))).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
});
