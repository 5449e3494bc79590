/** A site as the configuration would describe it, for tests and benches that need one. */
import type { Limits, SiteConfig } from '../config/config.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export function exampleSite(changes: Partial<SiteConfig> = {}): SiteConfig {
  const country = changes.country ?? 'DE';
  return {
    key: 'default',
    name: undefined,
    origins: ['https://shop.example'],
    country,
    countries: [country],
    provider: 'bitrix24',
    line: 'reg1332',
    voice: undefined,
    fallbacks: [],
    telphin: {},
    bridge: undefined,
    announcement: 'A visitor asks to be called.',
    phone: undefined,
    consent: undefined,
    promiseSeconds: undefined,
    types: ['MOBILE', 'FIXED_LINE', 'FIXED_LINE_OR_MOBILE'],
    blocked: [],
    ownNumbers: [],
    timeZone: 'Europe/Berlin',
    hours: undefined,
    departments: new Map(),
    slots: undefined,
    calleeHours: undefined,
    channels: [],
    paused: false,
    concurrency: 2,
    budget: { perCall: 1, perDay: 100 },
    proof: { mode: 'adaptive', prover: { kind: 'pow' } },
    speakName: false,
    retentionMs: 30 * DAY_MS,
    ...changes,
  };
}

/** The limits that hold where nothing is configured. */
export const USUAL_LIMITS: Limits = {
  number: [
    { max: 2, perMs: 15 * MINUTE_MS },
    { max: 3, perMs: 6 * HOUR_MS },
    { max: 5, perMs: DAY_MS },
  ],
  numberCooldownMs: MINUTE_MS,
  source: [
    { max: 10, perMs: HOUR_MS },
    { max: 20, perMs: DAY_MS },
  ],
  sourceSoft: [{ max: 3, perMs: HOUR_MS, level: 2 }],
  sourceNumbers: [{ max: 10, perMs: DAY_MS }],
  sourceNumbersSoft: [
    { max: 3, perMs: HOUR_MS, level: 3 },
    { max: 4, perMs: DAY_MS, level: 3 },
  ],
  site: [
    { max: 6, perMs: MINUTE_MS },
    { max: 60, perMs: HOUR_MS },
    { max: 300, perMs: DAY_MS },
  ],
  deployment: [
    { max: 30, perMs: MINUTE_MS },
    { max: 300, perMs: HOUR_MS },
    { max: 1_000, perMs: DAY_MS },
  ],
  destinations: { calls: 10, percent: 40 },
  shield: [
    { max: 30, perMs: MINUTE_MS },
    { max: 300, perMs: HOUR_MS },
  ],
};
