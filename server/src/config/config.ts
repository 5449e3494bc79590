/** What the relay runs by, after everything has been read and checked (read-config.ts). */
import type { Window } from '../store/store.ts';
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
}

export type TrustProxy = { kind: 'hops'; hops: number } | { kind: 'ranges'; ranges: readonly string[] };

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
}

/** Windows of accepted calls and the time between two calls to one number. Defaults are in docs/configuration.md. */
export interface Limits {
  number: readonly Window[];
  numberCooldownMs: number;
  source: readonly Window[];
}
