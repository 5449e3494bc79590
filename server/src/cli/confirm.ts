/** Asks a person before something happens that cannot be undone. */
import { createInterface } from 'node:readline/promises';
import { UsageError } from './usage-error.ts';

/** `verb`: what is done with `--yes`, for whoever calls it from a script. */
export async function confirm(question: string, verb: string): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new UsageError(`It asks before it does, and nobody is there to answer. Give --yes to ${verb} without being asked.`);
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await asked.question(`${question} Go on? [y/N] `)).trim());
  } catch {
    // Ctrl-C or the end of the input: that is no yes.
    return false;
  } finally {
    asked.close();
  }
}
