/** From a request leaving a client to the first byte of the dial reaching a provider, with an otherwise idle relay process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Row } from './row.ts';

const CALLS = 300;
const WARM_UP_CALLS = 50;
/** A portal takes fifty requests at once and then two a second. With so many of them none has to wait, and the relay alone is measured. */
const PORTALS = 10;
const WIDE = {
  acceptHigherCost: true,
  sitePerMinute: 10_000,
  sitePerHour: 10_000,
  sitePer24Hours: 10_000,
  deploymentPerMinute: 10_000,
  deploymentPerHour: 10_000,
  deploymentPer24Hours: 10_000,
};
const COMMAND = 'server/dist/cli/ringback.js';

export async function dialLatencyRows(): Promise<Row[]> {
  process.stderr.write('  accept to first provider byte\n');
  const folder = mkdtempSync(join(tmpdir(), 'ringback-bench-'));
  let arrive: (at: number) => void = () => {};
  const answer: RequestListener = (request, response) => {
    if (request.url?.includes('callback.start')) arrive(performance.now());
    request.resume();
    // A refusal frees the line at once, so that the next call need not wait for one that is ringing.
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end('{"error":"ERROR_CORE","error_description":"Phone number is not correct"}');
  };
  const portals = Array.from({ length: PORTALS }, () => createServer(answer));
  const { child, url } = await startRelay(await Promise.all(portals.map(listen)), folder);
  try {
    const times: number[] = [];
    for (let at = 0; at < CALLS + WARM_UP_CALLS; at++) {
      const arrived = new Promise<number>((resolve) => {
        arrive = resolve;
      });
      const sentAt = performance.now();
      const response = await ask(url, at);
      if (response.status !== 202) throw new Error(`The relay answered ${response.status}: ${await response.text()}`);
      const tookMs = (await arrived) - sentAt;
      if (at >= WARM_UP_CALLS) times.push(tookMs);
    }
    return [latencyRow('p50', 0.5, times, 3), latencyRow('p99', 0.99, times, 15)];
  } finally {
    child.kill();
    for (const portal of portals) portal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function latencyRow(name: string, share: number, times: number[], goalMs: number): Row {
  const sorted = [...times].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { name: `request → dial, ${name}`, value: `${value.toFixed(1)} ms`, goal: `≤ ${goalMs} ms`, isReached: value <= goalMs };
}

/** A new source address each time, as the trusted proxy in front of the relay would report it: honest limits stay as they are. */
function ask(url: string, at: number): Promise<Response> {
  return fetch(`${url}/v1/calls`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      origin: 'https://shop.example',
      'idempotency-key': randomUUID(),
      'x-forwarded-for': `198.18.${Math.floor(at / 250)}.${(at % 250) + 1}`,
    },
    body: JSON.stringify({ site: `site-${at % PORTALS}`, phone: `017${[...String(at).padStart(8, '0')].reverse().join('')}` }),
  });
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function startRelay(portalPorts: readonly number[], folder: string): Promise<{ child: ChildProcess; url: string }> {
  // Only the limits of the sites are lifted: everything that is checked is checked.
  const file = join(folder, 'ringback.json');
  const common = { line: 'reg1', origins: ['https://shop.example'], country: 'DE', budgetPerCall: 1, budgetPerDay: 10_000 };
  const settings = {
    providers: Object.fromEntries(portalPorts.map((_, at) => [`portal-${at}`, { type: 'bitrix24', webhookUrl: { $env: `PORTAL_${at}` } }])),
    sites: Object.fromEntries(portalPorts.map((_, at) => [`site-${at}`, { ...common, provider: `portal-${at}` }])),
    limits: WIDE,
  };
  writeFileSync(file, JSON.stringify(settings));
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const child = spawn(process.execPath, [COMMAND, 'start'], {
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: String(port),
      ...Object.fromEntries(portalPorts.map((portal, at) => [`PORTAL_${at}`, `http://127.0.0.1:${portal}/rest/1/bench/`])),
      RINGBACK_STORE: `sqlite:${join(folder, 'bench.db')}`,
      RINGBACK_TRUST_PROXY: '1',
      RINGBACK_CONFIG: file,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 200; tries++) {
    if (
      await fetch(`${url}/readyz`).then(
        (response) => response.ok,
        () => false,
      )
    )
      return { child, url };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill();
  throw new Error('The relay did not start.');
}
