// Finds a Chromium for the browser specs: an installed one, else Playwright's download, else Debian's package.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, say } from './prepare.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** The browser's path; exits with what to install if there is none to be had. */
export async function findChromium() {
  const found = (await installed()) ?? (await download()) ?? (await debianPackage());
  if (found !== undefined) return found;
  process.stderr.write('No Chromium could be found or installed. Install the package "chromium", or set RINGBACK_CHROMIUM to its path.\n');
  process.exit(1);
}

async function installed() {
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const { chromium } = await import('@playwright/test');
  return [process.env.RINGBACK_CHROMIUM, ...onPath, MAC, chromium.executablePath()].find((path) => path && existsSync(path));
}

async function download() {
  say("No Chromium is installed: trying Playwright's download");
  return run('npx', ['playwright', 'install', 'chromium']) ? installed() : undefined;
}

async function debianPackage() {
  if (!existsSync('/usr/bin/apt-get')) return undefined;
  say("Trying Debian's package");
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const apt = (...args) => {
    const [command, ...rest] = [...sudo, 'apt-get', ...args];
    return run(command, rest, { DEBIAN_FRONTEND: 'noninteractive' });
  };
  return apt('update', '-qq') && apt('install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core')
    ? installed()
    : undefined;
}
