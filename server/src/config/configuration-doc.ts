/** docs/configuration.md, made from the settings themselves. A test holds the two equal. */
import type * as z from 'zod';
import { crmSettings, crmSwitch, emailSettings, webhookSettings } from './channel-settings.ts';
import { relaySettings } from './config-document.ts';
import { CONFIG_VARIABLE } from './environment.ts';
import { limitSettings } from './limit-settings.ts';
import { applicationSettings, portalSettings, telphinSettings } from './provider-settings.ts';
import { bridgeSettings, fallbackSettings, telphinLine, telphinOptions } from './route-settings.ts';
import { asVariable, type Setting, settingsOf } from './setting.ts';
import { siteSettings } from './site-settings.ts';
import { departmentSettings, slotSettings } from './time-settings.ts';

const EXAMPLE_SITE = {
  provider: 'main',
  line: 'reg1332',
  origins: ['https://www.example.com', 'https://shop.example.com'],
  country: 'DE',
  countries: ['DE', 'AT', 'CH'],
  name: 'Oak & Ash',
} satisfies z.input<ReturnType<typeof siteSettings>>;

/** Whole and valid: a test reads it back. */
export const EXAMPLE_FILE = {
  trustProxy: 1,
  secret: { $env: 'RINGBACK_SECRET' },
  providers: { main: { type: 'bitrix24', webhookUrl: { $env: 'SHOP_WEBHOOK_URL' }, eventToken: { $env: 'SHOP_EVENT_TOKEN' } } },
  sites: {
    shop: {
      ...EXAMPLE_SITE,
      timeZone: 'Europe/Berlin',
      hours: { week: { 'mon-fri': ['09:00-12:30', '13:30-18:00'] }, days: { '2026-12-24': [], '12-25': [] } },
      slots: { everyMinutes: 30 },
      departments: { repairs: { name: 'Repairs', line: 'reg1340' } },
    },
    'shop-fr': { ...EXAMPLE_SITE, line: 'reg1333', origins: ['https://fr.example.com'], country: 'FR', countries: ['FR', 'BE'] },
  },
  limits: { numberPer24Hours: 3 },
} as const;

export function renderConfigurationDoc(): string {
  const relay = relaySettings({});
  const portal = portalSettings({});
  const telphin = telphinSettings({});
  const site = siteSettings({});
  const webhook = webhookSettings({});
  const email = emailSettings({});
  return `${[
    '# Configuration',
    '<!-- Made from server/src/config by its test. Change the settings there and run the test with -u. -->',
    `The relay is told everything by environment variables, or by a JSON file, or by both. All of it is checked when the relay
starts. If anything is wrong it does not start, and lists every fault at once by the name of its setting. No fault, log or
error ever repeats the value of a secret.

With nothing set, \`npm start\` runs a demo with simulated telephones. Setting any variable that begins with \`BITRIX24_\`
means a real portal; then these are needed: ${requiredVariables([portal, site])}. Any that begins with \`TELPHIN_\` means Telphin;
then these are: ${requiredVariables([telphin, telphinLine])}. A site in the environment has one of the two.
The demo takes the \`RINGBACK_\` settings too; what is not set there is that of an example shop, and numbers of all countries will do.`,

    '## One site, by environment',
    `${['BITRIX24_WEBHOOK_URL=https://example.bitrix24.com/rest/1/…/', ...examplesOf(site, ['line', 'origins', 'country'])]
      .map((line) => `    ${line}`)
      .join('\n')}

White space around a value is ignored, and a variable that holds nothing counts as not set. Lists are separated by commas.
The site has the key \`default\`, its provider account the name \`bitrix24\` or \`telphin\`.`,
    variableTable([portal, telphin, telphinLine, telphinOptions, site].flatMap(withVariable)),
    `Who is told of calls that did not connect ([follow-ups](follow-ups.md)). Setting any of these makes a channel called \`webhook\`,
\`email\` or \`bitrix24\`; the last is there unless it is switched off.`,
    variableTable([crmSwitch, crmSettings, webhook, email].flatMap(withVariable)),

    '## The relay itself',
    `These can stand in the environment and in the file. Where both say something, the environment wins.`,
    table(
      ['Variable', 'In the file', 'What it is', 'Default'],
      settingsOf(relay).map((setting) => [variableCell(setting), code(setting.key), sentenceCell(setting), defaultCell(setting)]),
    ),
    `\`${CONFIG_VARIABLE}\` names the JSON file; without it there is none.

A variable that begins with \`RINGBACK_\`, \`BITRIX24_\` or \`TELPHIN_\` and is neither listed here nor referred to by the file is a fault: it
is a misspelt setting. Those that Kubernetes sets for a service of that name are passed over.`,

    '## Many sites, by file',
    `\`\`\`json\n${renderJson(EXAMPLE_FILE)}\n\`\`\``,
    `Sites and providers stand either in the file or in the environment, never in both. Unknown names are faults. Secrets do not
stand in the file: \`{ "$env": "NAME" }\` says which environment variable holds one. Names of sites, channels and provider accounts
are 1 to 64 small letters, digits or hyphens.`,
    '### `providers.<name>`',
    'Accounts by which calls are made. `type` says which kind:',
    ...[portal, applicationSettings({}), telphin].map(fileTable),
    '### `sites.<key>`',
    fileTable(site),
    '### `sites.<key>.fallbacks`',
    `A list of at most two. A call goes to the site's own account first, or to that of its department. The next way is taken where it is
proved that nothing was sent, as when a host cannot be reached, and at once where the account before is known to be out of reach. After any
other answer, an unclear one above all, no other way is tried.`,
    fileTable(fallbackSettings),
    '### `sites.<key>.telphin`',
    `For calls that go by an account of the type \`telphin\`, and there alone. Numbers, sounds and variables belong to one account, so what is set
holds beside the \`line\` where it stands: for the site's own account here, for another way to ring in its entry of \`fallbacks\`. A department
by the site's account has the site's options with its own over them, and a line of its own rings by itself instead of the site's \`srcNum\`.
Where Telphin expects a text, variables of the account may stand, as \`$cv({NAME})\`; as a \`line\` also \`@{NAME}\`. What visitors write never
reaches any of these.`,
    fileTable(telphinOptions),
    '### `sites.<key>.bridge`',
    fileTable(bridgeSettings),
    '### `sites.<key>.departments.<key>`',
    fileTable(departmentSettings),
    '### `sites.<key>.slots`',
    fileTable(slotSettings),
    '### `channels.<name>`',
    'Ways by which the company is told. `type` says which:',
    ...[webhook, email, crmSettings].map(fileTable),
    '### `limits`',
    `How many calls may be accepted, over all sites. Every limit may be tightened freely. Loosening one beyond its default, or a budget beyond
its usual number of calls, needs \`"acceptHigherCost": true\`, because whoever abuses the form then spends more of your money. Limits stand in the file alone; a file with
nothing but \`limits\` goes together with a site in the environment.`,
    fileTable(limitSettings),
  ].join('\n\n')}\n`;
}

function withVariable(group: z.ZodObject): Setting[] {
  return settingsOf(group).filter(({ meta }) => meta.env !== undefined);
}

function requiredVariables(groups: readonly z.ZodObject[]): string {
  const names = groups.flatMap((group) =>
    withVariable(group).filter(({ required, meta }) => required && meta.withoutVariable === undefined),
  );
  return names.map(variableCell).join(', ');
}

function examplesOf(group: z.ZodObject, keys: readonly string[]): string[] {
  return settingsOf(group).flatMap(({ key, meta }) =>
    keys.includes(key) && meta.env !== undefined ? [`${meta.env.name}=${asVariable(meta.example)}`] : [],
  );
}

function variableTable(listed: readonly Setting[]): string {
  return table(
    ['Variable', 'What it is', 'Default'],
    listed.map((setting) => [variableCell(setting), sentenceCell(setting), setting.meta.withoutVariable ?? defaultCell(setting)]),
  );
}

function fileTable(group: z.ZodObject): string {
  return table(
    ['Name', 'What it is', 'Default', 'Example'],
    settingsOf(group).map((setting) => [
      code(setting.key),
      sentenceCell(setting),
      defaultCell(setting),
      code(JSON.stringify(setting.meta.example)),
    ]),
  );
}

function variableCell({ meta }: Setting): string {
  return meta.env === undefined ? '' : code(meta.env.name);
}

function sentenceCell({ meta }: Setting): string {
  return meta.env?.form === 'secret' ? `**Secret.** ${meta.sentence}` : meta.sentence;
}

function defaultCell({ meta, defaultValue, required }: Setting): string {
  if (required) return 'required';
  return meta.defaultText ?? (defaultValue === undefined ? 'none' : code(asVariable(defaultValue)));
}

/** Indented, with the innermost lists and objects on one line where they fit. */
function renderJson(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(/[[{][^[\]{}]+[\]}]/g, (inner) => {
    const line = inner.replace(/\s*\n\s*/g, ' ').replace(/^\[ | \]$/g, (edge) => edge.trim());
    return line.length <= 80 ? line : inner;
  });
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Columns as wide as their widest cell, which is how the formatter leaves a table. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  const [first = [], ...others] = cells;
  return [line(first), rule, ...others.map(line)].join('\n');
}
