/** What the relay makes of a pause: nobody is told that it is heeded before the relay itself has said so. */
import type { Config } from '../config/config.ts';
import { isRelayRunning, leaveForRelay, openControl } from './deliver-order.ts';
import type { RelayReport } from './relay-desk.ts';

export type Heeded =
  | { kind: 'heeded'; switches: RelaySwitches }
  /** Nobody holds the database: the next relay to start finds what the folder says. */
  | { kind: 'not_running' }
  /** A process holds the database and has not answered. */
  | { kind: 'silent' };

/** By command or by the relay's own settings. */
export type RelaySwitches = Pick<RelayReport, 'paused' | 'pausedSites'>;

const WAIT_MS = 10_000;
/** A relay may have listed the folder at the very moment in which it was changed. */
const MAX_LOOKS = 2;

/** Asks until the relay says what is wanted, or has said otherwise twice. */
export async function askSwitches(config: Config, isWanted: (switches: RelaySwitches) => boolean, waitMs = WAIT_MS): Promise<Heeded> {
  if (!(await isRelayRunning(config))) return { kind: 'not_running' };
  const folder = openControl(config);
  for (let looks = 1; ; looks += 1) {
    const { delivery, answer } = await leaveForRelay({ kind: 'report' }, { folder, config, waitMs });
    // It may have ended meanwhile, or have been another command.
    if (delivery !== 'done' || answer === undefined) return { kind: (await isRelayRunning(config)) ? 'silent' : 'not_running' };
    const { paused, pausedSites } = answer as RelayReport;
    if (isWanted({ paused, pausedSites }) || looks === MAX_LOOKS) return { kind: 'heeded', switches: { paused, pausedSites } };
  }
}
