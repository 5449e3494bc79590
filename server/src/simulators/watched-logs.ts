/** Lets the tests see every line that the relay logs, whatever a test does with it: each `log(…)` goes by log-watch.ts. */
import type { Plugin } from 'vite';

const WATCHED = /(?<![\w.])((?:\w+\.)*log)\(/g;
const NO_LOGS = /^(?:Math|console)\./;

export function watchedLogs(): Plugin {
  return {
    name: 'ringback:watched-logs',
    enforce: 'pre',
    transform(code, id) {
      return isWatched(id) ? { code: watchCode(code), map: null } : undefined;
    },
  };
}

/** What the relay is made of, without its tests and what only these use. */
export function isWatched(file: string): boolean {
  return /\/server\/src\/.*\.ts$/.test(file) && !/\.(test|suite)\.ts$|\/simulators\//.test(file);
}

export function watchCode(code: string): string {
  return code.replace(WATCHED, (call: string, log: string) => (NO_LOGS.test(log) ? call : `watchLog(${log})(`));
}
