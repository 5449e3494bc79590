import { expect, test } from 'vitest';
import { closestName } from './closest-name.ts';

const NAMES = ['country', 'countries', 'line', 'limits', 'host'];

test.each([
  ['contry', 'country'],
  ['coutnry', 'country'],
  ['Country', 'country'],
  ['countrys', 'country'],
  ['countires', 'countries'],
  ['lien', 'line'],
  ['lime', 'line'],
  ['hots', 'host'],
])('%s was meant to be %s', (given, meant) => {
  expect(closestName(given, NAMES)).toBe(meant);
});

test.each(['', 'x', 'ghost town', 'loins', 'a'.repeat(10_000)])('%j was meant to be none of them', (given) => {
  expect(closestName(given, NAMES)).toBeUndefined();
});
