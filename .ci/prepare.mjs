// What a fresh clone lacks: packages, a build. Plain Node, since nothing is installed yet when this runs.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);

const BUILT = ['server/dist/cli/ringback.js', 'widget/dist/callback.js'];
const SOURCES = ['server/src', 'server/build.ts', 'widget/src', 'widget/build', 'vite.config.ts', 'package-lock.json'];

export function say(text) {
  process.stdout.write(`\n▸ ${text}\n`);
}

/** Runs a command with its output shown; true if it succeeded. */
export function run(command, args, env = {}) {
  return spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } }).status === 0;
}

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  process.stderr.write(`Ringback needs Node 20.19 or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}

/** Whether what is installed is what the lock file says. */
export function isInstalled() {
  const installed = 'node_modules/.package-lock.json';
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync('package-lock.json').mtimeMs;
}

/** `npm ci`, unless there is nothing to install. */
export function install() {
  if (isInstalled()) return;
  say('Installing packages (once; better-sqlite3 may be compiled, which takes a minute)');
  if (!run('npm', ['ci', '--no-audit', '--no-fund'])) {
    process.stderr.write('The packages could not be installed. Is the npm registry reachable, and is there a C++ compiler?\n');
    process.exit(1);
  }
}

/** Builds widget and relay; true if it succeeded. */
export function build() {
  say('Building the widget and the relay');
  return run(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--app']);
}

export function isBuilt() {
  if (!BUILT.every((file) => existsSync(file))) return false;
  const built = Math.min(...BUILT.map((file) => statSync(file).mtimeMs));
  return SOURCES.every((source) => newest(source) <= built);
}

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}
