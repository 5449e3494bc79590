#!/usr/bin/env node
/** The command line: `ringback start` and the commands to a relay that runs. Exit codes: 0 done, 1 it could not be done, 2 misused; `call` has one more. */
import { Command, CommanderError } from 'commander';
import { addAccountCommands } from './account-commands.ts';
import { addBitrix24Commands } from './bitrix24-commands.ts';
import { addCallCommand } from './call-command.ts';
import { addControlCommands } from './control-commands.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { addEventsUrlCommand } from './events-url-command.ts';
import { addHangUpCommand } from './hang-up-command.ts';
import { addMessageCommands } from './message-commands.ts';
import { start } from './start-command.ts';
import { UsageError } from './usage-error.ts';

const program = new Command('ringback')
  .description('A call-me-back form for any website, and the relay between it and the telephone.')
  // It repeats what it does not understand, and that may be a telephone number.
  .configureOutput({ outputError: (text, write) => write(text.replace(/\d{4,}/g, '…')) })
  .exitOverride();
program
  .command('start', { isDefault: true })
  .description('Run the relay; the demo if no provider is set. SIGHUP reads the settings anew.')
  .addHelpText('after', '\nExample: RINGBACK_CONFIG=./ringback.json ringback start')
  .action(start);
addDoctorCommand(program);
addAccountCommands(program);
addCallCommand(program);
addBitrix24Commands(program);
addControlCommands(program);
addHangUpCommand(program);
addEventsUrlCommand(program);
addMessageCommands(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`${error instanceof Error ? error.message : 'It failed for an unknown reason.'}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}
