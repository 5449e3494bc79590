/** The built command as people run it, for tests: a process of its own, everything that it says kept. Needs `npm run build`. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const COMMAND = `${ROOT}server/dist/cli/ringback.js`;
/** Whether `npm start` would begin at once, without installing or building anything. */
const IS_READY = "import('./.ci/prepare.mjs').then(({ isBuilt, isInstalled }) => process.exit(isInstalled() && isBuilt() ? 0 : 1))";

export interface Ran {
  readonly child: ChildProcess;
  /** What it has said so far, on both channels. */
  readonly output: () => string;
}

export type Started = Ran & { url: string };

export interface BuiltRelays {
  /** Any command: `run(env, 'forget', '+49…')`. */
  run(env: Readonly<Record<string, string>>, ...command: string[]): Ran;
  /** Resolves once it takes requests; `url` has no slash at its end. */
  start(env: Readonly<Record<string, string>>): Promise<Started>;
  /** The same by `npm start`, in a process group of its own, as in a terminal: `child` is npm. */
  startByNpm(env: Readonly<Record<string, string>>): Promise<Started>;
  /** Kills whatever still runs. */
  stop(): Promise<void>;
}

/** All of them run in `folder`, and listen on loopback unless told otherwise. */
export function builtRelays(folder: string): BuiltRelays {
  if (!existsSync(COMMAND)) throw new Error('The relay has not been built. Run: npm run build');
  const children: { child: ChildProcess; detached: boolean }[] = [];

  function launch(command: string, args: readonly string[], { cwd, env, detached = false }: Launch): Ran {
    const usual = { PATH: process.env.PATH ?? '', HOST: '127.0.0.1', PORT: '0' };
    const child = spawn(command, args, { cwd, env: { ...usual, ...env }, stdio: ['ignore', 'pipe', 'pipe'], detached });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    }
    children.push({ child, detached });
    return { child, output: () => text };
  }

  const run: BuiltRelays['run'] = (env, ...command) => launch(process.execPath, [COMMAND, ...command], { cwd: folder, env });

  return {
    run,
    start: (env) => listening(run(env, 'start')),
    startByNpm(env) {
      if (spawnSync(process.execPath, ['-e', IS_READY], { cwd: ROOT }).status !== 0)
        throw new Error('What has been built is older than its sources. Run: npm run build');
      const quiet = { HOME: folder, npm_config_update_notifier: 'false' };
      return listening(launch('npm', ['start'], { cwd: ROOT, env: { ...quiet, ...env }, detached: true }));
    },
    async stop() {
      for (const { child, detached } of children) {
        // Whatever npm has left behind goes with it.
        if (detached && child.pid !== undefined) killGroup(child.pid);
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    },
  };
}

interface Launch {
  cwd: string;
  env: Readonly<Record<string, string>>;
  detached?: boolean;
}

async function listening({ child, output }: Ran): Promise<Started> {
  for (;;) {
    const url = /http:\/\/[\w.]+:\d+/.exec(output())?.[0];
    if (url !== undefined) return { child, output, url };
    if (child.exitCode !== null) throw new Error(output());
    await Promise.race([child.stdout && once(child.stdout, 'data'), once(child, 'exit')]);
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left in it.
  }
}
