/**
 * Takes out of Preact what only serves components that throw promises (Suspense and its markers in hydrated pages). No component here
 * does, and nothing is hydrated, so none of it is ever reached; yet every page would carry it.
 */
import type { Rolldown } from 'vite';

/** Each must stand in Preact exactly once: whoever updates Preact looks at these anew. */
const CUTS: readonly RegExp[] = [
  // A render that was interrupted by a promise is taken up again. The flag is set by the next cut alone.
  /128&u\.__u&&\(c=32&u\.__u,s=u\.__c\.__z\).*?l=o\[0\]\|\|l\),(?=\(s=n\.__b\))/,
  // What was caught is a promise; any error goes the way it went before.
  /if\(t&&t\.then\)\{.*?\}else (?=o&&o\.some\(g\);else r\.__e=u\.__e)/,
  /t&&t\.then\|\|(?=D\(r\))/,
  /!u&&\(i=t\.__c\)&&\(i=i\.__z\)&&\(f=B\(i,o=\[\]\)\).*?g\(i\)\),(?=u\|\|g\(t\.__e\))/,
];

export function withoutSuspense(): Rolldown.Plugin {
  return {
    name: 'ringback:without-suspense',
    transform: {
      filter: { id: /\/preact\/dist\/preact\.mjs$/ },
      handler: cutSuspense,
    },
  };
}

/** `preact`: its minified source. */
export function cutSuspense(preact: string): string {
  return CUTS.reduce(cut, preact);
}

function cut(code: string, part: RegExp): string {
  if (code.match(new RegExp(part, 'g'))?.length !== 1) throw new Error(`Preact has changed where it is cut: ${part.source}`);
  return code.replace(part, '');
}
