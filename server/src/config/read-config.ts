/**
 * Everything that the relay is told from outside, read once at start. Either all of it is right, or every fault is listed at
 * once; nothing is repaired silently and no fault repeats a value. Pure: what it reads from is handed in.
 */
import type * as z from 'zod';
import { deploymentBudget, siteBudget } from './budget.ts';
import type { channelSettings } from './channel-settings.ts';
import { composeDocument } from './compose-document.ts';
import type { ChannelConfig, Config, DepartmentConfig, Hours, ProofConfig, ProviderConfig, SiteConfig, TrustProxy } from './config.ts';
import { configDocument } from './config-document.ts';
import type { ConfigFault } from './config-fault.ts';
import { readConfigFile } from './config-file.ts';
import { findContradictions } from './contradictions.ts';
import { CONFIG_VARIABLE, type Environment, readVariable } from './environment.ts';
import { explainIssues, ISSUE_OPTIONS, nameOf } from './explain-issues.ts';
import { readSpan } from './hours-values.ts';
import { toLimits } from './limit-settings.ts';
import type { providerSettings } from './provider-settings.ts';
import { storePath } from './relay-values.ts';
import type { siteSettings } from './site-settings.ts';
import type { departmentSettings } from './time-settings.ts';

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
type DocumentChannel = z.output<ReturnType<typeof channelSettings>>;
type DocumentProvider = z.output<ReturnType<typeof providerSettings>>;
type DocumentSite = z.output<ReturnType<typeof siteSettings>>;
type DocumentDepartment = z.output<typeof departmentSettings>;

function toConfig(document: Document, { demo, ownPage }: { demo: boolean; ownPage: boolean }): Config {
  return {
    host: document.host ?? (demo ? '127.0.0.1' : '0.0.0.0'),
    port: document.port,
    demo,
    ownPage,
    store: { kind: 'sqlite', path: storePath(document.store) },
    secret: document.secret,
    trustProxy: toTrustProxy(document.trustProxy),
    providers: new Map([...document.providers].map(([name, provider]) => [name, toProvider(provider)])),
    sites: new Map([...document.sites].map(([key, site]) => [key, toSite(key, site, document.timeZone, [...document.channels.keys()])])),
    channels: new Map([...document.channels].map(([name, channel]) => [name, toChannel(channel)])),
    notify: [...new Set(document.notify ?? document.channels.keys())],
    language: document.language,
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

function toSite(key: string, site: DocumentSite, timeZone: string, channels: readonly string[]): SiteConfig {
  const home = site.timeZone ?? timeZone;
  return {
    key,
    name: site.name,
    origins: [...new Set(site.origins)],
    country: site.country,
    countries: site.countries === undefined ? [site.country] : [...new Set(site.countries)],
    provider: site.provider,
    line: site.line,
    voice: site.voice,
    fallbacks: site.fallbacks.map(({ provider, line, voice, telphin }) => ({ provider, line, voice, telphin })),
    telphin: site.telphin ?? {},
    bridge: site.bridge && { ...site.bridge, externalLine: site.bridge.externalLine },
    announcement: site.announcement,
    phone: site.phone,
    consent: site.consent && { ...site.consent, url: site.consent.url },
    promiseSeconds: site.promiseSeconds,
    types: [...new Set(site.types)],
    blocked: [...new Set(site.blocked)],
    ownNumbers: [...new Set(site.ownNumbers)],
    timeZone: home,
    hours: site.hours && toSiteHours(site.hours, home),
    departments: new Map([...site.departments].map(([name, department]) => [name, toDepartment(name, department, home)])),
    slots: site.slots,
    calleeHours: readSpan(site.calleeHours),
    channels: [...new Set(site.channels ?? channels)],
    paused: site.paused,
    concurrency: site.concurrency,
    budget: { ...siteBudget(site), currency: site.currency },
    proof: toProof(site),
    speakName: site.speakName,
    retentionMs: site.retentionDays * DAY_MS,
  };
}

function toProvider(provider: DocumentProvider): ProviderConfig {
  switch (provider.type) {
    case 'bitrix24':
      return { ...provider, eventToken: provider.eventToken };
    case 'bitrix24_app':
      return { ...provider, memberId: provider.memberId };
    case 'telphin':
      return provider;
  }
}

function toChannel(channel: DocumentChannel): ChannelConfig {
  return channel.type === 'bitrix24_crm' ? { ...channel, responsibleId: channel.responsibleId } : channel;
}

function toSiteHours(hours: NonNullable<DocumentSite['hours']>, home: string): Hours {
  return { ...hours, timeZone: hours.timeZone ?? home };
}

function toDepartment(key: string, { hours, ...given }: DocumentDepartment, home: string): DepartmentConfig {
  const { name, provider, line, telphin, announcement } = given;
  return { key, name, provider, line, telphin, announcement, hours: hours && toSiteHours(hours, home) };
}

function toProof({ proof, siteverify }: DocumentSite): ProofConfig {
  return { mode: proof, prover: siteverify === undefined ? { kind: 'pow' } : { kind: 'siteverify', ...siteverify } };
}
