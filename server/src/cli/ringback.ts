#!/usr/bin/env node
/** `ringback start`: reads the settings, starts the relay, and says what it does. Exit code 1 where it cannot start. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { Config } from '../config/config.ts';
import { readConfig } from '../config/read-config.ts';
import { renderFaults } from '../config/render-faults.ts';
import type { Log, LogEntry } from '../log.ts';
import { type RunningRelay, startNode } from '../platforms/node.ts';

const program = new Command('ringback').description('A call-me-back form for any website, and the relay between it and the telephone.');
program.command('start', { isDefault: true }).description('Run the relay; the demo if no provider is set.').action(start);
await program.parseAsync();

async function start(): Promise<void> {
  const config = readSettings();
  const log: Log = config.demo ? () => {} : (entry) => process.stdout.write(`${logLine(entry)}\n`);
  try {
    const running = await startNode(config, log, stopAtOnce);
    process.stdout.write(greeting(config, running));
    stopOnSignals(running);
    if (!config.demo) await reportProviders(config, running, log);
  } catch (error) {
    process.stderr.write(`Ringback cannot start: ${describeStartError(error, config)}\n`);
    process.exit(1);
  }
}

function readSettings(): Config {
  const read = readConfig({ env: process.env, readFile: (path) => readFileSync(path, 'utf8') });
  if (read.ok) return read.config;
  process.stderr.write(renderFaults(read.faults));
  process.exit(1);
}

/** After a failed fsync nobody knows what is on disk: a fresh start reads what really is there. */
function stopAtOnce(error: Error): void {
  process.stderr.write(`Ringback stops: ${error.message}\n`);
  process.exit(1);
}

function stopOnSignals(running: RunningRelay): void {
  const stop = () => {
    process.stdout.write('Stopping: no new requests; calls that are being placed may finish.\n');
    void running.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

function logLine(entry: LogEntry): string {
  return JSON.stringify({ at: new Date().toISOString(), ...entry });
}

function greeting(config: Config, { url }: RunningRelay): string {
  const tag = `<script src="${url}/callback.js" async></script>`;
  if (config.demo) {
    return [
      '',
      `  Ringback demo      ${url}`,
      '  Nothing here reaches a real telephone.',
      '',
      '  To connect a Bitrix24 portal, set and start again:',
      '    BITRIX24_WEBHOOK_URL   https://<portal>/rest/<user>/<secret>/',
      '    BITRIX24_LINE          the line where your team is rung',
      '    RINGBACK_ORIGINS       the website that shows the form, as https://host',
      '  All settings: docs/configuration.md',
      '',
      '',
    ].join('\n');
  }
  const country = [...config.sites.values()].map((site) => site.countries.join(', ')).join(' · ');
  return [
    '',
    `  Ringback relay     ${url}`,
    `  On your website    ${tag}`,
    `  Calls numbers of   ${country.length > 60 ? 'many countries' : country}`,
    ...(config.ownPage ? ['  No website yet     set RINGBACK_ORIGINS; until then only the page above may ask for calls'] : []),
    '  Settings           docs/configuration.md',
    '',
    '',
  ].join('\n');
}

/** Looks once whether a dial could work, so that a wrong line shows now and not with the first visitor. Rings nobody. */
async function reportProviders(config: Config, { providers }: RunningRelay, log: Log): Promise<void> {
  for (const site of config.sites.values()) {
    const findings = (await providers.get(site.provider)?.verify(site.line)) ?? [];
    for (const { ok, code, message } of findings) {
      log({ level: ok ? 'info' : 'error', event: 'provider.verified', site: site.key, code, message });
    }
  }
}

function describeStartError(error: unknown, config: Config): string {
  if (!(error instanceof Error)) return 'for an unknown reason.';
  if ('code' in error && error.code === 'EADDRINUSE') return `port ${config.port} is taken. Stop what listens there, or set PORT.`;
  if ('code' in error && error.code === 'EACCES') return `port ${config.port} is not allowed for this user. Set PORT to 1024 or above.`;
  return error.message;
}
