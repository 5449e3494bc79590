/** The relay as an operator starts it: the built command, settings by environment, its own store in a temporary folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RELAY_COMMAND } from './built.ts';

export interface LogLine {
  readonly event: string;
  readonly code?: string;
  readonly callId?: string;
}

export interface Relay {
  /** `http://127.0.0.1:<port>`; the same after a restart. */
  readonly url: string;
  /** What it logged, oldest first. The demo logs nothing. */
  log(): readonly LogLine[];
  /** Afterwards connections to its address are refused. */
  stop(): Promise<void>;
  /** Comes back at the same address with the same store. */
  restart(): Promise<void>;
  /** Stops it for good and forgets its store. */
  dispose(): Promise<void>;
}

export interface RelayOptions {
  settings?: Readonly<Record<string, string>>;
  /** The JSON file that a relay may have beside its environment. */
  file?: object | undefined;
}

export async function startRelay({ settings = {}, file }: RelayOptions = {}): Promise<Relay> {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-e2e-'));
  const configFile = join(folder, 'ringback.json');
  if (file !== undefined) writeFileSync(configFile, JSON.stringify(file));
  const env = {
    PATH: process.env.PATH ?? '',
    HOST: '127.0.0.1',
    RINGBACK_STORE: `sqlite:${join(folder, 'ringback.db')}`,
    ...(file !== undefined && { RINGBACK_CONFIG: configFile }),
    ...settings,
  };
  const output: string[] = [];
  let child = spawnRelay({ ...env, PORT: '0' }, output);
  const url = await greetedUrl(child, output);

  async function stop(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  return {
    url,
    log: () => output.join('').split('\n').flatMap(parseLogLine),
    stop,
    async restart() {
      await stop();
      child = spawnRelay({ ...env, PORT: new URL(url).port }, output);
      await greetedUrl(child, []);
    },
    async dispose() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function spawnRelay(env: NodeJS.ProcessEnv, output: string[]): ChildProcess {
  const child = spawn(process.execPath, [RELAY_COMMAND, 'start'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  return child;
}

/** The greeting names the address; a relay that ends before it has said why. */
function greetedUrl(child: ChildProcess, output: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = '';
    child.stdout?.on('data', (text: string) => {
      seen += text;
      const url = /http:\/\/[\d.]+:\d+/.exec(seen)?.[0];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', (code) => reject(new Error(`The relay ended with ${code}:\n${output.join('')}`)));
  });
}

function parseLogLine(line: string): LogLine[] {
  return line.startsWith('{') ? [JSON.parse(line) as LogLine] : [];
}
