/** docs/faults.md names a test for each fault. A test that was renamed, moved or taken out shows here. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = new URL('../../../', import.meta.url);
const ROWS = readFileSync(new URL('docs/faults.md', ROOT), 'utf8')
  .split('\n')
  .filter((line) => /^\| *\d+ *\|/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, number = '', what = '', , shownBy = '']) => ({ number: Number(number), what, shownBy }));

/** Each file, and the tests that are named behind it. */
function readReferences(shownBy: string): { path: string; titles: string[] }[] {
  return shownBy
    .split(/(?=`[^`]+\.[jt]sx?`)/)
    .map((part) => ({
      path: /^`([^`]+\.[jt]sx?)`/.exec(part)?.[1],
      titles: [...part.matchAll(/“([^”]+)”/g)].map(([, title]) => title ?? ''),
    }))
    .filter((reference): reference is { path: string; titles: string[] } => reference.path !== undefined);
}

const fileOf = (path: string) => fileURLToPath(new URL(/^(?:e2e|widget)\//.test(path) ? path : `server/src/${path}`, ROOT));

test('all seventy faults are there, each with a test or a reason', () => {
  expect(ROWS.map(({ number }) => number)).toEqual(Array.from({ length: 70 }, (_, at) => at + 1));
  for (const { number, shownBy } of ROWS) expect(shownBy.length, `row ${number}`).toBeGreaterThan(20);
  expect(ROWS.filter(({ shownBy }) => readReferences(shownBy).length === 0).map(({ number }) => number)).toEqual([24, 57, 58]);
});

test.each(ROWS)('$number: $what', ({ shownBy }) => {
  for (const { path, titles } of readReferences(shownBy)) {
    expect(existsSync(fileOf(path)), path).toBe(true);
    expect(titles, path).not.toEqual([]);
    const text = readFileSync(fileOf(path), 'utf8').replaceAll("\\'", "'");
    for (const title of titles) expect(text.includes(title), `${path}: ${title}`).toBe(true);
  }
});
