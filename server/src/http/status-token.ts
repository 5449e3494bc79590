/** The bearer token of one call: derived from its id, so a repeated request gets the same one and nothing is stored. */
import type { Vault } from '../store/vault.ts';

export function statusTokenOf(id: string, vault: Vault): string {
  return vault.keyOf('status', id);
}

export function isStatusToken(token: string, id: string, vault: Vault): boolean {
  return equalsInConstantTime(token, statusTokenOf(id, vault));
}

/** Takes as long for a wrong first character as for a wrong last one. */
export function equalsInConstantTime(given: string, wanted: string): boolean {
  if (given.length !== wanted.length) return false;
  let difference = 0;
  for (let at = 0; at < wanted.length; at++) difference |= given.charCodeAt(at) ^ wanted.charCodeAt(at);
  return difference === 0;
}
