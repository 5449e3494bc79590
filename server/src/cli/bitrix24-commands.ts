/** `ringback bitrix24 line …`: the external lines of an application, by which a portal's own callback form finds it (docs/providers/bridge.md). */
import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { openAccountDesk } from '../platforms/account-desk.ts';
import type { Bitrix24Client } from '../providers/bitrix24/bitrix24-client.ts';
import { addLine, listLines, removeLine, updateLine } from '../providers/bitrix24/bitrix24-line.ts';
import type { Answer } from '../providers/provider.ts';
import { requireSettings } from './read-settings.ts';
import { printJson, renderTable } from './terminal.ts';
import { UsageError } from './usage-error.ts';

interface Options {
  account?: string;
  json?: true;
}

/** The portal treats it as a name; what it shows in a form should be readable. */
const LINE_NUMBER = /^\+?[\w .()-]{1,50}$/;

export function addBitrix24Commands(program: Command): void {
  const line = program
    .command('bitrix24')
    .description('What only a Bitrix24 portal has.')
    .command('line')
    .description('External lines of an application in its portal.');
  withOptions(line.command('list').description('Show the lines of the application.'), 'ringback bitrix24 line list').action(list);
  withOptions(
    line
      .command('add')
      .description('Add a line, so that a callback form can choose it.')
      .argument('<number>', 'of the line, as the portal is to show it')
      .option('--name <text>', 'what the portal calls it')
      .option('--no-crm', 'make no entry in the CRM for calls that users make by this line'),
    'ringback bitrix24 line add +49301234567 --name "Website"',
  ).action(add);
  withOptions(
    line
      .command('update')
      .description('Change what the portal calls a line, or whether it makes entries; what is not named stays.')
      .argument('<number>', 'as the list shows it')
      .option('--name <text>', 'what the portal is to call it')
      .option('--crm', 'make an entry in the CRM for calls that users make by this line')
      .option('--no-crm', 'make none'),
    'ringback bitrix24 line update +49301234567 --name "Shop" --no-crm',
  ).action(update);
  withOptions(
    line
      .command('remove')
      .description('Take a line away; forms that chose it ask nobody then.')
      .argument('<number>', 'as the list shows it'),
    'ringback bitrix24 line remove +49301234567',
  ).action(remove);
}

function withOptions(command: Command, example: string): Command {
  return command
    .option('--account <name>', 'which application; not needed where there is one')
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', `\nExample: ${example}`);
}

async function list({ account, json }: Options): Promise<void> {
  const lines = await atPortal(account, listLines);
  if (json) printJson(lines);
  else if (lines.length === 0) process.stdout.write('The application has no line. Add one: ringback bitrix24 line add <number>.\n');
  else {
    const rows = lines.map(({ number, name, createsEntries }) => [number, name, createsEntries ? 'yes' : 'no']);
    process.stdout.write(renderTable(['number', 'name', 'CRM entries'], rows));
  }
}

async function add(number: string, { account, json, name, crm }: Options & { name?: string; crm: boolean }): Promise<void> {
  requireLine(number);
  const line = { number, ...(name !== undefined && { name }), ...(!crm && { createsEntries: false }) };
  const id = await atPortal(account, (portal) => addLine(portal, line));
  if (json) printJson({ number, id });
  else process.stdout.write('The line is there. Choose it now in the callback settings of the CRM form.\n');
}

async function update(number: string, { account, json, name, crm }: Options & { name?: string; crm?: boolean }): Promise<void> {
  requireLine(number);
  if (name === undefined && crm === undefined) throw new UsageError('Say what to change: --name, --crm or --no-crm.');
  const line = { number, ...(name !== undefined && { name }), ...(crm !== undefined && { createsEntries: crm }) };
  const id = await atPortal(account, (portal) => updateLine(portal, line));
  if (json) printJson({ number, id });
  else process.stdout.write('The line is changed.\n');
}

async function remove(number: string, { account, json }: Options): Promise<void> {
  requireLine(number);
  await atPortal(account, (portal) => removeLine(portal, number));
  if (json) printJson({ number, removed: true });
  else process.stdout.write('The line is gone.\n');
}

function requireLine(number: string): void {
  if (!LINE_NUMBER.test(number)) throw new UsageError('Give the number of the line as the portal is to show it, such as +49301234567.');
}

/** Throws what the portal says against it. */
async function atPortal<T>(wanted: string | undefined, ask: (portal: Bitrix24Client) => Promise<Answer<T>>): Promise<T> {
  const config = requireSettings('The settings of the relay cannot be read');
  const name = chooseApplication(config, wanted);
  const desk = openAccountDesk(config);
  try {
    const portal = desk.accounts.get(name)?.bitrix24;
    if (portal === undefined) throw new Error(`The account ${name} has no Bitrix24 portal.`);
    const answer = await ask(portal);
    if (!answer.ok) throw new Error(answer.fault.message);
    return answer.value;
  } finally {
    await desk.close();
  }
}

/** A webhook may be named too: the portal itself says whether it lets it. */
function chooseApplication({ providers }: Config, wanted: string | undefined): string {
  if (wanted !== undefined) {
    if (!providers.has(wanted)) throw new Error(`There is no such account. There are: ${[...providers.keys()].join(', ')}.`);
    return wanted;
  }
  const [only, ...others] = [...providers].filter(([, { type }]) => type === 'bitrix24_app').map(([name]) => name);
  if (only === undefined) throw new Error('No application is set. How to install one: docs/providers/bitrix24-app.md.');
  if (others.length > 0) throw new UsageError(`There are several applications. Name one with --account: ${[only, ...others].join(', ')}.`);
  return only;
}
