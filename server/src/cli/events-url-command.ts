/** `ringback events-url`: the secret address for a provider's events. It is shown here, when somebody asks, and nowhere else. */
import type { Command } from 'commander';
import { type EventAddress, listEventAddresses } from '../platforms/event-addresses.ts';
import { requireSettings } from './read-settings.ts';
import { UsageError } from './usage-error.ts';

interface Options {
  base?: string;
  json?: true;
}

export function addEventsUrlCommand(program: Command): void {
  program
    .command('events-url')
    .description("Print the address for a provider's events. It is a secret.")
    .argument('[provider]', 'name of one account; all accounts if left out')
    .option('--base <url>', 'where the relay is reached from outside, such as https://relay.example')
    .option('--json', 'print it as JSON')
    .action(printAddresses);
}

function printAddresses(provider: string | undefined, { base, json }: Options): void {
  const place = base === undefined ? undefined : readBase(base);
  const known = listEventAddresses(requireSettings('The settings of the relay cannot be read'));
  const wanted = known.filter((address) => provider === undefined || address.provider === provider);
  if (wanted.length === 0) throw new Error(describeNone(known));
  const shown = wanted.map(({ path, ...rest }) => ({ ...rest, url: `${place ?? 'https://<address of the relay>'}${path}` }));
  if (json) process.stdout.write(`${JSON.stringify(shown)}\n`);
  else for (const { provider: name, url } of shown) process.stdout.write(shown.length === 1 ? `${url}\n` : `${name}  ${url}\n`);
  for (const { provider: name } of wanted.filter(({ takesEvents }) => !takesEvents)) {
    process.stderr.write(`${name} has no event token: what arrives there is refused until one is set (eventToken).\n`);
  }
}

function describeNone(known: readonly EventAddress[]): string {
  if (known.length === 0) return 'No provider is set; the demo tells itself what happens.';
  return `There is no such provider. There are: ${known.map(({ provider }) => provider).join(', ')}.`;
}

/** A path stays: a proxy may serve the relay under one. */
function readBase(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && `${url.search}${url.hash}${url.username}` === '';
  if (!isPlain) throw new UsageError('Give --base the address of the relay, such as https://relay.example.');
  return url.href.replace(/\/+$/, '');
}
