import { expect, test } from 'vitest';
import { type SeededRandom, seededRandom } from './seeded-random.ts';

const draw = (random: SeededRandom) => Array.from({ length: 50 }, random.next);

test('the same seed draws the same, another one does not', () => {
  expect(draw(seededRandom('7/1'))).toEqual(draw(seededRandom('7/1')));
  expect(draw(seededRandom('7/1'))).not.toEqual(draw(seededRandom('7/2')));
});

test('a branch draws the same however much was drawn beside it', () => {
  const random = seededRandom('7/1');
  const early = draw(random.branch('portal'));
  draw(random);
  expect(draw(random.branch('portal'))).toEqual(early);
  expect(draw(random.branch('people'))).not.toEqual(early);
});

test('numbers lie between their bounds, both of which come up', () => {
  const random = seededRandom('bounds');
  const drawn = new Set(Array.from({ length: 500 }, () => random.between(3, 6)));
  expect([...drawn].sort()).toEqual([3, 4, 5, 6]);
});
