/**
 * One description of each setting: its schema, and beside it in this registry what an operator is told about it. Validation,
 * defaults, the words of a fault and docs/configuration.md all come from the pair.
 */
import * as z from 'zod';

export interface SettingMeta {
  /** What it is and what it does, for the operator. */
  sentence: string;
  /** A value as the JSON file would hold it. */
  example: unknown;
  /** Its environment variable, and how that text becomes the value that the file would hold. Absent: file only. */
  env?: { name: string; form: TextForm };
  /** Said where the default hangs on other settings; a plain default stands in the schema. */
  defaultText?: string;
  /** Required in the file, but not where the environment describes the one site: what it is there if its variable is not set. */
  withoutVariable?: string;
}

/** `number_or_list`: digits alone are a number, one small word is itself. `secret`: the text itself stays out of the document, which only names the variable. */
export type TextForm = 'text' | 'number' | 'boolean' | 'list' | 'number_or_list' | 'secret';

export const settings = z.registry<SettingMeta>();

export interface Setting {
  key: string;
  meta: SettingMeta;
  /** As the file would hold it; undefined: there is none. */
  defaultValue: unknown;
  required: boolean;
}

/** The settings of one group in the order in which they are described. */
export function settingsOf(group: z.ZodObject): Setting[] {
  return Object.entries(group.shape).flatMap(([key, schema]) => {
    const meta = settings.get(schema);
    if (meta === undefined) return [];
    const defaultValue = schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined;
    const required = defaultValue === undefined && !(schema instanceof z.ZodOptional);
    return [{ key, meta, defaultValue, required }];
  });
}

/** Text in which `findFault` finds nothing wrong. Its answer is shown to people and must not repeat the text. */
export function checkedText(findFault: (text: string) => string | undefined) {
  return z.string().superRefine((text, context) => {
    const fault = findFault(text);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });
}

export function wholeNumber(min: number, max: number) {
  const message = `Must be a whole number from ${min} to ${max}.`;
  return z.number(message).refine((value) => Number.isInteger(value) && value >= min && value <= max, message);
}

/** A value in the words of an environment variable. */
export function asVariable(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value);
}
