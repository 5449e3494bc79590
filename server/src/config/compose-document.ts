/** Puts environment and file together into one document, and remembers which variable stands for which place in it. */
import type * as z from 'zod';
import { crmSettings, crmSwitch, emailSettings, webhookSettings } from './channel-settings.ts';
import { providerSettings, relaySettings } from './config-document.ts';
import type { ConfigFault } from './config-fault.ts';
import { type FileReading, findReferences, isJsonObject, type JsonObject } from './config-file.ts';
import { DEMO_SITE } from './demo-site.ts';
import { CONFIG_VARIABLE, type Environment, findUnknownVariables, readGroup, readVariable, variablesOf } from './environment.ts';
import { settingsOf } from './setting.ts';
import { siteSettings } from './site-settings.ts';
import { findCountryFault } from './site-values.ts';

export interface Composition {
  document: JsonObject;
  /** True where nothing says who rings. */
  demo: boolean;
  /** True where no website has been named yet: the relay's own page may ask for calls. */
  ownPage: boolean;
  /** Place in the document (`sites.default.country`) → the variable that filled it, or would have. */
  variables: ReadonlyMap<string, string>;
  faults: readonly ConfigFault[];
}

/** Which settings there are and what their variables are called; values are not read by these. */
const RELAY = relaySettings({});
const PROVIDER = providerSettings({});
const SITE = siteSettings({});
const WEBHOOK = webhookSettings({});
const EMAIL = emailSettings({});
/** What the environment's one site and its provider account are called. */
const SITE_KEY = 'default';
const PROVIDER_NAME = 'bitrix24';
const CHANNELS = { webhook: WEBHOOK, email: EMAIL, bitrix24: crmSettings } as const;

export function composeDocument(env: Environment, reading: FileReading | undefined): Composition {
  const relayPart = readGroup(env, RELAY);
  const variables = new Map([...placesOf('', RELAY)].filter(([place]) => Object.hasOwn(relayPart, place)));
  // What an unreadable file describes and refers to is not known; to say more would be guessing.
  if (reading?.ok === false) return { document: relayPart, demo: true, ownPage: true, variables, faults: [reading.fault] };

  const file = reading?.file ?? {};
  const references = findReferences(file);
  const unknown = findUnknownVariables(env, new Set([...OWN_VARIABLES, ...references]));
  const document = { ...file, ...relayPart };
  // A variable that the file refers to has been given its place there.
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !references.has(name)));
  const given = [PROVIDER, SITE, WEBHOOK, EMAIL, crmSettings, crmSwitch].flatMap((group) => readVariables(own, group));

  if (Object.hasOwn(file, 'sites') || Object.hasOwn(file, 'providers')) {
    const message = `Sites and providers stand in the file that ${CONFIG_VARIABLE} names. Set this there, or take "sites" and "providers" out of the file.`;
    const conflicts = given.map((setting) => ({ setting, message }));
    return { document, demo: false, ownPage: false, variables, faults: [...unknown, ...conflicts] };
  }

  const demo = !given.some((name) => name.startsWith('BITRIX24_'));
  const site = readGroup(own, SITE);
  const described = demo ? { sites: { [SITE_KEY]: { ...DEMO_SITE, ...site } } } : describePortal(own, site);
  return {
    document: { ...document, ...described, channels: { ...channelsOf(file), ...describeChannels(own, demo) } },
    demo,
    ownPage: !Object.hasOwn(site, 'origins'),
    variables: new Map([
      ...variables,
      ...placesOf(`sites.${SITE_KEY}.`, SITE),
      ...placesOf(`providers.${PROVIDER_NAME}.`, PROVIDER),
      ...Object.entries(CHANNELS).flatMap(([name, group]) => [...placesOf(`channels.${name}.`, group)]),
    ]),
    faults: [...unknown, ...findSwitchFaults(own)],
  };
}

const OWN_VARIABLES = [CONFIG_VARIABLE, ...[RELAY, PROVIDER, SITE, WEBHOOK, EMAIL, crmSettings, crmSwitch].flatMap(variablesOf)];

function describePortal(env: Environment, site: JsonObject): JsonObject {
  return {
    providers: { [PROVIDER_NAME]: { type: 'bitrix24', ...readGroup(env, PROVIDER) } },
    sites: { [SITE_KEY]: { provider: PROVIDER_NAME, origins: [], country: presumeCountry(env, site), ...site } },
  };
}

/** The portal's own CRM is told unless somebody says otherwise: no customer is lost because nobody thought of it. */
function describeChannels(env: Environment, demo: boolean): JsonObject {
  const [webhook, email, crm] = [WEBHOOK, EMAIL, crmSettings].map((group) => readGroup(env, group));
  const isGiven = (group: JsonObject | undefined) => group !== undefined && Object.keys(group).length > 0;
  const entersCrm = !demo && readGroup(env, crmSwitch).crm !== false;
  return {
    ...(isGiven(webhook) && { webhook: { type: 'webhook', ...webhook } }),
    ...(isGiven(email) && { email: { type: 'email', ...email } }),
    ...(entersCrm && { bitrix24: { type: 'bitrix24_crm', provider: PROVIDER_NAME, ...crm } }),
  };
}

function channelsOf({ channels }: JsonObject): JsonObject {
  return isJsonObject(channels) ? channels : {};
}

/** It has no place in the document, so no schema looks at it there. */
function findSwitchFaults(env: Environment): ConfigFault[] {
  const isReadable = crmSwitch.safeParse(readGroup(env, crmSwitch)).success;
  return isReadable ? [] : variablesOf(crmSwitch).map((setting) => ({ setting, message: 'Must be true or false.' }));
}

/** Where nobody said whose numbers are called: most likely those of the country that the portal is registered in. */
function presumeCountry(env: Environment, { countries }: JsonObject): unknown {
  if (Array.isArray(countries)) return countries[0];
  const host = /^https?:\/\/([\w.-]+)/i.exec(readVariable(env, 'BITRIX24_WEBHOOK_URL') ?? '')?.[1];
  const domain = host?.split('.').at(-1)?.toUpperCase() ?? '';
  const country = domain === 'UK' ? 'GB' : domain;
  return findCountryFault(country) === undefined ? country : 'US';
}

function readVariables(env: Environment, group: z.ZodObject): string[] {
  const given = readGroup(env, group);
  return settingsOf(group).flatMap(({ key, meta }) => (Object.hasOwn(given, key) && meta.env !== undefined ? [meta.env.name] : []));
}

function placesOf(prefix: string, group: z.ZodObject): Map<string, string> {
  return new Map(
    settingsOf(group).flatMap(({ key, meta }) => (meta.env === undefined ? [] : [[`${prefix}${key}`, meta.env.name] as const])),
  );
}
