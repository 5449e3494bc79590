/**
 * Preact without what never runs here, a third of its size. Its readable source is built in instead of its minified file, with the
 * assumptions of preact-assumptions.ts put in; nothing else is rewritten.
 */
import type { Rolldown } from 'vite';
import { assume } from './assume.ts';
import { ASSUMPTIONS, UNREAD_PARAMETERS } from './preact-assumptions.ts';

/** Preact's own properties, which its minified file has in a short form; the build may shorten them as well. */
export const PREACT_NAMES = '_[a-z]\\w+';

export function leanPreact(): Rolldown.Plugin {
  return {
    name: 'ringback:lean-preact',
    transform: {
      filter: { id: /\/preact\/(?:dist\/preact\.mjs|src\/.*\.js)$/ },
      handler(code, id) {
        const [, file = ''] = id.split('/preact/src/');
        if (file === '') return "export { h, render } from '../src/index.js';";
        return file in ASSUMPTIONS ? assume(code, ASSUMPTIONS[file] ?? {}, UNREAD_PARAMETERS) : undefined;
      },
    },
  };
}
