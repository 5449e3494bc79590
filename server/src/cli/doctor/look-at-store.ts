/** Whether calls can be kept, and how the relay is that holds them. */
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config } from '../../config/config.ts';
import { GLANCE_MS, leaveForRelay, openControl, openUnlessHeld } from '../../platforms/deliver-order.ts';
import type { RelayReport } from '../../platforms/relay-desk.ts';
import { type Diagnosis, diagnoses } from './diagnosis.ts';

export interface StoreLook {
  found: Diagnosis[];
  /** Undefined where no relay runs, or none that answers. */
  report: RelayReport | undefined;
}

const { ok, note, problem } = diagnoses('store');

/** Makes nothing: a database that is not there yet is made by the first start. */
export async function lookAtStore(config: Config): Promise<StoreLook> {
  const { path } = config.store;
  if (path === ':memory:') {
    const found = [
      problem(
        'store_in_memory',
        'Calls are kept in memory and lost with the process. Set RINGBACK_STORE to a file: sqlite:./data/ringback.db.',
      ),
    ];
    return { found, report: undefined };
  }
  if (!existsSync(path)) return { found: [lookAtPlace(path)], report: undefined };
  const secret = lookAtSecret(config);
  try {
    const store = openUnlessHeld(path, GLANCE_MS);
    if (store === undefined) {
      const held = secret.length > 0 ? { found: [], report: undefined } : await askHolder(config);
      return { found: [...secret, ...held.found, ...lookAtPauses(config)], report: held.report };
    }
    try {
      await store.ping();
    } finally {
      await store.close();
    }
    const found = [...secret, ok('store_works', `${path} can be written to. No relay runs on it.`), ...lookAtPauses(config)];
    return { found, report: undefined };
  } catch (error) {
    return {
      found: [...secret, problem('store_broken', error instanceof Error ? error.message : `${path} cannot be used.`)],
      report: undefined,
    };
  }
}

function lookAtPlace(path: string): Diagnosis {
  let folder = dirname(resolve(path));
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    return note('store_absent', `${path} is not there yet; the first start makes it.`);
  } catch {
    return problem(
      'store_unwritable',
      `${path} cannot be made: this user may not write in ${folder}. Change its owner, or set RINGBACK_STORE.`,
    );
  }
}

function lookAtSecret({ secret, store: { path } }: Config): Diagnosis[] {
  if (secret !== undefined || existsSync(`${path}.secret`)) return [];
  return [
    problem('secret_lost', `${path}.secret is gone, and with it what opens the stored numbers. Put it back, or set RINGBACK_SECRET.`),
  ];
}

async function askHolder(config: Config): Promise<StoreLook> {
  const { delivery, answer } = await leaveForRelay({ kind: 'report' }, { folder: openControl(config), config });
  if (delivery === 'rejected') {
    const message = 'The running relay has another secret. Give the command with the settings of the relay (RINGBACK_SECRET).';
    return { found: [problem('relay_secret_other', message)], report: undefined };
  }
  if (delivery === 'waiting' || answer === undefined) {
    const message = 'A process holds the database and does not answer. Look into its log, and start the relay anew.';
    return { found: [problem('relay_silent', message)], report: undefined };
  }
  const report = answer as RelayReport;
  const message = `A relay holds the database and answers: ${report.url}, since ${new Date(report.startedAt).toISOString()}.`;
  return { found: [ok('relay_runs', message)], report };
}

function lookAtPauses(config: Config): Diagnosis[] {
  const { paused, pausedSites } = openControl(config).read();
  return [
    ...(paused ? [problem('paused', 'Everything is paused by command. Undo it: ringback resume.')] : []),
    ...[...pausedSites].map((site) => problem('site_paused', `The site ${site} is paused by command. Undo it: ringback resume ${site}.`)),
  ];
}
