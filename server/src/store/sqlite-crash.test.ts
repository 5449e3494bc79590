/** What the SQLite store promises when its process ends in the middle, in real processes on a real file. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fakeClock } from '../simulators/fake-clock.ts';
import { sqliteStore } from './sqlite-store.ts';

/** Calls that the child has under way at once. */
const IN_FLIGHT = 16;
/** Processes start slowly on a busy machine. */
const TIMEOUT_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'ringback-crash-'));
const script = join(folder, 'crash-child.mjs');

beforeAll(async () => {
  const engine = createRequire(import.meta.url).resolve('better-sqlite3');
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { 'better-sqlite3': engine } },
    build: {
      ssr: fileURLToPath(new URL('crash-child.ts', import.meta.url)),
      outDir: folder,
      emptyOutDir: false,
      target: 'node20',
      rollupOptions: { external: [engine], output: { entryFileNames: 'crash-child.mjs' } },
    },
  });
}, TIMEOUT_MS);

afterAll(() => rmSync(folder, { recursive: true }));

interface Child {
  /** What it has said so far. */
  lines: string[];
  /** Resolves once it has said `count` lines. */
  said(count: number): Promise<void>;
  kill(): void;
  ended: Promise<void>;
}

/** `shell`: run before the child, in its process. `wish`: what it is to do besides accepting. */
function startChild(path: string, prefix = '', { shell = ':', wish = '' } = {}): Child {
  const child = spawn('sh', ['-c', `${shell}; exec "$0" "$@"`, process.execPath, script, path, prefix, wish], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    for (const watch of watchers) watch();
  });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  return {
    lines,
    ended,
    kill: () => child.kill('SIGKILL'),
    said: (count) =>
      new Promise((resolve) => {
        const watch = () => lines.length >= count && resolve();
        watchers.add(watch);
        watch();
      }),
  };
}

test('after kill -9, again and again, every call that was promised is there', { timeout: TIMEOUT_MS }, async () => {
  const path = join(folder, 'killed.db');
  const promised: string[] = [];
  for (const [round, lines] of [40, 333, 1_500].entries()) {
    const child = startChild(path, `round-${round}-`);
    await child.said(lines);
    child.kill();
    await child.ended;
    const [first, ...ids] = child.lines;
    expect(first).toBe('open');
    promised.push(...ids);

    const store = sqliteStore({ path, clock: fakeClock() });
    const found = await Promise.all(promised.map((id) => store.find(id)));
    expect(found.map((call) => call?.id)).toEqual(promised);
    await store.close();
  }
});

test('after kill -9 a call has ended exactly where its lead is there', { timeout: TIMEOUT_MS }, async () => {
  const path = join(folder, 'leads.db');
  for (const [round, lines] of [40, 333, 700].entries()) {
    const prefix = `round-${round}-`;
    const child = startChild(path, prefix, { wish: 'ending' });
    await child.said(lines);
    child.kill();
    await child.ended;
    const promised = child.lines.slice(1);
    const store = sqliteStore({ path, clock: fakeClock() });
    const leads = new Map((await store.listMessages({}, 10_000)).map((message) => [message.callId, message]));
    for (const id of promised) expect(leads.get(id)).toMatchObject({ id: `${id}.crm`, state: 'waiting' });

    // Those that were under way when it was killed were promised to nobody, and may stand at any point.
    const begun = Array.from({ length: promised.length + 2 * IN_FLIGHT }, (_, index) => `${prefix}${index + 1}`);
    const found = await Promise.all(begun.map((id) => store.find(id)));
    for (const call of found) expect(call?.state === 'expired').toBe(call !== undefined && leads.has(call.id));
    expect([...leads.keys()].filter((id) => id?.startsWith(prefix)).every((id) => begun.includes(id ?? ''))).toBe(true);
    await store.close();
  }
});

test('a second process is told who stands in the way, and the file is free as soon as the first is killed', {
  timeout: TIMEOUT_MS,
}, async () => {
  const path = join(folder, 'held.db');
  const first = startChild(path, 'first-');
  await first.said(1);
  const second = startChild(path, 'second-');
  await second.ended;
  expect(second.lines).toEqual([expect.stringMatching(/^refused: .*held\.db is in use by another process\..*stop the other one/)]);
  expect(() => sqliteStore({ path, clock: fakeClock() })).toThrow(/in use by another process/);
  first.kill();
  await first.ended;
  const store = sqliteStore({ path, clock: fakeClock() });
  expect((await store.find('first-1'))?.id).toBe('first-1');
  await store.close();
});

test('a write that the system refuses with an error ends the store for good, and what was promised before is kept', {
  timeout: TIMEOUT_MS,
}, async () => {
  const path = join(folder, 'broken.db');
  // No file of the child's may grow beyond 400 blocks of 512 bytes: a write past that fails with EFBIG.
  const child = startChild(path, 'call-', { shell: 'ulimit -f 400' });
  await child.ended;
  const promised = child.lines.filter((line) => line.startsWith('call-'));
  expect(promised.length).toBeGreaterThan(0);
  expect(child.lines.filter((line) => !line.startsWith('call-'))).toEqual(['open', 'fatal', 'failed for good', 'stays failed']);
  const store = sqliteStore({ path, clock: fakeClock() });
  const found = await Promise.all(promised.map((id) => store.find(id)));
  expect(found.map((call) => call?.id)).toEqual(promised);
  await store.close();
});
