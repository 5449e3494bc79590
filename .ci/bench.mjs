// npm run bench: ratios within one run, beside the field's usual parts.
import { build as bundle } from 'vite';
import { build, checkNode, install, isBuilt, run } from './prepare.mjs';

checkNode();
install();
if (!isBuilt() && !build()) process.exit(1);
const OUT = '.cache/bench';
await bundle({
  configFile: false,
  logLevel: 'warn',
  build: {
    ssr: true,
    outDir: OUT,
    emptyOutDir: true,
    target: 'node20',
    rollupOptions: { input: { bench: 'server/bench/bench.ts', subject: 'server/bench/subject.ts' } },
  },
});
process.exitCode = run(process.execPath, [`${OUT}/bench.js`]) ? 0 : 1;
