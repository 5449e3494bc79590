/** The bearer token of one call: derived from its id, so a repeated request gets the same one and nothing is stored. */
import type { Vault } from '../store/vault.ts';

export function statusTokenOf(id: string, vault: Vault): string {
  return vault.keyOf('status', id);
}

export function isStatusToken(token: string, id: string, vault: Vault): boolean {
  return equalsOneInConstantTime(token, vault.keysOf('status', id));
}

/** All are compared, whichever fits: a token that was given out before the secret changed takes as long as one of today. */
export function equalsOneInConstantTime(given: string, wanted: readonly string[]): boolean {
  let isOne = false;
  for (const each of wanted) isOne = equalsInConstantTime(given, each) || isOne;
  return isOne;
}

/** Takes as long for a wrong first character as for a wrong last one. */
function equalsInConstantTime(given: string, wanted: string): boolean {
  if (given.length !== wanted.length) return false;
  let difference = 0;
  for (let at = 0; at < wanted.length; at++) difference |= given.charCodeAt(at) ^ wanted.charCodeAt(at);
  return difference === 0;
}
