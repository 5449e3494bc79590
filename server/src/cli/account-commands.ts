/** `ringback lines`, `voices`, `sounds`: what an account offers for the settings to name. They ask the provider, and ring nobody. */
import type { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { type AskableAccount, openAccountDesk } from '../platforms/account-desk.ts';
import type { Answer } from '../providers/provider.ts';
import { requireSettings } from './read-settings.ts';
import { printJson, renderTable } from './terminal.ts';

interface Options {
  json?: true;
}

interface Offer {
  id: string;
  name: string;
}

interface Question {
  name: 'lines' | 'voices' | 'sounds';
  description: string;
  example: string;
  /** Undefined where this kind of account has nothing of the kind. */
  ask(account: AskableAccount): Promise<Answer<Offer[]>> | undefined;
}

const QUESTIONS: readonly Question[] = [
  {
    name: 'lines',
    description: 'Show the lines where your team can be rung.',
    example: 'ringback lines main --json',
    ask: ({ provider }) => provider.lines(),
  },
  {
    name: 'voices',
    description: 'Show the voices that can speak the announcement.',
    example: 'ringback voices',
    ask: ({ provider }) => provider.voices(),
  },
  {
    name: 'sounds',
    description: 'Show the sounds that a Telphin account can play.',
    example: 'ringback sounds telphin',
    ask: ({ sounds }) => sounds?.(),
  },
];

export function addAccountCommands(program: Command): void {
  for (const question of QUESTIONS) {
    program
      .command(question.name)
      .description(question.description)
      .argument('[account]', 'name of one provider account; all accounts if left out')
      .option('--json', 'print them as JSON')
      .addHelpText('after', `\nExample: ${question.example}`)
      .action((account: string | undefined, options: Options) => show(question, account, options));
  }
}

async function show({ name, ask }: Question, wanted: string | undefined, { json }: Options): Promise<void> {
  const config = requireSettings('The settings of the relay cannot be read');
  const names = chooseAccounts(config, wanted);
  const desk = openAccountDesk(config);
  const found: (Offer & { account: string })[] = [];
  let asked = 0;
  try {
    for (const account of names) {
      const question = desk.accounts.get(account);
      const answer = await (question && ask(question));
      // Of several accounts, some may be of a kind that has none.
      if (answer === undefined || (names.length > 1 && !answer.ok && answer.fault.code === 'voices_missing')) continue;
      asked += 1;
      if (answer.ok) found.push(...answer.value.map(({ id, name: label }) => ({ account, id, name: label })));
      else fail(`${account}: ${answer.fault.message}`);
    }
  } finally {
    await desk.close();
  }
  if (asked === 0) fail(`No account here has ${name}.`);
  if (json) printJson(found);
  else if (found.length > 0) process.stdout.write(describe(found, names.length > 1));
  else if (process.exitCode === undefined) process.stdout.write(`There are no ${name}.\n`);
}

function describe(found: readonly (Offer & { account: string })[], withAccounts: boolean): string {
  if (!withAccounts) {
    return renderTable(
      ['id', 'name'],
      found.map(({ id, name }) => [id, name]),
    );
  }
  return renderTable(
    ['account', 'id', 'name'],
    found.map(({ account, id, name }) => [account, id, name]),
  );
}

/** All accounts, or the one that is named. */
export function chooseAccounts(config: Config, wanted: string | undefined): readonly string[] {
  const names = [...config.providers.keys()];
  if (names.length === 0) throw new Error('No provider is set. How to connect one: docs/providers/bitrix24-webhook.md.');
  if (wanted === undefined) return names;
  if (!config.providers.has(wanted)) throw new Error(`There is no such account. There are: ${names.join(', ')}.`);
  return [wanted];
}

/** What could be read is still printed. */
function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
}
