// npm test: everything that a change can break, in one run. The last line reads "N passed, N failed".
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { findChromium } from './browser.mjs';
import { build, checkNode, install, run, say } from './prepare.mjs';
import { runWatched } from './watch-output.mjs';

checkNode();
install();
const chromium = await findChromium();

const OUT = '.cache/test';
rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });

const node = (script, ...args) => run(process.execPath, [script, ...args], { RINGBACK_CHROMIUM: chromium });
let passed = 0;
let failed = 0;
/** Named again at the end, where a long log is read first. */
const faults = [];

check('build', build());
say('Types');
for (const part of ['widget', 'server', 'e2e']) check(`types of ${part}`, node('node_modules/typescript/bin/tsc', '-p', part));
say('Lint, format, import cycles, rooms');
check('lint', run('npx', ['biome', 'check', '--error-on-warnings']));
say('Unit tests and suites');
const unitReport = `${OUT}/unit.json`;
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot', '--reporter=json', `--outputFile.json=${unitReport}`];
await watch('unit tests', vitest);
count('unit tests', unitReport, ({ numPassedTests, numFailedTests, success, testResults }) => [
  numPassedTests,
  numFailedTests || Number(!success),
  testResults.flatMap((file) => {
    const bad = file.assertionResults.filter((one) => one.status === 'failed').map((one) => one.fullName);
    return file.status === 'failed' ? [`${relative('.', file.name)}: ${bad.join(' | ') || 'could not be run'}`] : [];
  }),
]);
say(`Browser specs in ${chromium}`);
const browserReport = `${OUT}/browser.json`;
const playwright = ['node_modules/@playwright/test/cli.js', 'test', '--config', 'e2e/playwright.config.ts', '--reporter=line,json'];
await watch('browser specs', playwright, { PLAYWRIGHT_JSON_OUTPUT_FILE: resolve(browserReport) });
count('browser specs', browserReport, ({ suites, stats, errors }) => [
  stats.expected,
  stats.unexpected + stats.flaky || errors.length,
  specsOf(suites)
    .filter((spec) => spec.tests.some((one) => one.status === 'unexpected' || one.status === 'flaky'))
    .map((spec) => `${spec.file}: ${spec.title}`),
]);

for (const fault of faults) process.stdout.write(`✗ ${fault}\n`);
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;

function check(name, isGood) {
  if (isGood) passed++;
  else {
    failed++;
    faults.push(name);
  }
}

/** What tests print counts too: a marked secret, name or number in it is a leak. */
async function watch(name, command, env = {}) {
  const leaked = await runWatched(process.execPath, command, { RINGBACK_CHROMIUM: chromium, ...env });
  check(`output of ${name}${leaked.map((mark) => `, which shows the marked ${mark}`).join('')}`, leaked.length === 0);
}

/** A report that is missing or holds no test is a failure: nothing may pass by not running. */
function count(name, report, read) {
  let good = 0;
  let bad = 1;
  let names = [];
  try {
    [good, bad, names] = read(JSON.parse(readFileSync(report, 'utf8')));
    if (good + bad === 0) bad = 1;
  } catch {
    names = [`${name}: no report`];
  }
  faults.push(...names);
  passed += good;
  failed += bad;
}

function specsOf(suites) {
  return suites.flatMap((suite) => [...suite.specs, ...specsOf(suite.suites ?? [])]);
}
