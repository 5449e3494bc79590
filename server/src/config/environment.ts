/** Environment variables: how their text is read, and which of them nobody knows. */
import type * as z from 'zod';
import { closestName } from './closest-name.ts';
import type { ConfigFault } from './config-fault.ts';
import { printableName } from './config-fault.ts';
import { settingsOf, type TextForm } from './setting.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names the JSON file; it cannot stand in it. */
export const CONFIG_VARIABLE = 'RINGBACK_CONFIG';

/** Our own by their beginning: a misspelt one must not be passed over. */
const OURS = /^(?:RINGBACK|BITRIX24|TELPHIN)_/i;
/** Read by the browser tests, which start the relay with their own environment. */
const OF_THE_TESTS: ReadonlySet<string> = new Set(['RINGBACK_CHROMIUM']);
/** Kubernetes sets these in every container beside a service called `ringback` or `ringback-…`. */
const KUBERNETES_NAME = /_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;
const KUBERNETES_ADDRESS = /^(?:tcp|udp|sctp):\/\//;

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** Undefined where it is not set, or holds nothing but white space. */
export function readVariable(env: Environment, name: string): string | undefined {
  const text = Object.hasOwn(env, name) ? env[name]?.trim() : undefined;
  return text === '' ? undefined : text;
}

/** The settings of `group` that have a variable which is set, as the file would hold them. */
export function readGroup(env: Environment, group: z.ZodObject): Record<string, unknown> {
  const entries = settingsOf(group).flatMap(({ key, meta }) => {
    if (meta.env === undefined) return [];
    const text = readVariable(env, meta.env.name);
    return text === undefined ? [] : [[key, fromText(text, meta.env.form, meta.env.name)] as const];
  });
  return Object.fromEntries(entries);
}

/** Text that does not have the form is left as it is: the schema says what is wrong with it. */
function fromText(text: string, form: TextForm, name: string): unknown {
  switch (form) {
    case 'text':
      return text;
    case 'number':
      return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
    case 'list':
      return splitList(text);
    case 'boolean':
      return BOOLEANS.get(text) ?? text;
    case 'number_or_list':
      if (/^[a-z]+$/.test(text)) return text;
      return /^\d{1,15}$/.test(text) ? Number(text) : splitList(text);
    case 'secret':
      return { $env: name };
  }
}

export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

export function variablesOf(group: z.ZodObject): string[] {
  return settingsOf(group).flatMap(({ meta }) => (meta.env === undefined ? [] : [meta.env.name]));
}

/** `known`: every variable that is a setting or that the file refers to. */
export function findUnknownVariables(env: Environment, known: ReadonlySet<string>): ConfigFault[] {
  return Object.keys(env)
    .filter((name) => OURS.test(name) && !known.has(name) && !OF_THE_TESTS.has(name))
    .filter((name) => {
      const text = readVariable(env, name);
      return text !== undefined && !isOfKubernetes(name, text);
    })
    .map((name) => {
      const meant = name === 'RINGBACK_PORT' || name === 'RINGBACK_HOST' ? name.slice('RINGBACK_'.length) : closestName(name, known);
      const hint = meant === undefined ? 'Remove it; the settings are listed in docs/configuration.md.' : `Did you mean ${meant}?`;
      return { setting: printableName(name), message: `There is no such setting. ${hint}` };
    });
}

function isOfKubernetes(name: string, text: string): boolean {
  return KUBERNETES_NAME.test(name) || (name.endsWith('_PORT') && KUBERNETES_ADDRESS.test(text));
}
