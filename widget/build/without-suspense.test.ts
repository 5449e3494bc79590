import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { cutSuspense } from './without-suspense.ts';

const PREACT = readFileSync(fileURLToPath(import.meta.resolve('preact')), 'utf8');

test('nothing of an interrupted render is left, neither set nor read', () => {
  expect(PREACT).toMatch(/\.then\b/);
  expect(PREACT).toMatch(/__z\b/);
  expect(cutSuspense(PREACT)).not.toMatch(/\.then\b|__z\b|128/);
});

test('another Preact than was looked at is refused', () => {
  expect(() => cutSuspense(PREACT.replace('128&u.__u', '64&u.__u'))).toThrow('Preact has changed');
  expect(() => cutSuspense(cutSuspense(PREACT))).toThrow('Preact has changed');
});
