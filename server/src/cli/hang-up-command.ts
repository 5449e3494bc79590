/** `ringback hang-up`: breaks one call off, by the relay that made it. It asks before it does. */
import type { Command } from 'commander';
import type { HangUpAnswer } from '../calls/hang-up-call.ts';
import { type Delivery, isRelayRunning, leaveForRelay, openControl } from '../platforms/deliver-order.ts';
import { confirm } from './confirm.ts';
import { requireSettings } from './read-settings.ts';
import { printJson } from './terminal.ts';

interface Options {
  yes?: true;
  json?: true;
}

/** A provider has 15 s to answer, for each of two requests. */
const ANSWER_WITHIN_MS = 40_000;

export function addHangUpCommand(program: Command): void {
  program
    .command('hang-up')
    .description('Break a call off that goes on, as far as its provider can be asked to. Asks first.')
    .argument('<call>', 'id of the call, as the log has it (callId)')
    .option('--yes', 'do not ask')
    .option('--json', 'print the outcome as JSON')
    .addHelpText('after', '\nExample: ringback hang-up 0192f3a4-5b6c-7d8e-9fa0-b1c2d3e4f5a6')
    .action(hangUp);
}

async function hangUp(id: string, { yes, json }: Options): Promise<void> {
  const config = requireSettings('The settings of the relay cannot be read');
  const folder = openControl(config);
  if (!yes && !(await confirm('This breaks the call off, whoever is talking.', 'hang up'))) {
    process.stderr.write('The call goes on.\n');
    process.exitCode = 1;
    return;
  }
  if (!(await isRelayRunning(config))) throw new Error('No relay runs here. Start it, and give the command again.');
  const given = await leaveForRelay({ kind: 'hang_up', id }, { folder, config, waitMs: ANSWER_WITHIN_MS });
  const answer = given.answer as HangUpAnswer | undefined;
  const isDone = answer !== undefined && DONE.has(answer.kind);
  if (json)
    printJson(answer?.kind === 'failed' ? { outcome: 'failed', code: answer.fault.code } : { outcome: answer?.kind ?? given.delivery });
  else (isDone ? process.stdout : process.stderr).write(`${answer === undefined ? SILENCE[given.delivery] : describe(answer)}\n`);
  if (!isDone) process.exitCode = 1;
}

const DONE: ReadonlySet<HangUpAnswer['kind']> = new Set(['asked', 'taken_back', 'not_running', 'over']);

function describe(answer: HangUpAnswer): string {
  switch (answer.kind) {
    case 'asked':
      return 'The provider was asked to break the call off, and has agreed. The log tells how it ended.';
    case 'taken_back':
      return 'The call was taken back. Nobody was rung.';
    case 'not_running':
      return 'The provider has no such call any more.';
    case 'over':
      return 'The call is over.';
    case 'unknown_call':
      return 'The relay knows no such call.';
    case 'dialling':
      return 'The call is just being started. Give the command again in a moment.';
    case 'no_way':
      return 'The provider of this call cannot be asked to break it off.';
    case 'failed':
      return `The call could not be broken off: ${answer.fault.message}`;
  }
}

const SILENCE: Readonly<Record<Delivery, string>> = {
  done: 'The relay has given no answer. Look into its log.',
  waiting: 'The relay has not answered. Look into its log before you try again.',
  rejected: 'The running relay has another secret. Give the command with the settings of the relay (RINGBACK_SECRET).',
};
