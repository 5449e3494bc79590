/** The command line as people use it, for tests: bundled from the source, a process of its own for each command. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

export interface Running {
  child: ChildProcess;
  /** Everything that was said so far, on both channels. */
  text(): string;
  /** Resolves once `said` has been said, behind everything that was waited for before. */
  says(said: string | RegExp): Promise<RegExpExecArray>;
  ended: Promise<number | null>;
}

export interface Ended {
  code: number | null;
  text: string;
}

export interface User {
  uid: number;
  gid: number;
}

export interface CommandLine {
  /** Once, before anything is run. */
  build(): Promise<void>;
  run(...args: string[]): Running;
  /** As another user, which takes root. */
  runAs(as: User | undefined, ...args: string[]): Running;
  command(...args: string[]): Promise<Ended>;
  /** `url` has no slash at its end. */
  startRelay(as?: User): Promise<Running & { url: string }>;
  killAll(): void;
}

/** Everything happens in `folder`. `env` is read with each command, so that a test can change it. */
export function commandLine(folder: string, env: Readonly<Record<string, string | undefined>>): CommandLine {
  const script = join(folder, 'server/dist/cli/ringback.js');
  const children = new Set<ChildProcess>();

  function runAs(as: User | undefined, ...args: string[]): Running {
    const child = spawn(process.execPath, [script, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'], ...as });
    children.add(child);
    return listenTo(child);
  }

  return {
    async build() {
      const engine = createRequire(import.meta.url).resolve('better-sqlite3');
      await build({
        configFile: false,
        logLevel: 'error',
        resolve: { alias: { 'better-sqlite3': engine } },
        ssr: { noExternal: true },
        build: {
          ssr: fileURLToPath(new URL('../cli/ringback.ts', import.meta.url)),
          outDir: join(folder, 'server/dist/cli'),
          target: 'node20',
          rollupOptions: { external: [engine], output: { entryFileNames: 'ringback.js' } },
        },
      });
      writeFileSync(join(folder, 'server/package.json'), '{ "type": "module", "version": "0.0.0" }');
      mkdirSync(join(folder, 'widget/dist/callback'), { recursive: true });
      writeFileSync(join(folder, 'widget/dist/callback.js'), '');
    },
    run: (...args) => runAs(undefined, ...args),
    runAs,
    async command(...args) {
      const running = runAs(undefined, ...args);
      return { code: await running.ended, text: running.text() };
    },
    async startRelay(as) {
      const relay = runAs(as, 'start');
      return { ...relay, url: (await relay.says(/Ringback relay +(http\S+)/))[1] ?? '' };
    },
    killAll() {
      for (const child of children) child.kill('SIGKILL');
      children.clear();
    },
  };
}

function listenTo(child: ChildProcess): Running {
  let text = '';
  let seen = 0;
  const watchers = new Set<() => void>();
  for (const channel of [child.stdout, child.stderr]) {
    channel?.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      for (const watch of watchers) watch();
    });
  }
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const says = (said: string | RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const watch = () => {
        const found = new RegExp(said).exec(text.slice(seen));
        if (found === null) return;
        seen += found.index + found[0].length;
        watchers.delete(watch);
        resolve(found);
      };
      watchers.add(watch);
      watch();
      void ended.then(() => reject(new Error(`It ended without saying ${said}: ${text}`)));
    });
  return { child, text: () => text, says, ended };
}
