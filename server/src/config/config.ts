/** What the relay runs by, after everything has been read and checked (read-config.ts). */
import type { ProofLevel, Window } from '../store/store.ts';
import type { Secret } from './secret.ts';

export interface Config {
  host: string;
  port: number;
  /** True when no provider is set: the relay rings simulated telephones. */
  demo: boolean;
  /** True when no website has been named: a page that the relay itself serves may ask for calls. */
  ownPage: boolean;
  store: { kind: 'sqlite'; path: string };
  /** Pepper and encryption key; undefined: made once beside the SQLite file. */
  secret: Secret | undefined;
  /** Which part of `X-Forwarded-For` to believe; undefined: none of it. */
  trustProxy: TrustProxy | undefined;
  providers: ReadonlyMap<string, ProviderConfig>;
  sites: ReadonlyMap<string, SiteConfig>;
  limits: Limits;
  /** What all sites together may spend in a day, in the zone of the deployment. */
  budget: { perDay: number; timeZone: string };
  /** Prefixes of E.164 digits that are never called, besides those that are shipped. */
  deniedPrefixes: readonly string[];
  /** The kill switch: nothing is accepted and nothing is dialled. */
  paused: boolean;
  /** Secrets that were in use before; their keyed hashes and sealed numbers are still understood. */
  previousSecrets: readonly Secret[];
}

export type TrustProxy = { kind: 'hops'; hops: number } | { kind: 'ranges'; ranges: readonly string[] } | { kind: 'cloudflare' };

export interface ProviderConfig {
  type: 'bitrix24';
  /** `https://<portal>/rest/<user>/<secret>/` */
  webhookUrl: Secret;
  /** `application_token` of the portal's outgoing webhook; undefined: events are not taken. */
  eventToken: Secret | undefined;
}

export interface SiteConfig {
  key: string;
  /** What the company calls itself. */
  name: string | undefined;
  /** Exact origins, as browsers send them. */
  origins: readonly string[];
  country: string;
  countries: readonly string[];
  provider: string;
  line: string;
  voice: string | undefined;
  announcement: string;
  /** E.164 of the company's own number: shown as a link, never dialled. */
  phone: string | undefined;
  consent: { textId: string; text: string; url: string | undefined } | undefined;
  promiseSeconds: number | undefined;
  /** Types of numbers that may be called, as libphonenumber names them. */
  types: readonly PayableType[];
  /** E.164 numbers and prefixes (with the plus) that this site does not call. */
  blocked: readonly string[];
  /** E.164 of further lines of the company: calling them would be a loop. */
  ownNumbers: readonly string[];
  /** IANA zone in which this site's days begin. */
  timeZone: string;
  /** Nothing is accepted and nothing is dialled for this site. */
  paused: boolean;
  /** Calls of this site that may ring at once; more wait for their turn until their deadline. */
  concurrency: number;
  /** In the smallest unit of the currency: what one call may cost at most, and all of a day. */
  budget: {
    perCall: number;
    perDay: number;
    /** ISO 4217. Prices that a provider reports in it replace `perCall`; undefined: the budget counts calls, and prices are not heeded. */
    currency?: string | undefined;
  };
  proof: ProofConfig;
  /** The visitor's name is spoken to the agent where the announcement says `{name}`. */
  speakName: boolean;
  /** How long number and details are kept after the end of a call. */
  retentionMs: number;
}

export type PayableType = 'MOBILE' | 'FIXED_LINE' | 'FIXED_LINE_OR_MOBILE' | 'VOIP';

export interface ProofConfig {
  mode: 'off' | 'adaptive' | 'always';
  prover:
    | { kind: 'pow' }
    | {
        kind: 'siteverify';
        vendor: 'turnstile' | 'hcaptcha' | 'smartcaptcha';
        siteKey: string;
        secret: Secret;
        hostname?: string | undefined;
      };
}

/** Windows of accepted calls and the time between two calls to one number. Defaults are in docs/configuration.md. */
export interface Limits {
  number: readonly Window[];
  numberCooldownMs: number;
  /** Calls from one network prefix; IPv6 /56 and /48 have twice and four times as much. */
  source: readonly Window[];
  /** Past these a source has to prove an effort. */
  sourceSoft: readonly SoftWindow[];
  /** Different numbers asked for by one source. */
  sourceNumbers: readonly Window[];
  sourceNumbersSoft: readonly SoftWindow[];
  site: readonly Window[];
  deployment: readonly Window[];
  /** Requests of one source whatever became of them, counted in memory before anything else is looked at. */
  shield: readonly Window[];
}

export interface SoftWindow extends Window {
  readonly level: ProofLevel;
}
