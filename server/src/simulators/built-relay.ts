/** The built command as people run it, for tests: a process of its own, everything that it says kept. Needs `npm run build`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';

const COMMAND = new URL('../../dist/cli/ringback.js', import.meta.url).pathname;

export interface Ran {
  readonly child: ChildProcess;
  /** What it has said so far, on both channels. */
  readonly output: () => string;
}

export interface BuiltRelays {
  /** Any command: `run(env, 'forget', '+49…')`. */
  run(env: Readonly<Record<string, string>>, ...command: string[]): Ran;
  /** Resolves once it takes requests; `url` has no slash at its end. */
  start(env: Readonly<Record<string, string>>): Promise<Ran & { url: string }>;
  /** Kills whatever still runs. */
  stop(): Promise<void>;
}

/** All of them run in `folder`, and listen on loopback unless told otherwise. */
export function builtRelays(folder: string): BuiltRelays {
  if (!existsSync(COMMAND)) throw new Error('The relay has not been built. Run: npm run build');
  const children: ChildProcess[] = [];

  function run(env: Readonly<Record<string, string>>, ...command: string[]): Ran {
    const usual = { PATH: process.env.PATH ?? '', HOST: '127.0.0.1', PORT: '0' };
    const child = spawn(process.execPath, [COMMAND, ...command], {
      cwd: folder,
      env: { ...usual, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    }
    children.push(child);
    return { child, output: () => text };
  }

  return {
    run,
    async start(env) {
      const { child, output } = run(env, 'start');
      for (;;) {
        const url = /http:\/\/[\w.]+:\d+/.exec(output())?.[0];
        if (url !== undefined) return { child, output, url };
        if (child.exitCode !== null) throw new Error(output());
        await Promise.race([child.stdout && once(child.stdout, 'data'), once(child, 'exit')]);
      }
    },
    async stop() {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    },
  };
}
