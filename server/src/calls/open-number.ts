/** The only way back from a stored call to its number. */
import type { Call } from '../store/call.ts';
import type { Vault } from '../store/vault.ts';

/** E.164; undefined where the number was sealed by a secret that is gone. */
export function openNumber({ id, sealedNumber }: Call, { vault }: { vault: Vault }): string | undefined {
  try {
    return vault.open(sealedNumber, id);
  } catch {
    return undefined;
  }
}
