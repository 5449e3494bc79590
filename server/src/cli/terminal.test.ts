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

test('a table stands in columns, without frames and trailing blanks', () => {
  expect(
    renderTable(
      ['id', 'name'],
      [
        ['reg1332', 'Sales'],
        ['sip12', 'Büro'],
      ],
    ),
  ).toBe('id       name\nreg1332  Sales\nsip12    Büro\n');
});
