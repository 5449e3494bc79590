/** Settings that are secret: the document names an environment variable, which holds the secret itself. */
import * as z from 'zod';
import { isLikelyVariable } from './config-fault.ts';
import { type Environment, readVariable, splitList } from './environment.ts';
import { Secret } from './secret.ts';

/** Capitals only: most tokens that somebody put here by mistake are not taken for a name. */
const VARIABLE_NAME = /^[A-Z][A-Z0-9_]{0,63}$/;
const SECRET_IN_FILE = 'A secret does not stand in the file. Write { "$env": "NAME" } here and set that environment variable.';

type FindFault = (text: string) => string | undefined;

/** A reference to a variable that holds one secret. Nothing here ever repeats what it holds. */
export function secretOf(env: Environment, findFault: FindFault) {
  return referenceOf(env, (text) => {
    const fault = findFault(text);
    return fault === undefined ? new Secret(text) : { fault };
  });
}

/** A reference to a variable that holds secrets, separated by commas. */
export function secretsOf(env: Environment, findFault: FindFault) {
  return referenceOf(env, (text) => {
    const parts = splitList(text);
    const faults = parts.flatMap((part, index) => {
      const fault = findFault(part);
      return fault === undefined ? [] : [`Entry ${index + 1}: ${fault}`];
    });
    return faults[0] === undefined ? parts.map((part) => new Secret(part)) : { fault: faults[0] };
  });
}

function referenceOf<Value extends object>(env: Environment, read: (text: string) => Value | { fault: string }) {
  const name = z.string(SECRET_IN_FILE).regex(VARIABLE_NAME, 'Must name an environment variable in capitals, such as SHOP_WEBHOOK_URL.');
  return z.strictObject({ $env: name }, SECRET_IN_FILE).transform((reference, context) => {
    const text = readVariable(env, reference.$env);
    const value = text === undefined ? { fault: askForVariable(reference.$env) } : read(text);
    if (!('fault' in value)) return value;
    context.addIssue({ code: 'custom', message: value.fault });
    return z.NEVER;
  });
}

/** A token in capitals could be a name, and is not repeated either. */
function askForVariable(name: string): string {
  if (isLikelyVariable(name)) return `Set the environment variable ${name}.`;
  return `${SECRET_IN_FILE} The environment variable that is named here is not set.`;
}
