/**
 * Words that a stranger wrote and that travel on: into an announcement, a CRM field, a log line, JSON. What leaves here is harmless
 * in all of them; what was typed is kept nowhere. A text in doubt is dropped, the call is not.
 */

const MAX_NAME_LENGTH = 40;
const MAX_NAME_WORDS = 4;
/** Nobody's name, and not worth normalizing. */
const MAX_RAW_NAME_LENGTH = 200;

/** Letters, marks, spaces, apostrophe, hyphen, dot; it begins with a letter or an apostrophe (`'t Hooft`). */
const NAME = /^'?\p{L}[\p{L}\p{M}' .-]*$/u;
/** Piled-up marks, repeated punctuation, and a dot inside a word, as in an address of the web. */
const DOUBTFUL = /\p{M}{5}|([.'-])\1|[.'-]{3}|\.\p{L}\p{M}*\p{L}/u;
/** Joiners shape Arabic and Indic script, selectors choose between the shapes of an ideograph: both mean nothing to a listener. */
const SHAPERS = /[\p{Join_Control}\p{Variation_Selector}]/gu;
/** Fillers that count as letters, and whatever else is not seen: whoever has nothing else in a name has none. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/u;
const APOSTROPHES = /[\u2018\u2019\u201B\uFF07]/g;
const HYPHENS = /[\u2010-\u2013]/g;

/** The name as it may be spoken and stored: NFKC, at most 40 UTF-16 units in 4 words; undefined where anything about it is doubtful. */
export function cleanName(raw: string): string | undefined {
  if (raw.length > MAX_RAW_NAME_LENGTH) return undefined;
  // Shapers go first: one may keep a letter and its mark from becoming one character.
  const name = raw.replace(SHAPERS, '').normalize('NFKC').replace(APOSTROPHES, "'").replace(HYPHENS, '-').trim().replace(/ {2,}/g, ' ');
  if (name.length > MAX_NAME_LENGTH || name.split(' ').length > MAX_NAME_WORDS) return undefined;
  return NAME.test(name) && !DOUBTFUL.test(name) && !UNSEEN.test(name) ? name : undefined;
}

const ESCAPE = String.fromCharCode(0x1b);
/** Terminal commands (ECMA-48) with their parameters, in the 7-bit and the 8-bit spelling: colours, titles, links. */
const TERMINAL_COMMANDS = [
  new RegExp(`(?:${ESCAPE}\\[|\\u009B)[0-?]*[ -/]*[@-~]`, 'g'),
  new RegExp(`(?:${ESCAPE}[\\]P^_X]|[\\u0090\\u0098\\u009D-\\u009F])[^\\u0007\\u009C${ESCAPE}]*(?:\\u0007|\\u009C|${ESCAPE}\\\\)?`, 'g'),
  new RegExp(`${ESCAPE}[ -/]*[0-~]`, 'g'),
];
/** Bidi controls, tags, fillers, byte-order marks, private characters, halves of pairs. Joiners stay: words in some scripts need them. */
const INVISIBLE = /(?!\u200C|\u200D)[\p{Cf}\p{Cs}\p{Co}\p{Default_Ignorable_Code_Point}]/gu;
const SPACES = /[\s\p{Cc}]+/gu;

/** One line for logs, JSON and a CRM: no controls, no bidi overrides, no terminal commands, at most `max` UTF-16 units. May be empty. */
export function cleanLine(raw: string, max: number): string {
  // What is cut off here could only come back in place of characters that are removed.
  let line = raw.slice(0, max * 4);
  for (const command of TERMINAL_COMMANDS) line = line.replace(command, '');
  line = line.replace(INVISIBLE, '').replace(SPACES, ' ').trim();
  // A pair may be cut in two.
  return line
    .slice(0, max)
    .replace(/\p{Cs}$/u, '')
    .trimEnd();
}

/** Markup, and what telephone systems fill in by themselves: `$cv(…)`, `@{…}`. */
const LOADED = /[<>{}]|\$\s*\p{L}+\s*\(/u;

/** Words of a page, such as its title, as one line; undefined where nothing is left, or something in it could mean more than itself. */
export function cleanWords(raw: string, max: number): string | undefined {
  const line = cleanLine(raw, max);
  // In another width too, and whatever keeps its characters apart without being seen.
  return line === '' || LOADED.test(line.replace(SHAPERS, '').normalize('NFKC')) ? undefined : line;
}

/** Of a page, or of the application that led to one. */
const PROTOCOLS = ['https:', 'http:', 'android-app:'];
const PLAIN_HOST = /^[\w.:[\]%-]+$/;
const LOADED_IN_ADDRESS = /[<>{}[\]$"`\\^|]/g;

/** The address of a page, as it leads there and means nothing else: whatever could is percent-encoded. Undefined for anything else. */
export function cleanAddress(raw: string, max: number): string | undefined {
  if (!URL.canParse(raw)) return undefined;
  const { protocol, host, pathname, search, hash } = new URL(raw);
  if (!PROTOCOLS.includes(protocol) || !PLAIN_HOST.test(host)) return undefined;
  const path = `${pathname}${search}${hash}`.replace(LOADED_IN_ADDRESS, (character) => encodeURIComponent(character));
  // An encoded character may be cut in two.
  return `${protocol}//${host}${path}`.slice(0, max).replace(/%[\dA-F]?$/i, '');
}
