import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { isWatched, watchCode, watchedLogs } from './watched-logs.ts';

const SOURCE = fileURLToPath(new URL('..', import.meta.url));
const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .map((name) => SOURCE + name)
  .filter(isWatched)
  .map((name) => ({ name: name.slice(SOURCE.length), code: readFileSync(name, 'utf8') }));

/** Have the word in their names and take no entry. */
const OTHERS = new Set(['describeLog', 'emptyLog', 'log2', 'logLine', 'logTurn']);

test.each([
  ["log({ event: 'a' })", "watchLog(log)({ event: 'a' })"],
  ['log(entry)', 'watchLog(log)(entry)'],
  ['relay.context.log({})', 'watchLog(relay.context.log)({})'],
  ['if (!ok) this.log(wordsOf(alert))', 'if (!ok) watchLog(this.log)(wordsOf(alert))'],
])('%s is watched', (code, watched) => expect(watchCode(code)).toBe(watched));

test.each([
  'catalog({})',
  'Math.log(2)',
  'console.log(text)',
  'describeLog(entry)',
  'emptyLog(database)',
  '{ log: Log }',
  'login()',
  'log = (entry) => {}',
])('%s stays as it is', (code) => expect(watchCode(code)).toBe(code));

test('the relay’s own code is changed, with no test and no simulator', () => {
  const { transform } = watchedLogs() as { transform: (code: string, id: string) => unknown };
  for (const name of ['relay.ts', 'calls/dial-call.ts', 'providers/telphin/telphin.ts'])
    expect(transform('log({})', SOURCE + name), name).toEqual({ code: 'watchLog(log)({})', map: null });
  for (const name of ['relay.test.ts', 'store/store.suite.ts', 'simulators/fake-clock.ts', 'contract/a.json', '../dist/a.js'])
    expect(transform('log({})', SOURCE + name), name).toBeUndefined();
});

test('no call of a log in the relay’s code is left unwatched', () => {
  const unwatched = files.flatMap(({ name, code }) => {
    const calls = watchCode(code).matchAll(/(?<!watchLog\([\w.]*)\b(\w*log\w*)\)?\s*(?:\?\.\s*|\.(?:call|apply|bind))?\(/gi);
    return [...calls].flatMap(([, called = '']) => (called === 'watchLog' || OTHERS.has(called) ? [] : [`${name}: ${called}`]));
  });
  expect(unwatched).toEqual([]);
  const watched = files.map(({ code }) => watchCode(code).split('watchLog(').length - 1).reduce((sum, count) => sum + count, 0);
  expect(watched).toBeGreaterThan(60);
});

test('whoever takes a log calls it by that name', () => {
  const names = files.flatMap(({ name, code }) => [...code.matchAll(/(\w+)\??: Log\b/g)].map(([, given = '']) => ({ name, given })));
  expect(names.filter(({ given }) => given !== 'log')).toEqual([{ name: 'cli/call-command.ts', given: 'tellTrouble' }]);
});
