/**
 * Everything that the relay is told from outside, read once at start. Either all of it is right, or every fault is listed at
 * once; nothing is repaired silently and no fault repeats a value. Pure: what it reads from is handed in.
 */
import type * as z from 'zod';
import { deploymentBudget, siteBudget } from './budget.ts';
import { composeDocument } from './compose-document.ts';
import type { Config, ProofConfig, SiteConfig, TrustProxy } from './config.ts';
import { configDocument } from './config-document.ts';
import type { ConfigFault } from './config-fault.ts';
import { readConfigFile } from './config-file.ts';
import { findContradictions } from './contradictions.ts';
import { CONFIG_VARIABLE, type Environment, readVariable } from './environment.ts';
import { explainIssues, ISSUE_OPTIONS, nameOf } from './explain-issues.ts';
import { toLimits } from './limit-settings.ts';
import { storePath } from './relay-values.ts';
import type { siteSettings } from './site-settings.ts';

const DAY_MS = 86_400_000;

export interface ConfigSources {
  env: Environment;
  /** UTF-8 text of a file; throws where it cannot be read. */
  readFile: (path: string) => string;
}

export type ConfigReading = { ok: true; config: Config } | { ok: false; faults: readonly ConfigFault[] };

export function readConfig({ env, readFile }: ConfigSources): ConfigReading {
  const path = readVariable(env, CONFIG_VARIABLE);
  const reading = path === undefined ? undefined : readConfigFile(path, readFile);
  const { document, demo, ownPage, variables, faults } = composeDocument(env, reading);

  const parsed = configDocument(env).safeParse(document, ISSUE_OPTIONS);
  const allFaults = [
    ...faults,
    ...(parsed.success ? [] : explainIssues(parsed.error.issues, variables)),
    ...findContradictions(document, { demo, ownPage }).map(({ place, message }) => ({ setting: nameOf(place, variables), message })),
  ];
  return parsed.success && allFaults.length === 0
    ? { ok: true, config: toConfig(parsed.data, { demo, ownPage }) }
    : { ok: false, faults: allFaults };
}

type Document = z.output<ReturnType<typeof configDocument>>;
type DocumentSite = z.output<ReturnType<typeof siteSettings>>;

function toConfig(document: Document, { demo, ownPage }: { demo: boolean; ownPage: boolean }): Config {
  return {
    host: document.host ?? (demo ? '127.0.0.1' : '0.0.0.0'),
    port: document.port,
    demo,
    ownPage,
    store: { kind: 'sqlite', path: storePath(document.store) },
    secret: document.secret,
    trustProxy: toTrustProxy(document.trustProxy),
    providers: new Map([...document.providers].map(([name, provider]) => [name, { ...provider, eventToken: provider.eventToken }])),
    sites: new Map([...document.sites].map(([key, site]) => [key, toSite(key, site, document.timeZone)])),
    channels: new Map(),
    notify: [],
    limits: toLimits(document.limits),
    budget: { perDay: document.budgetPerDay ?? deploymentBudget(document.sites.values()), timeZone: document.timeZone },
    deniedPrefixes: document.deniedPrefixes.map((prefix) => prefix.slice(1)),
    paused: document.paused,
    previousSecrets: document.previousSecrets ?? [],
  };
}

function toTrustProxy(given: Document['trustProxy']): TrustProxy | undefined {
  if (given === undefined) return undefined;
  if (given === 'cloudflare') return { kind: 'cloudflare' };
  return typeof given === 'number' ? { kind: 'hops', hops: given } : { kind: 'ranges', ranges: given };
}

function toSite(key: string, site: DocumentSite, timeZone: string): SiteConfig {
  return {
    key,
    name: site.name,
    origins: [...new Set(site.origins)],
    country: site.country,
    countries: site.countries === undefined ? [site.country] : [...new Set(site.countries)],
    provider: site.provider,
    line: site.line,
    voice: site.voice,
    announcement: site.announcement,
    phone: site.phone,
    consent: site.consent && { ...site.consent, url: site.consent.url },
    promiseSeconds: site.promiseSeconds,
    types: [...new Set(site.types)],
    blocked: [...new Set(site.blocked)],
    ownNumbers: [...new Set(site.ownNumbers)],
    timeZone: site.timeZone ?? timeZone,
    hours: undefined,
    departments: new Map(),
    slots: undefined,
    calleeHours: undefined,
    channels: [],
    paused: site.paused,
    concurrency: site.concurrency,
    budget: { ...siteBudget(site), currency: site.currency },
    proof: toProof(site),
    speakName: site.speakName,
    retentionMs: site.retentionDays * DAY_MS,
  };
}

function toProof({ proof, siteverify }: DocumentSite): ProofConfig {
  return { mode: proof, prover: siteverify === undefined ? { kind: 'pow' } : { kind: 'siteverify', ...siteverify } };
}
