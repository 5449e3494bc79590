import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import canaryMarks from './canary-marks.json' with { type: 'json' };
import { searchMarks } from './search-marks.mjs';
import suiteMarks from './suite-marks.json' with { type: 'json' };

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const DIGITS = '16055512345';
const NAME = 'Ada Kestrel';
const SECRET = 'hush-/+hush';
const search = searchMarks({ number: DIGITS, name: NAME, secret: SECRET });

/** Each spelling by what it is: the tests' titles do not print it. */
const SPELLINGS: readonly [string, string, string][] = [
  ['number', 'together', `+49${DIGITS}`],
  ['number', 'with spaces', '+49 160 55512345'],
  ['number', 'with every separator', '0160/555-12.34 (5)'],
  ['number', 'with spaces that do not break', '1605551\u00a02345'],
  ['number', 'with such spaces, read as other characters', '1605551\u00c2\u00a02345'],
  ['number', 'as markup', '160&nbsp;555&#160;12345'],
  ['number', 'as a part of an address', '160%20555%2012345'],
  ['number', 'as JSON that escapes', '160\\u00a055512345'],
  ['number', 'in hexadecimal digits', Buffer.from(DIGITS).toString('hex')],
  ['number', 'in two bytes each', Buffer.from(DIGITS).toString('utf16le')],
  ['name', 'as it is', NAME],
  ['name', 'as a part of an address', encodeURIComponent(NAME)],
  ['name', 'as a field of a form', NAME.replace(' ', '+')],
  ['secret', 'as it is', SECRET],
  ['secret', 'as a part of an address', encodeURIComponent(SECRET)],
  ['secret', 'as a part of an address in an address', encodeURIComponent(encodeURIComponent(SECRET))],
  ['secret', 'in large hexadecimal digits', Buffer.from(SECRET).toString('hex').toUpperCase()],
  ...[0, 1, 2, 3, 4, 5].flatMap((shift): [string, string, string][] => [
    ['number', `in base64 behind ${shift}`, Buffer.from(`${'x'.repeat(shift)}${DIGITS}yz`).toString('base64')],
    ['secret', `in base64 of addresses behind ${shift}`, Buffer.from(`${'~'.repeat(shift)}${SECRET}~?`).toString('base64url')],
    ['name', `in base64 at the end, behind ${shift}`, Buffer.from(`${'"'.repeat(shift)}${NAME}`).toString('base64')],
  ]),
];

test.each(SPELLINGS)('a %s is found %s', (name, _, spelling) => {
  expect(search.find(`before ${spelling} after`)).toEqual([name]);
});

test.each(SPELLINGS)('a %s is found %s, wherever it is cut in two', (name, _, spelling) => {
  for (let cut = 0; cut <= spelling.length; cut++) {
    const watch = search.watch();
    for (const chunk of [`${'before '.repeat(50)}${spelling.slice(0, cut)}`, `${spelling.slice(cut)} after`]) watch.take(chunk);
    expect(watch.found(), `cut at ${cut}`).toEqual([name]);
  }
});

test('a mark that comes letter by letter is found', () => {
  const watch = search.watch();
  for (const letter of `…${SPELLINGS[2]?.[2]}…${NAME}`) watch.take(letter);
  expect(watch.found()).toEqual(['number', 'name']);
});

test('what is close to a mark is none', () => {
  for (const text of ['2026-11-20T15:02:20.123Z 160555', '1605551234', '160555 and 12345', 'ada kestrel', 'hush', '']) {
    expect(search.find(text), text).toEqual([]);
  }
});

test('whatever a program prints is shown, and the marks in it are named, also those of the suites', () => {
  const usual = suiteMarks['number of the suites'];
  const shown = [canaryMarks.relaySecret, encodeURIComponent(canaryMarks.name), `+49 ${usual.slice(0, 3)} ${usual.slice(3)}`];
  expect(watchProgram(shown)).toEqual(['name', 'number of the suites', 'relaySecret', 'secret of the suites']);
  expect(watchProgram(['nothing', 'of', 'the kind'])).toEqual([]);
});

/** Names of the marks, as `npm test` finds them in what a process of its own prints on both channels in turn. */
function watchProgram(printed: readonly string[]): string[] {
  const program = printed.map((text, at) => `process.${at % 2 ? 'stderr' : 'stdout'}.write(${JSON.stringify(text)});`).join('');
  const watcher = `import('./.ci/watch-output.mjs').then(async ({ runWatched }) => {
    require('node:fs').writeSync(3, JSON.stringify(await runWatched(process.execPath, ['-e', ${JSON.stringify(program)}])));
  });`;
  const { output } = spawnSync(process.execPath, ['-e', watcher], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [, stdout, stderr, found] = output;
  for (const text of printed) expect(`${stdout}${stderr}`).toContain(text);
  return (JSON.parse(found ?? '') as string[]).toSorted();
}
