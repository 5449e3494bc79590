/** `ringback start`: reads the settings, starts the relay, and says what it does. */
import { everyRouteOf } from '../calls/routes.ts';
import type { Config } from '../config/config.ts';
import { renderFaults } from '../config/render-faults.ts';
import type { Log, LogEntry } from '../log.ts';
import { type RunningRelay, startNode } from '../platforms/node.ts';
import { readSettings, requireSettings } from './read-settings.ts';

/** Exit code 1 where it cannot start. */
export async function start(): Promise<void> {
  const config = requireSettings();
  const log: Log = config.demo ? () => {} : (entry) => process.stdout.write(`${logLine(entry)}\n`);
  try {
    const running = await startNode(config, log, stopAtOnce);
    process.stdout.write(greeting(config, running));
    stopOnSignals(running);
    reloadOnHangUp(running, log);
    if (!config.demo) await reportProviders(config, running, log);
  } catch (error) {
    process.stderr.write(`Ringback cannot start: ${describeStartError(error, config)}\n`);
    process.exit(1);
  }
}

/** After a failed fsync nobody knows what is on disk: a fresh start reads what really is there. */
function stopAtOnce(error: Error): void {
  process.stderr.write(`Ringback stops: ${error.message}\n`);
  process.exit(1);
}

/** Ctrl-C under npm comes twice, from the terminal and from npm; without a listener the second would end the process at once. */
function stopOnSignals(running: RunningRelay): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    process.stdout.write('Stopping: no new requests; calls that are being placed may finish.\n');
    void running.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/**
 * A terminal that closes sends SIGHUP too: there it ends the relay, as people expect. Without one it is the usual sign to read
 * the settings anew. Only the file can differ; the environment of a process is what it was started with.
 */
function reloadOnHangUp(running: RunningRelay, log: Log): void {
  if (process.stdout.isTTY) return;
  process.on('SIGHUP', () => {
    const read = readSettings();
    const faults = read.ok ? running.reload(read.config) : read.faults;
    if (faults.length > 0) {
      log({ level: 'error', event: 'config.rejected', message: 'The new settings were not taken; the relay goes on with the old ones.' });
      process.stderr.write(renderFaults(faults, 'The new settings were not taken'));
    } else if (read.ok && !read.config.demo) {
      void reportProviders(read.config, running, log);
    }
  });
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

/** Looks once whether a dial could work and a lead be delivered, so that what is wrong shows now and not with the first visitor. Rings nobody. */
async function reportProviders(config: Config, { providers, channels }: RunningRelay, log: Log): Promise<void> {
  for (const site of config.sites.values()) {
    for (const { provider, line, telphin } of everyRouteOf(site)) {
      for (const { ok, code, message } of (await providers.get(provider)?.verify(line, telphin)) ?? []) {
        log({ level: ok ? 'info' : 'error', event: 'provider.verified', site: site.key, provider, line, code, message });
      }
    }
    if (site.channels.length > 0) continue;
    const message = 'Nobody is told of calls of this site that do not connect. Set up a channel: docs/follow-ups.md.';
    log({ level: 'warn', event: 'site.no_channel', site: site.key, message });
  }
  if (config.notify.length === 0) {
    const message = 'Nobody is told of faults of the relay itself, nor of calls of a site that was taken out. Name channels in "notify".';
    log({ level: 'warn', event: 'deployment.no_channel', message });
  }
  for (const [channel, { verify }] of channels) {
    for (const { ok, code, message } of await verify()) {
      log({ level: ok ? 'info' : 'error', event: 'channel.verified', channel, code, message });
    }
  }
}

function describeStartError(error: unknown, config: Config): string {
  if (!(error instanceof Error)) return 'for an unknown reason.';
  if (!('syscall' in error) || error.syscall !== 'listen' || !('code' in error)) return error.message;
  if (error.code === 'EADDRINUSE') return `port ${config.port} is taken. Stop what listens there, or set PORT.`;
  if (error.code === 'EACCES') return `port ${config.port} is not allowed for this user. Set PORT to 1024 or above.`;
  return error.message;
}
