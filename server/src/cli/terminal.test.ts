import picocolors from 'picocolors';
import { expect, test } from 'vitest';
import { renderTable, wantsColor } from './terminal.ts';

test('colour is for terminals, unless it was refused or asked for', () => {
  expect(wantsColor({}, true)).toBe(true);
  expect(wantsColor({}, false)).toBe(false);
  expect(wantsColor({ CI: 'true' }, false)).toBe(false);
  expect(wantsColor({ TERM: 'dumb' }, true)).toBe(false);
  expect(wantsColor({ NO_COLOR: '' }, true)).toBe(true);
  expect(wantsColor({ NO_COLOR: '1', FORCE_COLOR: '1' }, true)).toBe(false);
  expect(wantsColor({ FORCE_COLOR: '1' }, false)).toBe(true);
  expect(wantsColor({ FORCE_COLOR: '0' }, true)).toBe(false);
});

test.each([
  ['plain', false, 'id       name\nreg1332  Sales\nsip12    Büro\n'],
  ['with a dim head', true, '\u001b[2mid\u001b[22m       \u001b[2mname\u001b[22m\nreg1332  Sales\nsip12    Büro\n'],
])('a table stands in columns, without frames and trailing blanks: %s', (_, colored, expected) => {
  const rows = [
    ['reg1332', 'Sales'],
    ['sip12', 'Büro'],
  ];
  expect(renderTable(['id', 'name'], rows, picocolors.createColors(colored))).toBe(expected);
});
