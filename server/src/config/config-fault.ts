/** One thing that is wrong with the configuration. Its words never repeat a value that was given, of any setting. */
export interface ConfigFault {
  /** The environment variable, or the path in the file: `sites.shop.country`. */
  setting: string;
  /** What to do, in whole sentences. */
  message: string;
}

/** Names come from outside too: they are shown only where they look like names, so nothing reaches a terminal but letters. */
export function printableName(name: string): string {
  return /^[\w$-]{1,64}$/.test(name) ? name : '(a name that cannot be shown)';
}
