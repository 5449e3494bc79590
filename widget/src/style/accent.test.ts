import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accentOn, accentSheet, contrastOf, type Rgb, SURFACES } from './accent.ts';

const channel = fc.integer({ min: 0, max: 255 });
const color = fc.tuple(channel, channel, channel);

test('the contrast of black and white, and of a pair that the standard names', () => {
  expect(contrastOf([0, 0, 0], [255, 255, 255])).toBeCloseTo(21, 5);
  expect(contrastOf([118, 118, 118], [255, 255, 255])).toBeCloseTo(4.54, 2);
});

test('whatever colour a site chose, everything drawn with it is legible in both schemes', () => {
  fc.assert(
    fc.property(color, fc.constantFrom(SURFACES.light, SURFACES.dark), (fill, surface) => {
      const accent = accentOn(surface, fill);
      expect(accent.fill).toEqual(fill);
      expect(contrastOf(accent.ink, fill)).toBeGreaterThanOrEqual(4.5);
      expect(contrastOf(accent.line, surface)).toBeGreaterThanOrEqual(4.5);
    }),
    { numRuns: 3000 },
  );
});

test('a legible colour is left as it is', () => {
  const green: Rgb = [11, 110, 79];
  expect(accentOn(SURFACES.light, green)).toEqual({ fill: green, ink: [255, 255, 255], line: green });
});

test('the sheet holds nothing but numbers from the colours', () => {
  expect(accentSheet([255, 212, 0], [255, 212, 0])).toBe(
    '--fill:light-dark(rgb(255,212,0),rgb(255,212,0));--ink:light-dark(rgb(0,0,0),rgb(0,0,0));--line:light-dark(rgb(133,110,0),rgb(255,212,0));',
  );
});
