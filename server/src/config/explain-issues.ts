/** From what a schema found to what an operator can do about it, named as the operator wrote it. */
import type * as z from 'zod';
import { anyChannelSettings } from './channel-settings.ts';
import { closestName } from './closest-name.ts';
import { relaySettings } from './config-document.ts';
import { type ConfigFault, printableName, printableUnknownName } from './config-fault.ts';
import { limitSettings } from './limit-settings.ts';
import { anyProviderSettings } from './provider-settings.ts';
import { bridgeSettings, fallbackSettings, telphinOptions } from './route-settings.ts';
import { asVariable, type Setting, settingsOf } from './setting.ts';
import { siteSettings } from './site-settings.ts';
import { departmentSettings, hoursGroup, slotSettings } from './time-settings.ts';

export type Place = readonly PropertyKey[];

/** How issues must be asked for: with their input, and without words where a schema has none of its own. */
export const ISSUE_OPTIONS = { reportInput: true, error: () => '' } as const;

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'text in quotes',
  number: 'a number, without quotes',
  boolean: 'true or false',
  array: 'a list: [ … ]',
  object: 'an object: { … }',
  map: 'an object: { … }',
};
/** For what is said about each setting; values are not read by these. */
const RELAY = relaySettings({});
const SITE = siteSettings({});
const TOP_GROUPS = ['providers', 'channels', 'sites', 'limits'];

/** `variables` as in a Composition. */
export function explainIssues(issues: readonly z.core.$ZodIssue[], variables: ReadonlyMap<string, string>): ConfigFault[] {
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => explainUnknownKey(issue.path, key))
      : [{ setting: nameOf(issue.path, variables), message: explainIssue(issue, variables) }],
  );
}

/** The variable that filled the place, or the place in the file: `sites.shop.country`. Entries of a list go by the list's name. */
export function nameOf(place: Place, variables: ReadonlyMap<string, string>): string {
  const keys = place.slice(0, listDepth(place)).map(String);
  // One variable may stand for a whole group, such as the hours.
  for (let depth = keys.length; depth > 0; depth -= 1) {
    const variable = variables.get(keys.slice(0, depth).join('.'));
    if (variable !== undefined) return variable;
  }
  return keys.map(printableName).join('.');
}

function explainIssue(issue: z.core.$ZodIssue, variables: ReadonlyMap<string, string>): string {
  const setting = settingAt(issue.path);
  const index = issue.path[listDepth(issue.path)];
  const entry = typeof index === 'number' ? `Entry ${index + 1}: ` : '';
  if (issue.input === undefined && issue.code !== 'custom') {
    const missing = setting === undefined ? issue.message || 'Missing.' : explainMissing(setting, variables.get(issue.path.join('.')));
    return `${entry}${missing}`;
  }
  const words = issue.message || (issue.code === 'invalid_type' && `Must be ${EXPECTED[issue.expected] ?? 'something else'}.`);
  return `${entry}${words || 'Must be something else.'}`;
}

function explainMissing({ key, meta }: Setting, variable: string | undefined): string {
  const sentence = meta.sentence.replaceAll('`', '');
  const written = variable === undefined ? `"${key}": ${JSON.stringify(meta.example)}` : `${variable}=${asVariable(meta.example)}`;
  // The secret itself is no matter for an example: the sentence says where it comes from.
  const isSecret = variable !== undefined && meta.env?.form === 'secret';
  return isSecret ? `Missing. ${sentence}` : `Missing. ${sentence} For example: ${written}`;
}

function explainUnknownKey(place: Place, key: string): ConfigFault {
  const group = groupAt(place);
  const known = group === undefined ? [] : Object.keys(group.shape).concat(place.length === 0 ? TOP_GROUPS : []);
  const meant = known.includes(key) ? undefined : closestName(key, known);
  const list = known.includes(key) ? ' It belongs to another type.' : known.length > 0 ? ` There are: ${known.join(', ')}.` : '';
  const message = `There is no such setting here.${meant === undefined ? list : ` Did you mean "${meant}"?`}`;
  const parents = place.map((part) => printableName(String(part)));
  return { setting: [...parents, printableUnknownName(key)].join('.'), message };
}

function settingAt(place: Place): Setting | undefined {
  const group = groupAt(place.slice(0, -1));
  return group && settingsOf(group).find(({ key }) => key === place.at(-1));
}

function groupAt(place: Place): z.ZodObject | undefined {
  const [first, ...rest] = place;
  if (first === undefined) return RELAY;
  if (first === 'limits' && rest.length === 0) return limitSettings;
  if (first === 'providers' && rest.length === 1) return anyProviderSettings;
  if (first === 'channels' && rest.length === 1) return anyChannelSettings;
  if (first !== 'sites') return undefined;
  if (rest.length === 1) return SITE;
  if (rest[1] === 'departments') return groupOfDepartment(rest.slice(2));
  if (rest[1] === 'fallbacks') return groupOfFallback(rest.slice(3));
  if (rest.length !== 2) return undefined;
  const { consent, siteverify } = SITE.shape;
  if (rest[1] === 'hours') return hoursGroup;
  if (rest[1] === 'slots') return slotSettings;
  if (rest[1] === 'telphin') return telphinOptions;
  if (rest[1] === 'bridge') return bridgeSettings;
  if (rest[1] === 'siteverify') return siteverify.unwrap();
  return rest[1] === 'consent' ? consent.unwrap() : undefined;
}

/** `place` begins behind the number of the entry. */
function groupOfFallback([key, ...rest]: Place): z.ZodObject | undefined {
  if (key === undefined) return fallbackSettings;
  return key === 'telphin' && rest.length === 0 ? telphinOptions : undefined;
}

/** `place` begins at the department's key. */
function groupOfDepartment(place: Place): z.ZodObject | undefined {
  if (place.length === 1) return departmentSettings;
  if (place.length !== 2) return undefined;
  if (place[1] === 'telphin') return telphinOptions;
  return place[1] === 'hours' ? hoursGroup : undefined;
}

/** How far a place goes before it enters a list. */
function listDepth(place: Place): number {
  const index = place.findIndex((key) => typeof key === 'number');
  return index === -1 ? place.length : index;
}
