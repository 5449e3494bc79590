/**
 * The countries' numbering plans, squeezed out of libphonenumber-js metadata when the widget is built and served as the module
 * `virtual:phone-table`. The page reads numbers with it as the relay does with the whole metadata, in a tenth of the bytes.
 */
import metadata from 'libphonenumber-js/max/metadata';
import type { Plugin } from 'vite';
import { type ReadingPlan, writeLooseRules } from './phone-leeway.ts';
import {
  allOfLength,
  concat,
  difference,
  intersection,
  NONE,
  type NumberSet,
  ofLengths,
  parseNumberSet,
  union,
} from './phone-number-set.ts';
import { readRules, writeRules } from './phone-rules.ts';

const ID = 'virtual:phone-table';
const RESOLVED_ID = `\0${ID}`;

export function phoneTable(): Plugin {
  return {
    name: 'ringback:phone-table',
    resolveId: (id) => (id === ID ? RESOLVED_ID : undefined),
    load: (id) => (id === RESOLVED_ID ? `export const PHONE_TABLE = ${JSON.stringify(writePhoneTable())};` : undefined),
  };
}

/**
 * First word: all regions by calling code, each after the step from the code before it; no step is 1, step 0 shares the code.
 * Then a word for each region: `trunk~exit` and the rules of the code.
 * - trunk: pattern of what national numbers are dialled with and E.164 leaves out.
 * - exit: the international prefix, left out where it is 00; in a group beginnings of such as are not read.
 * - rules (see phone-rules.ts): the numbers of all regions of the code, left out where they are those of the code's main region.
 * Regions apart from plans compress better than rows of both would.
 */
export function writePhoneTable(): string {
  const codes = Object.entries(metadata.country_calling_codes)
    .map(([code, regions]) => ({ code, plans: regions.filter((region) => region in metadata.countries).map(readPlan) }))
    .filter(({ plans }) => plans.length > 0)
    .sort((left, right) => Number(left.code) - Number(right.code));
  const steps = codes.map(({ code }, at) => Number(code) - Number(codes[at - 1]?.code ?? 0));
  const regions = codes.map(({ plans }, at) => (steps[at] === 1 ? '' : steps[at]) + plans.map(({ region }) => region).join('0'));
  return [regions.join(''), ...codes.flatMap(({ code, plans }) => writePlans(code, plans))].join(' ');
}

interface Plan {
  region: string;
  exit: string;
  lengths: readonly number[];
  numbers: NumberSet;
  trunk: string;
  /** Without it, rules have no leeway. */
  reading: Omit<ReadingPlan, 'codeLengths'> | undefined;
}

type Row = [code: string, exit: string, pattern: string, lengths: number[], unknown, ...(string | 0 | undefined)[]];

/** Positions as in METADATA.md of libphonenumber-js. */
function readPlan(region: string): Plan {
  const row = metadata.countries[region as keyof typeof metadata.countries] as readonly unknown[];
  const [code, exit, pattern, lengths, , prefix, , trunk, put] = row as Row;
  const matched = parseNumberSet(pattern);
  const numbers = intersection(matched, ofLengths(lengths));
  const { written, localLength, prefixes } = simplifyTrunk(region, trunk || prefix || '', put || '');
  const reading = prefixes !== undefined && {
    code: parseNumberSet(code),
    lengths,
    matched,
    trunks: difference(parseNumberSet(prefixes), allOfLength(0)),
    local: localLength ? allOfLength(localLength) : NONE,
  };
  return { region, exit, lengths, numbers, trunk: written, reading: reading || undefined };
}

interface Trunk {
  /** As it stands in the table. */
  written: string;
  /** Digits of a number dialled without its area code; 0 where none is. */
  localLength: number;
  /** Pattern of all that `written` takes off a whole number, or more; undefined where that is no finite set. */
  prefixes: string | undefined;
}

/**
 * A table cannot put digits in, so what is dialled without its area code inside a small country is swallowed whole, and is no number.
 * So are Argentina's mobiles in their local form, 15 after the area code: its list of area codes is as long as twenty other countries.
 * The relay knows them all.
 */
function simplifyTrunk(region: string, trunk: string, put: string): Trunk {
  const special = SPECIAL_TRUNKS[region];
  if (special) return { ...special, localLength: 0 };
  if (put === '') return { written: trunk, localLength: 0, prefixes: trunk };
  const [, digits, prefixes] = /^\([^()]*\\d\{(\d)\}\)\$\|?(.*)$/.exec(trunk) ?? [];
  if (prefixes === undefined) throw new Error(`${region} has a trunk rule that the table has no place for`);
  const localLength = Number(digits) + 1;
  return { written: [`\\d{${localLength}}$`, prefixes].filter(Boolean).join('|'), localLength, prefixes };
}

/** Where the metadata looks beyond the prefix. */
const SPECIAL_TRUNKS: Readonly<Record<string, Omit<Trunk, 'localLength'>>> = {
  AR: { written: '0?((11|[23]\\d\\d\\d?)15\\d*)?', prefixes: undefined },
  BR: {
    written: '(0|90)((1[245]|2[1-35]|31|4[13]|[56]5|99)(?=\\d{10}))?',
    prefixes: '(0|90)(1[245]|2[1-35]|31|4[13]|[56]5|99)?',
  },
  GA: { written: '0(?=(11|6[0-256]|7[467])\\d{6})', prefixes: '0' },
  JP: { written: '(?=000[2569]\\d{4,6}$)|(003768)0?|0', prefixes: '(003768)?0?' },
};

/**
 * Prefixes by which a carrier is chosen are not read. In a group stands how they begin, so that no number is read into them; beginnings
 * other than 00 only where there is a number that begins so when it is dialled.
 */
function simplifyExit(exit: string, dialled: NumberSet): string {
  if (/^\d+$/.test(exit)) return exit;
  let read = '';
  const unread = parseNumberSet(exit).next.flatMap((set, first) =>
    set.next.flatMap((rest, second) => {
      const start = `${first}${second}`;
      const isNumber = dialled.next[first]?.next[second] !== NONE;
      // Read only where nothing longer begins with it.
      if (start === '00' && rest.ends && rest.next.every((more) => more === NONE)) read = '00';
      else if (rest !== NONE && (isNumber || start === '00')) return [start];
      return [];
    }),
  );
  return unread.length === 0 && read !== '' ? read : `${read && `${read}|`}(${unread.join('|') || '00'})`;
}

function writePlans(code: string, plans: readonly Plan[]): string[] {
  const [main] = plans;
  if (main === undefined) return [];
  // A number belongs to the code whichever of its regions was chosen: a Canadian may type a number in New York.
  const all = plans.map(({ numbers }) => numbers).reduce(union);
  const shared = difference(intersection(all, ofLengths(main.lengths)), ambiguous(code, main, all));
  // Of other lengths, libphonenumber would take no trunk prefix off.
  const sharing = plans.filter((plan) => plan.lengths.join() === main.lengths.join() && ambiguous(code, plan, shared) === NONE);
  const codeLengths = plans.map(({ lengths }) => lengths);
  const sharedRules = writeRulesFor(shared, sharing, codeLengths);
  const ownRules = plans.map((plan) => (sharing.includes(plan) ? '' : writeRulesFor(plan.numbers, [plan], codeLengths)));
  const exit = simplifyExit(main.exit, dialledIn(code, main, [sharedRules, ...ownRules].map(readRules).reduce(union)));
  return plans.map((plan, at) => {
    const trunk = shorten(plan.trunk);
    if (plan === main) return `${trunk}${exit === '00' ? '' : `~${exit}`}${sharedRules}`;
    if (plan.exit !== main.exit) throw new Error(`${plan.region} is not left as ${main.region} is: the table has no place for that`);
    return trunk + ownRules[at];
  });
}

/** Rules for `numbers` with as much leeway as all plans leave that share them. */
function writeRulesFor(numbers: NumberSet, sharing: readonly Plan[], codeLengths: ReadingPlan['codeLengths']): string {
  const readings = sharing.flatMap(({ reading }) => reading ?? []).map((reading) => ({ ...reading, codeLengths }));
  return readings.length < sharing.length ? writeRules(numbers) : writeLooseRules(numbers, readings);
}

/** What may be dialled in a country, from where an international prefix must be told. */
function dialledIn(code: string, { trunk, reading }: Plan, numbers: NumberSet): NumberSet {
  const trunks = reading?.trunks ?? parseNumberSet(trunk.slice(0, 1));
  return [numbers, concat(trunks, numbers), concat(parseNumberSet(code), numbers)].reduce(union);
}

/**
 * Which of `numbers` are not of `plan` and would be read otherwise than by libphonenumber, which takes a calling code without plus off
 * by the chosen region's own numbers: those that begin with the code, and those that fit the region's lengths even with the code.
 */
function ambiguous(code: string, plan: Plan, numbers: NumberSet): NumberSet {
  const foreign = difference(numbers, plan.numbers);
  const longest = Math.max(...plan.lengths) - code.length;
  const fitsWithCode = ofLengths(Array.from({ length: longest }, (_, index) => index + 1));
  return intersection(foreign, union(fitsWithCode, concat(parseNumberSet(code), plan.numbers)));
}

/** Letters are kept for the rules, so `\d` becomes `.`: only digits are ever matched. No group is read, so all may capture. */
function shorten(pattern: string): string {
  return pattern.replaceAll('\\d', '.').replaceAll('(?:', '(');
}
