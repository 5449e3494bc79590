/** What the relay runs by, after everything has been read and checked (read-config.ts). */
import type { ProofLevel, Window } from '../store/acceptance.ts';
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
  /** Ways by which the company is told of calls that did not connect, and of faults. */
  channels: ReadonlyMap<string, ChannelConfig>;
  /** Channels that are told of faults which are no site's own. */
  notify: readonly string[];
  /** In which the company is told. */
  language: 'en' | 'ru';
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

export type ProviderConfig = Bitrix24WebhookConfig | Bitrix24AppConfig | TelphinConfig;

/** An application that is installed in a portal: what it is allowed stands in the store once it has been installed. */
export interface Bitrix24AppConfig {
  type: 'bitrix24_app';
  clientId: string;
  clientSecret: Secret;
  /** Of the one portal that the account is for; undefined: the first that installs it. */
  memberId: string | undefined;
  /** Origin of that portal when it installs the application; afterwards its member id counts. */
  portal?: string | undefined;
  /** Origin of the authorisation server; undefined: whichever of Bitrix24's the portal names. */
  authServer?: string | undefined;
}

/** An account at Telphin or another operator of the RingMe platform. */
export interface TelphinConfig {
  type: 'telphin';
  /** Origin of the operator's API, `https://host`. */
  host: string;
  appId: string;
  appSecret: Secret;
}

/** What the operator may set for calls by Telphin; words and limits are in docs/providers/telphin.md. Never anything of a visitor's. */
export interface TelphinOptions {
  /** Numbers of the agents, rung at once; absent: the extension itself. */
  srcNum?: readonly string[] | undefined;
  announceSoundId?: number | undefined;
  dstAnnounceSoundId?: number | undefined;
  callerIdName?: string | undefined;
  callerIdNumber?: string | undefined;
  srcCallerIdName?: string | undefined;
  srcCallerIdNumber?: string | undefined;
  srcAni?: string | undefined;
  dstAni?: string | undefined;
  dstDtmf?: string | undefined;
  callDurationS?: number | undefined;
  waitForPickupS?: number | undefined;
  transferAfterSrcHangup?: string | undefined;
  transferAfterDstHangup?: string | undefined;
  allowPublicTransfer?: boolean | undefined;
  callbackRateLimit?: number | undefined;
  variables?: Readonly<Record<string, string>> | undefined;
}

/** A further way to ring, used only after it was proved that the one before has not sent the order. */
export interface FallbackRoute {
  provider: string;
  line: string;
  voice: string | undefined;
  /** Of this way alone: what is set for the site belongs to another account. */
  telphin?: TelphinOptions | undefined;
}

/** The portal's own callback form goes through this site. */
export interface BridgeConfig {
  /** Name of the `bitrix24_app` account whose form it is. */
  portal: string;
  /** Number of the external line in the portal; undefined: every line of the application. */
  externalLine: string | undefined;
  /** User of the portal to whom the call is shown and written down. */
  userId: number;
}

export interface Bitrix24WebhookConfig {
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
  /** In the order in which they are tried. */
  fallbacks: readonly FallbackRoute[];
  /** For calls by the site's own account. */
  telphin: TelphinOptions;
  bridge: BridgeConfig | undefined;
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
  /** IANA zone in which this site's days begin and its hours are told. */
  timeZone: string;
  /** When somebody answers; undefined: always. */
  hours: Hours | undefined;
  /** In the order in which the form offers them. What a department leaves open is the site's. */
  departments: ReadonlyMap<string, DepartmentConfig>;
  /** Times that a visitor may choose; undefined: none are offered. */
  slots: SlotConfig | undefined;
  /** Local time of the one called between which calls abroad are made; undefined: at any time. */
  calleeHours: { from: string; until: string } | undefined;
  /** Channels that are told of this site's calls that did not connect, and of its faults. */
  channels: readonly string[];
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

/** Wall-clock times `HH:MM` in `timeZone`; `24:00` ends a day. A span is open from its first minute to just before its last. */
export interface Hours {
  timeZone: string;
  /** Monday first, seven days; spans in order, and breaks are the gaps between them. */
  week: readonly (readonly Span[])[];
  /** Dates with hours of their own, one (`YYYY-MM-DD`) or every year's (`MM-DD`); no span is a day off. */
  days: ReadonlyMap<string, readonly Span[]>;
}

export interface Span {
  from: string;
  until: string;
}

export interface SlotConfig {
  /** Slots begin at every so many minutes after the full hour. */
  everyMinutes: number;
  /** Calls in one slot. */
  capacity: number;
  /** How far ahead they are offered. */
  daysAhead: number;
}

export interface DepartmentConfig {
  key: string;
  name: string;
  /** Together with a line of its own. */
  provider?: string | undefined;
  line: string | undefined;
  /** Over the site's, field by field, as long as the account is the site's. */
  telphin?: TelphinOptions | undefined;
  announcement: string | undefined;
  hours: Hours | undefined;
}

/** Where the company is told. */
export type ChannelConfig =
  /** Activities and leads in the CRM of a Bitrix24 account. */
  | { type: 'bitrix24_crm'; provider: string; responsibleId: number | undefined }
  /** Signed after the Standard Webhooks specification. */
  | { type: 'webhook'; url: Secret; secret: Secret }
  /** `smtp(s)://user:password@host:port`. */
  | { type: 'email'; server: Secret; from: string; to: readonly string[] };

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
  /** When calls to one beginning of numbers crowd out the others; absent: never. */
  destinations?: DestinationShare | undefined;
  /** Requests of one source whatever became of them, counted in memory before anything else is looked at. */
  shield: readonly Window[];
}

/** Past both of these, the next call to such a number needs the hardest proof, and the operator is told. */
export interface DestinationShare {
  readonly calls: number;
  /** Of the latest calls of all sites. */
  readonly percent: number;
}

export interface SoftWindow extends Window {
  readonly level: ProofLevel;
}
