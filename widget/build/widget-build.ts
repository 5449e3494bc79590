/** How the script for pages is built: one classic script, English inside, other languages as files beside it, and a byte budget. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { EnvironmentOptions, Rolldown } from 'vite';
import { leanPreact, PREACT_NAMES } from './lean-preact.ts';
import { OWN_NAMES } from './own-names.ts';

/** Brotli, as every relay and CDN sends it. */
const MAX_BROTLI_BYTES = 16_384;

const SOURCES = join(import.meta.dirname, '../src');

export const widgetBuild: EnvironmentOptions = {
  consumer: 'client',
  build: {
    outDir: 'widget/dist',
    emptyOutDir: true,
    // The oldest browsers with `light-dark()`, adopted style sheets and `<dialog>`: all from the first half of 2024.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    minify: true,
    cssMinify: 'lightningcss',
    modulePreload: false,
    copyPublicDir: false,
    reportCompressedSize: false,
    rolldownOptions: {
      optimization: { inlineConst: { mode: 'all', pass: 3 } },
      input: { callback: join(SOURCES, 'index.ts') },
      output: {
        format: 'iife',
        entryFileNames: '[name].js',
        // A classic script without a charset is read in its page's encoding, and pages in windows-1251 are still about.
        minify: {
          compress: true,
          mangle: true,
          mangleProps: { include: new RegExp(`^(?:${[...OWN_NAMES, PREACT_NAMES].join('|')})$`) },
          codegen: { asciiOnly: true },
        },
      },
      plugins: [leanPreact(), languageFiles(), sizeBudget()],
    },
  },
};

function languageFiles(): Rolldown.Plugin {
  const folder = join(SOURCES, 'text');
  return {
    name: 'ringback:language-files',
    generateBundle() {
      for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
        const source = JSON.stringify(JSON.parse(readFileSync(join(folder, file), 'utf8')));
        this.emitFile({ type: 'asset', fileName: `callback/${basename(file)}`, source });
      }
    },
  };
}

/** Fails the build, so that a byte too many is seen by whoever adds it. */
function sizeBudget(): Rolldown.Plugin {
  return {
    name: 'ringback:size-budget',
    writeBundle(_options, bundle) {
      const script = bundle['callback.js'];
      if (script?.type !== 'chunk') throw new Error('callback.js was not built');
      const brotli = brotliCompressSync(script.code).length;
      const sizes = { raw: Buffer.byteLength(script.code), gzip: gzipSync(script.code, { level: 9 }).length, brotli };
      const words = Object.entries(sizes).map(([name, bytes]) => `${name} ${bytes.toLocaleString('en')} B`);
      const line = `callback.js: ${words.join(', ')} of ${MAX_BROTLI_BYTES.toLocaleString('en')} B`;
      if (brotli > MAX_BROTLI_BYTES) throw new Error(`${line}: too large`);
      console.info(line);
    },
  };
}
