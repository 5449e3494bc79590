/** What the company has not been told yet, and trying again what was given up. Works whether the relay runs or not. */
import type { Command } from 'commander';
import { askRelay } from '../platforms/deliver-order.ts';
import type { ControlOrder } from '../platforms/node-control.ts';
import type { Message } from '../store/message.ts';
import { requireSettings } from './read-settings.ts';

const HEADLINE = 'The settings of the relay cannot be read';

interface Output {
  json?: true;
}

export function addMessageCommands(program: Command): void {
  const messages = program
    .command('messages')
    .description('Show leads and notices that no channel has taken yet, those that were given up first.')
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\nExample: ringback messages --json')
    .action(list);
  messages
    .command('retry')
    .description('Try again, at once, what was given up.')
    .addHelpText('after', '\nExample: ringback messages retry')
    .action(() => retry(messages.opts()));
}

async function list({ json }: Output): Promise<void> {
  const found = await ask({ kind: 'list_messages', states: ['quarantined', 'waiting'] });
  if (found === undefined) return;
  const messages = found as Message[];
  if (json) process.stdout.write(`${JSON.stringify(messages)}\n`);
  else process.stdout.write(messages.length === 0 ? 'Everything has been told.\n' : `${messages.map(describe).join('\n')}\n`);
}

async function retry({ json }: Output): Promise<void> {
  const count = await ask({ kind: 'retry_messages' });
  if (count === undefined) return;
  process.stdout.write(json ? `${JSON.stringify({ retried: count })}\n` : `Given another try: ${String(count)}.\n`);
}

/** Undefined where nobody answered, which has been said then. */
async function ask(order: ControlOrder): Promise<unknown> {
  const { delivery, answer } = await askRelay(order, requireSettings(HEADLINE));
  if (delivery === 'done') return answer;
  process.stderr.write(
    delivery === 'waiting'
      ? 'A process holds the database and has not answered. Try again when the relay is well.\n'
      : 'The running relay has another secret. Give the command with the settings of the relay (RINGBACK_SECRET).\n',
  );
  process.exitCode = 1;
  return undefined;
}

/** As fields that can be cut apart: state, channel, what it is about, since when, how often it was tried, why it failed, how far it got, when next. */
function describe({ state, channel, callId, topic, createdAt, attempts, fault, receipt, dueAt }: Message): string {
  const subject = callId === undefined ? `notice ${topic ?? ''}` : `call ${callId}`;
  const next = state === 'waiting' && dueAt !== undefined ? `next ${instant(dueAt)}` : '';
  const tried = attempts === 0 ? '' : `tried ${attempts} ${attempts === 1 ? 'time' : 'times'}`;
  return [state, channel, subject, `since ${instant(createdAt)}`, tried, fault ?? '', receipt ?? '', next]
    .filter((part) => part !== '')
    .join('  ');
}

function instant(at: number): string {
  return new Date(at).toISOString();
}
