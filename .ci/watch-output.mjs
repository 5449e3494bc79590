// Runs a command with its output shown, and reports the marked values that showed in it: no test may print one.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { searchMarks } from '../server/src/simulators/search-marks.mjs';

/** Those of the canary, and what most tests have for a visitor's number and for secrets. */
const MARKS = ['canary-marks.json', 'suite-marks.json'];
const marks = Object.assign(
  {},
  ...MARKS.map((name) => JSON.parse(readFileSync(new URL(`../server/src/simulators/${name}`, import.meta.url), 'utf8'))),
);
const search = searchMarks(marks);

/** Names of the marks that were printed; empty is good. */
export function runWatched(command, args, env = {}) {
  const colour = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
  const child = spawn(command, args, { stdio: ['inherit', 'pipe', 'pipe'], env: { ...process.env, ...colour, ...env } });
  const seen = new Set();

  for (const name of ['stdout', 'stderr']) {
    const watch = search.watch();
    child[name].setEncoding('utf8').on('data', (text) => {
      process[name].write(text);
      watch.take(text);
    });
    child[name].once('end', () => {
      for (const mark of watch.found()) seen.add(mark);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve([...seen]));
  });
}
