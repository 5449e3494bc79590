/** The commands of an operator, right and wrong, with and without JSON: all with marked numbers and secrets among their words. */
import { once } from 'node:events';
import { expect } from 'vitest';
import type { BuiltRelays, Ran } from '../simulators/built-relay.ts';
import { MARKS } from '../simulators/canary-marks.ts';
import { E164 } from './canary.suite.ts';

export interface CanaryCommands {
  /** Everything that ran, by what it was for. */
  readonly ran: [string, Ran][];
  /** Answers what it said. `code`: how it must end; undefined where that is no matter here. */
  run(code: number | undefined, words: readonly string[], changes?: Readonly<Record<string, string>>): Promise<string>;
  /** What asks and changes nothing. `atOnce`: so many processes; where no relay runs, one of them holds the database against the others. */
  look(questions: readonly Question[], atOnce: number): Promise<void>;
  /** What is misused, and tells so. */
  mistake(): Promise<void>;
  /** What changes something; needs a relay with a site `office`. */
  manage(): Promise<void>;
}

export const QUESTIONS = ['doctor', 'lines', 'voices', 'sounds', 'messages', 'bitrix24 line list'] as const;
type Question = (typeof QUESTIONS)[number];

const MISTAKES: readonly (readonly string[])[] = [
  ['lines', E164],
  ['voices', MARKS.webhookSecret],
  ['sounds', 'phone', E164],
  ['doctor', '--base', E164],
  ['bitrix24', 'line', 'list', '--account', E164],
  ['bitrix24', 'line', 'remove', `${E164}@${MARKS.name}`],
  ['messages', E164],
  ['messages', 'retry', MARKS.name],
  ['hang-up', E164, '--yes'],
  ['call', E164.slice(1), '--yes'],
  ['call', E164, '--site', E164, '--yes'],
  ['call', E164, '--site', 'office', '--yes', '--wait', E164],
  ['call', E164, '--site', 'office'],
  ['opt-out', E164, '--days', E164],
];

export function canaryCommands(relays: BuiltRelays, env: Readonly<Record<string, string>>): CanaryCommands {
  const ran: [string, Ran][] = [];

  const run: CanaryCommands['run'] = async (code, words, changes = {}) => {
    const started = relays.run({ ...env, ...changes }, ...words);
    ran.push([words.join(' '), started]);
    const [ended] = await once(started.child, 'close');
    if (code !== undefined) expect(ended, `${words.join(' ')}: ${started.output()}`).toBe(code);
    return started.output();
  };

  /** As they are, and with `--json`. */
  async function runBoth(code: number | undefined, all: readonly (readonly string[])[], atOnce = 6): Promise<string[]> {
    const both = all.flatMap((words) => [words, [...words, '--json']]);
    const said: string[] = [];
    for (let at = 0; at < both.length; at += atOnce)
      said.push(...(await Promise.all(both.slice(at, at + atOnce).map((words) => run(code, words)))));
    return said;
  }

  return {
    ran,
    run,
    async look(questions, atOnce) {
      const all = questions.map((words) => words.split(' '));
      for (const said of await runBoth(undefined, all, atOnce)) expect(said).not.toBe('');
    },
    async mistake() {
      for (const said of await runBoth(undefined, MISTAKES)) expect(said).not.toBe('');
    },
    async manage() {
      const placed = await run(undefined, ['call', E164, '--site', 'office', '--yes', '--wait', '3', '--json']);
      const { id } = JSON.parse(/^\{.*\}$/m.exec(placed)?.[0] ?? '{}') as { id?: string };
      if (id === undefined) throw new Error(placed);
      await run(2, ['hang-up', id]);
      await runBoth(undefined, [['hang-up', id, '--yes']]);
      await runBoth(0, [
        ['messages', 'retry'],
        ['opt-out', E164],
      ]);
      await runBoth(1, [['call', E164, '--site', 'office', '--yes']]);
      const others = { RINGBACK_SECRET: [...MARKS.relaySecret].toReversed().join('') };
      await Promise.all([run(1, ['opt-out', E164], others), run(undefined, ['messages'], others)]);
    },
  };
}
