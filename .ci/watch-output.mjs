// Runs a command with its output shown, and reports the marked values of the canary that showed in it: no test may print one.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const MARKS = 'server/src/simulators/canary-marks.json';

/** Names of the marks that were printed; empty is good. */
export function runWatched(command, args, env = {}) {
  const marks = Object.entries(JSON.parse(readFileSync(MARKS, 'utf8')));
  const longest = Math.max(...marks.map(([, mark]) => mark.length));
  const colour = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
  const child = spawn(command, args, { stdio: ['inherit', 'pipe', 'pipe'], env: { ...process.env, ...colour, ...env } });
  const seen = new Set();

  for (const name of ['stdout', 'stderr']) {
    let tail = '';
    child[name].setEncoding('utf8').on('data', (text) => {
      process[name].write(text);
      // A mark may come in two pieces.
      const joined = tail + text;
      for (const [key, mark] of marks) if (joined.includes(mark)) seen.add(key);
      tail = joined.slice(1 - longest);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve([...seen]));
  });
}
