import { expect, test } from 'vitest';
import { assume } from './assume.ts';

test('an expression is replaced wherever it is read, not where it is written or a name', () => {
  const code = 'let on = read(), x = { on: 1 }; on = 2; if (on && x.on) use(on);';
  expect(assume(code, { on: 'false' })).toBe('let on = read(), x = { on: 1 }; on = 2; if (false && x.on) use(false);');
});

test('a statement is found by its beginning, whatever its spaces and comments', () => {
  const code = 'a();\nif ( ready )\t{ // soon\n\tb(); }\nc();';
  expect(assume(code, { 'if (ready) { b…': ';' })).toBe('a();\n;\nc();');
});

test('the outermost match wins', () => {
  expect(assume('use(one + two, two);', { 'one + two': '3', two: '2' })).toBe('use(3, 2);');
});

test('what is not read is handed down no more', () => {
  const code = 'function f(a, unread, b) { return g(b, unread, a) + h(unread); }';
  expect(assume(code, {}, ['unread'])).toBe('function f(a, b) { return g(b, a) + h(); }');
});

test('an assumption about nothing is refused', () => {
  expect(() => assume('a();', { 'b()': '1' })).toThrow('look at it anew: b()');
});
