/** Commands to a relay: the kill switch, forgetting a number, and leaving a number alone. They work whether it runs or not. */
import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { askSwitches, type Heeded, type RelaySwitches } from '../platforms/ask-switches.ts';
import { type Delivery, deliverOrder, openControl } from '../platforms/deliver-order.ts';
import type { NumberOrder } from '../platforms/node-control.ts';
import { readNumber } from './read-number.ts';
import { requireSettings } from './read-settings.ts';
import { UsageError } from './usage-error.ts';

const HEADLINE = 'The settings of the relay cannot be read';
const DAY_MS = 86_400_000;
const DEFAULT_OPT_OUT_DAYS = 180;
const MAX_OPT_OUT_DAYS = 36_500;

interface Output {
  json?: true;
}

export function addControlCommands(program: Command): void {
  for (const name of ['pause', 'resume'] as const) {
    program
      .command(name)
      .description(name === 'pause' ? 'Accept nothing and dial nothing, until resumed.' : 'Undo a pause.')
      .argument('[site]', 'key of one site; all sites if left out')
      .option('--json', 'print what is paused now as JSON')
      .addHelpText('after', `\nExample: ringback ${name} shop`)
      .action((site: string | undefined, options: Output) => turnSwitch(name, site, options));
  }
  program
    .command('forget')
    .description('Erase what is known of a number; calls that are not over are forgotten when they are.')
    .argument('<number>', 'in international form: +4930123456')
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', '\nExample: ringback forget +4930123456')
    .action((number: string, options: Output) => give({ kind: 'forget', number: readNumber(number) }, options));
  program
    .command('opt-out')
    .description('Accept no call to a number, and dial none that waits.')
    .argument('<number>', 'in international form: +4930123456')
    .option('--days <days>', 'for how long', String(DEFAULT_OPT_OUT_DAYS))
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', '\nExample: ringback opt-out +4930123456 --days 365')
    .action((number: string, options: Output & { days: string }) =>
      give({ kind: 'opt_out', number: readNumber(number), until: Date.now() + readDays(options.days) * DAY_MS }, options),
    );
}

async function turnSwitch(name: 'pause' | 'resume', site: string | undefined, { json }: Output): Promise<void> {
  const config = requireSettings(HEADLINE);
  const control = openControl(config);
  // A site that was taken out of the settings can still be resumed.
  if (name === 'pause' && site !== undefined && !config.sites.has(site)) {
    throw new Error(`There is no such site. There are: ${[...config.sites.keys()].join(', ')}.`);
  }
  control[name](site);
  const isPaused = ({ paused, pausedSites }: RelaySwitches) => (site === undefined ? paused : pausedSites.includes(site));
  const isWanted = (switches: RelaySwitches) => isPaused(switches) === (name === 'pause');
  const heeded = await askSwitches(config, isWanted);
  const switches = heeded.kind === 'heeded' ? heeded.switches : joinPauses(config, control.read());
  const isDone = heeded.kind !== 'silent' && isWanted(switches);
  if (json) print({ ...switches, relay: heeded.kind });
  else process.stdout.write(`${describePauses(switches)}${isDone || heeded.kind === 'silent' ? ` ${HEEDED[heeded.kind]}` : ''}\n`);
  if (isDone) return;
  process.stderr.write(`${heeded.kind === 'silent' ? SILENT : UNHEEDED[name]}\n`);
  process.exitCode = 1;
}

const HEEDED: Readonly<Record<Heeded['kind'], string>> = {
  heeded: 'The relay heeds it.',
  not_running: 'No relay runs here; one that starts will heed it.',
  silent: 'That is what has been left for the relay, which has not said that it heeds it.',
};

const SILENT = 'A process holds the database and has not answered. Look into the log of the relay.';
const UNHEEDED: Readonly<Record<'pause' | 'resume', string>> = {
  pause: 'The relay does not say that it is paused. To be sure that nothing is dialled, stop it.',
  resume: 'Still paused by the settings: take "paused" out of them and reload the relay.',
};

function joinPauses(config: Config, control: { paused: boolean; pausedSites: ReadonlySet<string> }): RelaySwitches {
  const configured = [...config.sites.values()].filter((site) => site.paused).map(({ key }) => key);
  return { paused: config.paused || control.paused, pausedSites: [...new Set([...configured, ...control.pausedSites])].toSorted() };
}

function describePauses({ paused, pausedSites }: RelaySwitches): string {
  if (paused) return 'Everything is paused.';
  return pausedSites.length === 0 ? 'Nothing is paused.' : `Paused: ${pausedSites.join(', ')}.`;
}

async function give(order: NumberOrder, { json }: Output): Promise<void> {
  let calls: number | undefined;
  const outcome = await deliverOrder(order, requireSettings(HEADLINE), (entry) => {
    if (typeof entry.calls === 'number') calls = entry.calls;
  });
  if (json) print({ outcome, calls, until: order.kind === 'opt_out' ? new Date(order.until).toISOString() : undefined });
  else (outcome === 'done' ? process.stdout : process.stderr).write(`${describeDelivery(outcome, order)}\n`);
  if (outcome !== 'done') process.exitCode = 1;
}

function describeDelivery(outcome: Delivery, order: NumberOrder): string {
  switch (outcome) {
    case 'done':
      return order.kind === 'forget'
        ? 'The number is forgotten.'
        : `The number is left alone until ${new Date(order.until).toISOString()}.`;
    case 'waiting':
      return 'A process holds the database and has not carried this out yet. It stands in the control folder and is done when the relay comes to it.';
    case 'rejected':
      return 'The running relay has another secret. Give the command with the settings of the relay (RINGBACK_SECRET).';
  }
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function readDays(text: string): number {
  const days = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > MAX_OPT_OUT_DAYS) throw new UsageError(`Give --days a whole number from 1 to ${MAX_OPT_OUT_DAYS}.`);
  return days;
}
