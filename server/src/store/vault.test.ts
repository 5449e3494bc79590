import fc from 'fast-check';
import { expect, test } from 'vitest';
import { vault } from './vault.ts';

const secretOf = (byte: number) => new Uint8Array(32).fill(byte);
const ours = vault(secretOf(1));
const theirs = vault(secretOf(2));

test('what was sealed opens with the same secret and context', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, context) => {
      expect(ours.open(ours.seal(text, context), context)).toBe(text);
    }),
  );
});

test('one text is sealed differently each time and its digits stand nowhere in it', () => {
  const number = '+4915112345678';
  const sealed = Array.from({ length: 50 }, () => ours.seal(number, 'call-1'));
  expect(new Set(sealed).size).toBe(50);
  for (const text of sealed) expect(text).toMatch(/^[\w-]+$/);
  expect(sealed.join()).not.toContain('15112345678');
});

test('nothing opens for another call or by another secret', () => {
  const sealed = ours.seal('+4915112345678', 'call-1');
  expect(() => ours.open(sealed, 'call-2')).toThrow();
  expect(() => theirs.open(sealed, 'call-1')).toThrow();
});

test('a text of which any one byte was altered, and one that was cut short, do not open', () => {
  const bytes = Buffer.from(ours.seal('+49', 'call-1'), 'base64url');
  for (let index = 0; index < bytes.length; index += 1) {
    const altered = Buffer.from(bytes);
    altered.writeUInt8(altered.readUInt8(index) ^ 1, index);
    expect(() => ours.open(altered.toString('base64url'), 'call-1'), `byte ${index}`).toThrow();
    expect(() => ours.open(bytes.subarray(0, index).toString('base64url'), 'call-1'), `cut at ${index}`).toThrow();
  }
});

test('a key is the same for the same value, and another for another kind, value or secret', () => {
  const key = ours.keyOf('number', '+4915112345678');
  expect(key).toMatch(/^[\w-]{22}$/);
  expect(ours.keyOf('number', '+4915112345678')).toBe(key);
  expect(vault(secretOf(1)).keyOf('number', '+4915112345678')).toBe(key);
  expect(ours.keyOf('source', '+4915112345678')).not.toBe(key);
  expect(ours.keyOf('number', '+4915112345679')).not.toBe(key);
  expect(theirs.keyOf('number', '+4915112345678')).not.toBe(key);
});

test('after a rotation, old texts still open and new ones are sealed by the new secret alone', () => {
  const before = ours.seal('+4915112345678', 'call-1');
  const rotated = vault(secretOf(3), [secretOf(2), secretOf(1)]);
  expect(rotated.open(before, 'call-1')).toBe('+4915112345678');
  expect(() => rotated.open(before, 'call-2')).toThrow();
  expect(() => vault(secretOf(3), [secretOf(2)]).open(before, 'call-1')).toThrow();

  const after = rotated.seal('+4915112345678', 'call-1');
  expect(vault(secretOf(3)).open(after, 'call-1')).toBe('+4915112345678');
  expect(() => ours.open(after, 'call-1')).toThrow();
});

test('keys under every secret come newest first, each once', () => {
  const rotated = vault(secretOf(3), [secretOf(2), secretOf(1), secretOf(3)]);
  const keys = [vault(secretOf(3)), theirs, ours].map((one) => one.keyOf('number', '+49'));
  expect(rotated.keyOf('number', '+49')).toBe(keys[0]);
  expect(rotated.keysOf('number', '+49')).toEqual(keys);
  expect(ours.keysOf('number', '+49')).toEqual([ours.keyOf('number', '+49')]);
});
