/** `ringback events-url`: the secret address for a provider's events, or for installing an application. It is shown here, when somebody asks, and nowhere else. */
import type { Command } from 'commander';
import { type EventAddress, listEventAddresses } from '../platforms/event-addresses.ts';
import { readBase } from './read-base.ts';
import { requireSettings } from './read-settings.ts';

interface Options {
  base?: string;
  json?: true;
  install?: true;
}

export function addEventsUrlCommand(program: Command): void {
  program
    .command('events-url')
    .description("Print the address for a provider's events, and where an application is installed. Both are secrets.")
    .argument('[provider]', 'name of one account; all accounts if left out')
    .option('--base <url>', 'where the relay is reached from outside, such as https://relay.example')
    .option('--install', 'print the address where a portal installs an application instead')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExample: ringback events-url --base https://relay.example')
    .action(printAddresses);
}

function printAddresses(provider: string | undefined, { base, json, install }: Options): void {
  const place = base === undefined ? undefined : readBase(base);
  const known = listEventAddresses(requireSettings('The settings of the relay cannot be read'));
  const wanted = known.filter((address) => provider === undefined || address.provider === provider).filter(hasPath);
  if (wanted.length === 0) throw new Error(install && known.length > 0 ? NONE_INSTALLED : describeNone(known));
  const at = (path: string) => `${place ?? 'https://<address of the relay>'}${path}`;
  const shown = wanted.map(({ path, installPath, ...rest }) => ({
    ...rest,
    url: at(path),
    ...(installPath !== undefined && { installUrl: at(installPath) }),
  }));
  if (json) process.stdout.write(`${JSON.stringify(shown)}\n`);
  else {
    const rows = shown.map(({ provider: name, url, installUrl }) => ({ name, address: install ? installUrl : url }));
    for (const { name, address } of rows) process.stdout.write(rows.length === 1 ? `${address}\n` : `${name}  ${address}\n`);
  }
  for (const { provider: name, takesEvents, installPath } of install ? [] : wanted) {
    if (!takesEvents) process.stderr.write(`${name} has no event token: what arrives there is refused until one is set (eventToken).\n`);
    if (installPath !== undefined)
      process.stderr.write(`${name} is an application: its form in the portal asks for what --install prints.\n`);
  }

  function hasPath({ installPath }: EventAddress): boolean {
    return !install || installPath !== undefined;
  }
}

const NONE_INSTALLED = 'No such account is an application: only those of the type bitrix24_app are installed.';

function describeNone(known: readonly EventAddress[]): string {
  if (known.length === 0) return 'No provider is set; the demo tells itself what happens.';
  return `There is no such provider. There are: ${known.map(({ provider }) => provider).join(', ')}.`;
}
