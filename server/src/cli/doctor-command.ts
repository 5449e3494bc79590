/** `ringback doctor`: looks at everything that a call needs, says what to change, and rings nobody. */
import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { renderFaults, wrapText } from '../config/render-faults.ts';
import { makeChannels } from '../follow-ups/make-channels.ts';
import { openAccountDesk } from '../platforms/account-desk.ts';
import { systemClock } from '../platforms/node-clock.ts';
import { freshFetch } from '../platforms/node-fetch.ts';
import { nodeMail } from '../platforms/node-mail.ts';
import { type Diagnosis, diagnoses, fromFindings } from './doctor/diagnosis.ts';
import { collectWants, lookAtAccount } from './doctor/look-at-accounts.ts';
import { clockWatch } from './doctor/look-at-clock.ts';
import { lookAtEvents } from './doctor/look-at-events.ts';
import { lookAtSettings } from './doctor/look-at-settings.ts';
import { lookAtStore } from './doctor/look-at-store.ts';
import { readBase } from './read-base.ts';
import { readSettings } from './read-settings.ts';
import { paint, printJson } from './terminal.ts';

interface Options {
  base?: string;
  json?: true;
}

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('Look at everything that a call needs, and say what to change. Rings nobody.')
    .option('--base <url>', 'where the relay is reached from outside: looks whether events would arrive')
    .option('--json', 'print what was found as JSON')
    .addHelpText(
      'after',
      '\nExit code: 0 nothing stands in the way, 1 something does, 2 misused.\nExample: ringback doctor --base https://relay.example',
    )
    .action(doctor);
}

async function doctor({ base, json }: Options): Promise<void> {
  const place = base === undefined ? undefined : readBase(base);
  const read = readSettings();
  if (!read.ok && !json) process.stdout.write(renderFaults(read.faults, 'The relay cannot start'));
  const { problem } = diagnoses('settings');
  const found = read.ok
    ? await examine(read.config, place)
    : read.faults.map(({ setting, message }) => problem('setting_wrong', `${setting}: ${message}`));
  const isWell = found.every(({ level }) => level !== 'problem');
  if (json) printJson({ ok: isWell, findings: found });
  else if (read.ok) process.stdout.write(render(found));
  if (!isWell) process.exitCode = 1;
}

async function examine(config: Config, base: string | undefined): Promise<Diagnosis[]> {
  const clock = clockWatch(freshFetch, systemClock);
  const { found: stored, report } = await lookAtStore(config);
  const found = [...lookAtSettings(config, process.env), ...stored];
  if (config.demo) return found;
  const desk = openAccountDesk(config, clock.fetch);
  try {
    const wants = collectWants(config);
    for (const [name, account] of desk.accounts) {
      const wanted = wants.get(name);
      if (wanted !== undefined) found.push(...(await lookAtAccount(name, account, wanted)));
    }
    found.push(...(await lookAtEvents(config, { report, base, fetch: freshFetch, now: systemClock.now() })));
    const channels = makeChannels(config, { fetch: clock.fetch, clock: systemClock, portals: desk.accounts, makeMailTransport: nodeMail });
    for (const [name, channel] of channels) found.push(...fromFindings(`channel ${name}`, await channel.verify()));
    return [...found, ...clock.look()];
  } finally {
    await desk.close();
  }
}

const WIDTH = 100;

function render(found: readonly Diagnosis[]): string {
  const areas = [...new Set(found.map(({ area }) => area))];
  const blocks = areas.map((area) => [paint.bold(area), ...found.filter((one) => one.area === area).flatMap(renderOne)].join('\n'));
  const wrong = found.filter(({ level }) => level === 'problem').length;
  const sum =
    wrong === 0
      ? paint.green('Nothing stands in the way of a call.')
      : paint.red(`${wrong === 1 ? 'One thing is' : `${wrong} things are`} to be put right.`);
  return `${blocks.join('\n\n')}\n\n${sum}\n`;
}

/** The word stands beside the colour, so that nothing hangs on seeing it. */
function renderOne({ level, message }: Diagnosis): string[] {
  const [first = '', ...rest] = wrapText(message, WIDTH - INDENT.length);
  return [`  ${MARKS[level]}  ${first}`, ...rest.map((line) => INDENT + line)];
}

const MARKS: Readonly<Record<Diagnosis['level'], string>> = {
  ok: paint.green('ok     '),
  note: paint.yellow('note   '),
  problem: paint.red('problem'),
};
const INDENT = ' '.repeat('  problem  '.length);
