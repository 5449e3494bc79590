/** Starts a subject, loads it, and says how many requests a second it answered as expected. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import autocannon, { type Request } from 'autocannon';

export interface Load {
  subject: string;
  /** Every answer must have this status; others fail the run. */
  status: number;
  request: () => { headers: Record<string, string>; body: string };
}

const CONNECTIONS = 64;

export async function startSubject(name: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./subject.js', import.meta.url)), name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.stdout === null) throw new Error('The subject has no output.');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, url: `http://127.0.0.1:${line.toString().trim()}` };
}

export async function measure({ subject, status, request }: Load, url: string, seconds: number): Promise<number> {
  const requests: Request[] = [{ method: 'POST', path: '/v1/calls', setupRequest: (each) => ({ ...each, ...request() }) }];
  const result = await autocannon({ url, connections: CONNECTIONS, duration: seconds, requests });
  const expected = result.statusCodeStats?.[`${status}`]?.count ?? 0;
  const others = Object.entries(result.statusCodeStats ?? {}).filter(([code]) => code !== String(status));
  if (expected === 0 || others.length > 0 || result.errors > 0) {
    throw new Error(`${subject}: expected only ${status}, got ${JSON.stringify(result.statusCodeStats)} and ${result.errors} errors.`);
  }
  return expected / result.duration;
}
