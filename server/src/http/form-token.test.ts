import fc from 'fast-check';
import { expect, test } from 'vitest';
import { vault } from '../store/vault.ts';
import { FORM_TOKEN_LIFE_MS, FORM_TOKEN_MIN_AGE_MS, issueFormToken, readFormToken } from './form-token.ts';

const NOW = Date.UTC(2026, 0, 5, 9);
const ours = vault(new Uint8Array(32).fill(9));
const read = (token: string, { site = 'default', ageMs = 60_000 } = {}) => readFormToken(token, site, NOW + ageMs, ours);

test('is valid between two seconds and two hours', () => {
  const token = issueFormToken('default', NOW, ours);
  const kindAt = (ageMs: number) => read(token, { ageMs }).kind;
  expect(kindAt(0)).toBe('too_young');
  expect(kindAt(FORM_TOKEN_MIN_AGE_MS - 1)).toBe('too_young');
  expect(kindAt(FORM_TOKEN_MIN_AGE_MS)).toBe('valid');
  expect(kindAt(FORM_TOKEN_LIFE_MS - 1)).toBe('valid');
  expect(kindAt(FORM_TOKEN_LIFE_MS)).toBe('expired');
});

test('carries one idempotency key, and every form another', () => {
  const token = issueFormToken('default', NOW, ours);
  const key = expect.stringMatching(/^[0-9a-f-]{36}$/);
  expect(read(token)).toEqual({ kind: 'valid', idempotencyKey: key });
  expect(read(token)).toEqual(read(token));
  expect(read(issueFormToken('default', NOW, ours))).not.toEqual(read(token));
});

test('counts for its own site and relay only', () => {
  const token = issueFormToken('default', NOW, ours);
  expect(read(token, { site: 'other' })).toEqual({ kind: 'forged' });
  const theirs = vault(new Uint8Array(32).fill(8));
  expect(read(issueFormToken('default', NOW, theirs))).toEqual({ kind: 'forged' });
});

test('no two sites and times share a signed text', () => {
  const [time = '', key = '', signature = ''] = issueFormToken('a', NOW, ours).split('.');
  expect(read(`${time}.${key},a.${signature}`, { site: '' })).toEqual({ kind: 'forged' });
});

test('any changed character is a forgery', () => {
  const token = issueFormToken('default', NOW, ours);
  fc.assert(
    fc.property(fc.nat(token.length - 1), fc.constantFrom(...'0123456789abcdefzAZ_-.'), (at, char) => {
      const altered = token.slice(0, at) + char + token.slice(at + 1);
      expect(read(altered).kind).toBe(altered === token ? 'valid' : 'forged');
    }),
    { numRuns: 2_000 },
  );
});

test.each(['', '.', '..', 'a.b.c', 'x'.repeat(4_096), '0.00000000-0000-4000-8000-000000000000.', '__proto__'])(
  '%j is a forgery',
  (token) => {
    expect(read(token)).toEqual({ kind: 'forged' });
  },
);
