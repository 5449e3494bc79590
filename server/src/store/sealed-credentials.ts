/** Credentials as accounts use them: sealed on their way into the store, each for its own key, opened on their way out. */
import type { Store } from './store.ts';
import type { Vault } from './vault.ts';

type Kept = Pick<Store, 'readCredential' | 'swapCredential'>;

export function sealedCredentials(store: Kept, vault: Vault) {
  return {
    async read(key: string): Promise<{ text: string | undefined; version: number } | undefined> {
      const kept = await store.readCredential(key);
      return kept && { text: openOwn(vault, kept.sealed, key), version: kept.version };
    },
    swap: (key: string, version: number | undefined, text: string | undefined): Promise<boolean> =>
      store.swapCredential(key, version, text === undefined ? undefined : vault.seal(text, contextOf(key))),
  };
}

/** A text that was put under another key does not open: tokens of one installation never pass for those of another. */
function contextOf(key: string): string {
  return `credential/${key}`;
}

function openOwn(vault: Vault, sealed: string, key: string): string | undefined {
  try {
    return vault.open(sealed, contextOf(key));
  } catch {
    return undefined;
  }
}
