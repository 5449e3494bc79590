/** Puts environment and file together into one document, and remembers which variable stands for which place in it. */
import type * as z from 'zod';
import { crmSettings, crmSwitch, emailSettings, webhookSettings } from './channel-settings.ts';
import { relaySettings } from './config-document.ts';
import type { ConfigFault } from './config-fault.ts';
import { type FileReading, findReferences, isJsonObject, type JsonObject } from './config-file.ts';
import { DEMO_SITE } from './demo-site.ts';
import { CONFIG_VARIABLE, type Environment, findUnknownVariables, readGroup, readVariable, variablesOf } from './environment.ts';
import { portalSettings, TELPHIN_HOST, telphinSettings } from './provider-settings.ts';
import { telphinLine, telphinOptions } from './route-settings.ts';
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
const PORTAL = portalSettings({});
const TELPHIN = telphinSettings({});
const SITE = siteSettings({});
const WEBHOOK = webhookSettings({});
const EMAIL = emailSettings({});
/** What the environment's one site and its provider account are called. */
const SITE_KEY = 'default';
const PORTAL_NAME = 'bitrix24';
const TELPHIN_NAME = 'telphin';
const CHANNELS = { webhook: WEBHOOK, email: EMAIL, bitrix24: crmSettings } as const;
const GROUPS = [PORTAL, TELPHIN, SITE, telphinLine, telphinOptions, WEBHOOK, EMAIL, crmSettings, crmSwitch];

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
  const given = GROUPS.flatMap((group) => readVariables(own, group));

  if (Object.hasOwn(file, 'sites') || Object.hasOwn(file, 'providers')) {
    const message = `Sites and providers stand in the file that ${CONFIG_VARIABLE} names. Set this there, or take "sites" and "providers" out of the file.`;
    const conflicts = given.map((setting) => ({ setting, message }));
    return { document, demo: false, ownPage: false, variables, faults: [...unknown, ...conflicts] };
  }

  const by = whoRings(given);
  const site = readGroup(own, SITE);
  return {
    document: { ...document, ...describeSite(own, site, by), channels: { ...channelsOf(file), ...describeChannels(own, by) } },
    demo: by === 'demo',
    ownPage: !Object.hasOwn(site, 'origins'),
    variables: new Map([
      ...variables,
      ...placesOf(`sites.${SITE_KEY}.`, SITE),
      ...placesOf(`providers.${PORTAL_NAME}.`, PORTAL),
      ...placesOf(`providers.${TELPHIN_NAME}.`, TELPHIN),
      ...(by === 'telphin'
        ? [...placesOf(`sites.${SITE_KEY}.`, telphinLine), ...placesOf(`sites.${SITE_KEY}.telphin.`, telphinOptions)]
        : []),
      ...Object.entries(CHANNELS).flatMap(([name, group]) => [...placesOf(`channels.${name}.`, group)]),
    ]),
    faults: [...unknown, ...findSwitchFaults(own), ...findTwoRingers(given, by), ...(by === 'telphin' ? findLooseCrm(own) : [])],
  };
}

const OWN_VARIABLES = [CONFIG_VARIABLE, ...[RELAY, ...GROUPS].flatMap(variablesOf)];

type Ringer = 'demo' | 'portal' | 'telphin';

function whoRings(given: readonly string[]): Ringer {
  if (given.some((name) => name.startsWith('BITRIX24_'))) return 'portal';
  return given.some((name) => name.startsWith('TELPHIN_')) ? 'telphin' : 'demo';
}

function describeSite(env: Environment, site: JsonObject, by: Ringer): JsonObject {
  const around = { origins: [], country: presumeCountry(env, site, by) };
  switch (by) {
    case 'demo':
      return { sites: { [SITE_KEY]: { ...DEMO_SITE, ...site } } };
    case 'portal':
      return {
        providers: { [PORTAL_NAME]: { type: 'bitrix24', ...readGroup(env, PORTAL) } },
        sites: { [SITE_KEY]: { provider: PORTAL_NAME, ...around, ...site } },
      };
    case 'telphin':
      return {
        providers: { [TELPHIN_NAME]: { type: 'telphin', ...readGroup(env, TELPHIN) } },
        sites: {
          [SITE_KEY]: {
            provider: TELPHIN_NAME,
            ...around,
            ...site,
            ...readGroup(env, telphinLine),
            telphin: readGroup(env, telphinOptions),
          },
        },
      };
  }
}

/** Which of them would ring first is nothing to guess: a file says it. */
function findTwoRingers(given: readonly string[], by: Ringer): ConfigFault[] {
  const message = `Set the variables of either Bitrix24 or Telphin. A site that uses both stands in a file (${CONFIG_VARIABLE}).`;
  return by === 'portal' ? given.filter((name) => name.startsWith('TELPHIN_')).map((setting) => ({ setting, message })) : [];
}

/** Without a portal there is no CRM that somebody could have meant. */
function findLooseCrm(env: Environment): ConfigFault[] {
  const message = 'There is no portal whose CRM it could be. Take this out, or describe the portal in a file.';
  const isWanted = readGroup(env, crmSwitch).crm === true;
  const loose = [...(isWanted ? variablesOf(crmSwitch) : []), ...readVariables(env, crmSettings)];
  return loose.map((setting) => ({ setting, message }));
}

/** The portal's own CRM is told unless somebody says otherwise: no customer is lost because nobody thought of it. */
function describeChannels(env: Environment, by: Ringer): JsonObject {
  const [webhook, email, crm] = [WEBHOOK, EMAIL, crmSettings].map((group) => readGroup(env, group));
  const isGiven = (group: JsonObject | undefined) => group !== undefined && Object.keys(group).length > 0;
  const entersCrm = by === 'portal' && readGroup(env, crmSwitch).crm !== false;
  return {
    ...(isGiven(webhook) && { webhook: { type: 'webhook', ...webhook } }),
    ...(isGiven(email) && { email: { type: 'email', ...email } }),
    ...(entersCrm && { bitrix24: { type: 'bitrix24_crm', provider: PORTAL_NAME, ...crm } }),
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

/** Where nobody said whose numbers are called: most likely those of the country that the provider's host is registered in. */
function presumeCountry(env: Environment, { countries }: JsonObject, by: Ringer): unknown {
  if (Array.isArray(countries)) return countries[0];
  const address = by === 'telphin' ? (readVariable(env, 'TELPHIN_HOST') ?? TELPHIN_HOST) : readVariable(env, 'BITRIX24_WEBHOOK_URL');
  const host = /^https?:\/\/([\w.-]+)/i.exec(address ?? '')?.[1];
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
