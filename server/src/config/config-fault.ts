/** One thing that is wrong with the configuration. Its words never repeat a value that was given, of any setting. */
export interface ConfigFault {
  /** The environment variable, or the path in the file: `sites.shop.country`. */
  setting: string;
  /** What to do, in whole sentences. */
  message: string;
}

/** Names come from outside too: they are shown only where they look like names, so nothing reaches a terminal but letters. */
export function printableName(name: string): string {
  return /^[\w$-]{1,64}$/.test(name) ? name : HIDDEN;
}

/** Nobody knows what an unknown setting is called: a secret or a number may have slipped into its place. Settings are letters only. */
export function printableUnknownName(name: string): string {
  return /^[$_a-z]{1,32}$/i.test(name) ? name : HIDDEN;
}

/**
 * A name that people choose for a variable: words between underscores, digits at most behind them. Where somebody typed a token in
 * its place there are longer pieces, or letters and digits mixed.
 */
export function isLikelyVariable(name: string): boolean {
  return /^[A-Z]{1,14}\d{0,3}(?:_(?:[A-Z]{1,14}\d{0,3}|\d{1,3})){0,7}$/.test(name);
}

const HIDDEN = '(a name that cannot be shown)';
