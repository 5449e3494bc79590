/** Puts the relay under test into one file: what is loaded from one file starts twice as fast, and it starts hundreds of times. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const CHILD = fileURLToPath(new URL('crash-child.ts', import.meta.url));
/** Inside the repository, so that the engine, which cannot be bundled, is found from there. */
const FOLDER = fileURLToPath(new URL('../../../../.cache/crash', import.meta.url));

/** Answers the path of the script. `name` keeps bundles of runs that overlap apart. */
export async function bundleCrashChild(name: string): Promise<string> {
  const outDir = join(FOLDER, name);
  await build({
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true, external: ['better-sqlite3'] },
    build: { ssr: CHILD, outDir, emptyOutDir: true, target: 'node20', minify: true },
  });
  return join(outDir, 'crash-child.js');
}
