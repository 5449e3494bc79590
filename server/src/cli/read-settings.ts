/** The settings of this process: its environment, and the file that it names. */
import { readFileSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { type ConfigReading, readConfig } from '../config/read-config.ts';
import { renderFaults } from '../config/render-faults.ts';

export function readSettings(): ConfigReading {
  return readConfig({ env: process.env, readFile: (path) => readFileSync(path, 'utf8') });
}

/** Prints every fault and ends the process with 1 where there is one. */
export function requireSettings(headline?: string): Config {
  const read = readSettings();
  if (read.ok) return read.config;
  process.stderr.write(renderFaults(read.faults, headline));
  process.exit(1);
}
