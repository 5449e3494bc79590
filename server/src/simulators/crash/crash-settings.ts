/** One deployment for all runs: two sites, tight enough that limits and budgets are met. Both sides know it; nothing of it is secret. */

import type { SiteConfig } from '../../config/config.ts';
import { Secret } from '../../config/secret.ts';
import type { RelayOptions } from '../../relay.ts';
import { exampleSite, USUAL_LIMITS } from '../example-site.ts';
import type { Rules } from './evidence.ts';

export const ACCOUNT = 'bitrix24';
export const PORTAL_USER = '1';
export const PORTAL_SECRET = 'crash0portal';
export const PORTAL_URL = 'https://portal.example';
export const WEBHOOK_URL = new Secret(`${PORTAL_URL}/rest/${PORTAL_USER}/${PORTAL_SECRET}/`);
export const EVENT_TOKEN = new Secret('crash0events');
export const LEADS = 'leads';
export const LEADS_URL = 'https://leads.example/ringback';
export const LEADS_SECRET = new Secret(`whsec_${'cmluZ2JhY2s'.repeat(4)}`);
export const RELAY_URL = 'https://relay.example';
export const SECRET = new Uint8Array(32).fill(11);

/** Calls that each site may pay for in a day: met by busy worlds. */
const CALLS_PER_DAY = 14;

/** What visitors choose lies no further ahead than this. */
export const FURTHEST_SLOT_MS = 40 * 60_000;
const SLOTS = { everyMinutes: 10, capacity: 2, daysAhead: 2 };
/** Central Europe's in winter, which is when runs take place. */
const ZONE_OFFSET_MS = 3_600_000;

/** The name is spoken, and every request brings another one: so each dial tells which request it is for. */
const site = (key: string, changes: Partial<SiteConfig>) =>
  exampleSite({
    key,
    provider: ACCOUNT,
    origins: [`https://${key}.example`],
    announcement: 'Call for {name}.',
    speakName: true,
    timeZone: 'Europe/Berlin',
    budget: { perCall: 1, perDay: CALLS_PER_DAY },
    proof: { mode: 'off', prover: { kind: 'pow' } },
    channels: [LEADS],
    ...changes,
  });

export const LINES = { reg1: 'Shop', reg2: 'Desk' };
export const SITES = new Map(
  [site('shop', { line: 'reg1', concurrency: 2 }), site('desk', { line: 'reg2', concurrency: 3, slots: SLOTS })].map((each) => [
    each.key,
    each,
  ]),
);

export const CONFIG: RelayOptions['config'] = {
  sites: SITES,
  limits: USUAL_LIMITS,
  demo: false,
  ownPage: false,
  budget: { perDay: 2 * CALLS_PER_DAY, timeZone: 'UTC' },
  deniedPrefixes: [],
  paused: false,
  notify: [LEADS],
};

/** The same, as the checker holds the relay to it. */
export const RULES: Rules = {
  number: USUAL_LIMITS.number,
  budget: { perCall: 1, perDay: CALLS_PER_DAY, zoneOffsetMs: ZONE_OFFSET_MS },
  slotCapacity: SLOTS.capacity,
  channels: 1,
};

/** Whose call an announcement is about; undefined where it names nobody. */
export function markOf(announcement: string): string | undefined {
  return /^Call for (\w+)\.$/.exec(announcement)?.[1];
}
