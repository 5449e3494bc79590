/** Lets the tests see every line that the relay logs, whatever a test does with it: each `log({…})` goes by log-watch.ts. */
import type { Plugin } from 'vite';

export const WATCHED = /(?<![\w.])((?:\w+\.)*\w*[lL]og)\(\{/g;

export function watchedLogs(): Plugin {
  return {
    name: 'ringback:watched-logs',
    enforce: 'pre',
    transform(code, id) {
      if (!/\/server\/src\/.*\.ts$/.test(id) || /\.(test|suite)\.ts$|\/simulators\//.test(id)) return undefined;
      return { code: code.replace(WATCHED, 'watchLog($1)({'), map: null };
    },
  };
}
