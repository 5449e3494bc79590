/** One deployment for all runs: two sites, tight enough that limits and budgets are met. Both sides know it; nothing of it is secret. */

import type { ProviderConfig, SiteConfig } from '../../config/config.ts';
import { Secret } from '../../config/secret.ts';
import type { RelayOptions } from '../../relay.ts';
import { exampleSite, USUAL_LIMITS } from '../example-site.ts';
import type { Rules } from './evidence.ts';

export const ACCOUNT = 'bitrix24';
/** Takes over where it is certain that the first has not sent. */
export const SPARE_ACCOUNT = 'spare';
export const PORTAL_USER = '1';
export const PORTAL_SECRET = 'crash0portal';
/** Each account has a portal of its own. */
export const PORTAL_URLS = { [ACCOUNT]: 'https://portal.example', [SPARE_ACCOUNT]: 'https://spare.example' } as const;
export type AccountName = keyof typeof PORTAL_URLS;
export const ACCOUNTS: readonly AccountName[] = [ACCOUNT, SPARE_ACCOUNT];
export const EVENT_TOKEN = new Secret('crash0events');
export const PROVIDERS: ReadonlyMap<string, ProviderConfig> = new Map(
  ACCOUNTS.map((account) => {
    const webhookUrl = new Secret(`${PORTAL_URLS[account]}/rest/${PORTAL_USER}/${PORTAL_SECRET}/`);
    return [account, { type: 'bitrix24', webhookUrl, eventToken: EVENT_TOKEN }];
  }),
);
export const ACCESS_TOKEN = 'crash0access';
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
/** Calls of one site are written down in the other portal. */
const BRIDGE = { portal: SPARE_ACCOUNT, externalLine: undefined, userId: Number(PORTAL_USER) };
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
  [
    site('shop', { line: 'reg1', concurrency: 2, fallbacks: [{ provider: SPARE_ACCOUNT, line: 'reg2', voice: undefined }] }),
    site('desk', { line: 'reg2', concurrency: 3, slots: SLOTS, bridge: BRIDGE }),
  ].map((each) => [each.key, each]),
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
  cooldownMs: USUAL_LIMITS.numberCooldownMs,
  heldMs: 90_000,
  // A minute, and what may stand between: a reading that waits for its answers, under a lease of a minute.
  toldWithinMs: 60_000 + 120_000,
  budget: { perCall: 1, perDay: CALLS_PER_DAY, zoneOffsetMs: ZONE_OFFSET_MS },
  slotCapacity: SLOTS.capacity,
  bridgedSite: 'desk',
  cardAccount: SPARE_ACCOUNT,
  cardKnownForMs: 1_800_000,
  channels: 1,
};

/** Whose call an announcement is about; undefined where it names nobody. */
export function markOf(announcement: string): string | undefined {
  return /^Call for (\w+)\.$/.exec(announcement)?.[1];
}
