/**
 * A set of national numbers written as short rules: letters for the lengths they hold for (`a` is 1 digit, `i` is 9), then what a
 * number must begin with; nothing after the last letters is any beginning. `hi[1-7]j90` is eight or nine digits beginning with 1 to 7, or
 * ten beginning with 90; `hi` is any eight or nine digits.
 */
import { allOfLength, concat, DIGITS, intersection, isWithin, NONE, type NumberSet, parseNumberSet, union } from './phone-number-set.ts';

const LONGEST = 17; // ITU-T E.164 allows 15 digits; the metadata goes up to 17.
const BEFORE_A = 96;
const ANY = parseNumberSet(`\\d{0,${LONGEST}}`);

/** Rules that hold for all of `numbers` and for nothing beyond `may`, as short as is easily found. */
export function writeRules(numbers: NumberSet, may = numbers): string {
  let open = Array.from({ length: LONGEST }, (_, index) => index + 1)
    .map((length) => ({ length, least: ofLength(numbers, length), most: ofLength(may, length) }))
    .filter(({ least }) => least !== NONE)
    .map((each) => ({ ...each, start: writeStart(each.least, each.most, each.length) }));
  const groups: { letters: string; start: string }[] = [];
  // A start that holds for several lengths is written once.
  while (open.length > 0) {
    const [best] = open
      .map(({ start }) => ({ start, held: open.filter(({ length, least, most }) => isBetween(least, readStart(start, length), most)) }))
      .sort((left, right) => right.held.length - left.held.length || left.start.length - right.start.length);
    if (best === undefined) break;
    groups.push({ letters: best.held.map(({ length }) => String.fromCharCode(BEFORE_A + length)).join(''), start: best.start });
    open = open.filter((each) => !best.held.includes(each));
  }
  // Sorted alike in every row: the compressor finds longer repeats.
  return groups
    .sort((left, right) => Number(left.start === '') - Number(right.start === '') || byCodeUnit(left.letters, right.letters))
    .map(({ letters, start }) => letters + start)
    .join('');
}

/** The numbers that fit. */
export function readRules(rules: string): NumberSet {
  return [...rules.matchAll(/([a-z]+)([^a-z]*)/g)]
    .flatMap(([, letters = '', start = '']) => [...letters].map((letter) => readStart(start, letter.charCodeAt(0) - BEFORE_A)))
    .reduce(union, NONE);
}

function readStart(start: string, length: number): NumberSet {
  return ofLength(concat(parseNumberSet(start.replaceAll('.', '\\d')), ANY), length);
}

function ofLength(numbers: NumberSet, length: number): NumberSet {
  return intersection(numbers, allOfLength(length));
}

function isBetween(least: NumberSet, numbers: NumberSet, most: NumberSet): boolean {
  return isWithin(least, numbers) && isWithin(numbers, most);
}

/** How numbers go on after one of some digits. */
interface Branch {
  digits: readonly number[];
  least: NumberSet;
  most: NumberSet;
}

/** A beginning after which any digits may follow, as a regular expression. `length`: of each number in the sets. */
function writeStart(least: NumberSet, most: NumberSet, length: number): string {
  if (most === allOfLength(length)) return '';
  const byDigit = DIGITS.map((digit) => ({ digits: [digit], least: least.next[digit] ?? NONE, most: most.next[digit] ?? NONE }));
  const free = byDigit.filter((branch) => branch.least === NONE);
  return byDigit
    .filter((branch) => branch.least !== NONE)
    .reduce(addBranch, [])
    .map((branch) => {
      const { digits, least, most } = shorten(branch, free);
      const rest = writeStart(least, most, length - 1);
      return writeClass(digits) + (rest.includes('|') ? `(${rest})` : rest);
    })
    .sort((left, right) => left.length - right.length || byCodeUnit(left, right))
    .join('|');
}

function addBranch(branches: readonly Branch[], branch: Branch): readonly Branch[] {
  const alike = branches.find((each) => canJoin(each, branch));
  return alike ? branches.map((each) => (each === alike ? join(each, branch) : each)) : [...branches, branch];
}

function canJoin(one: Branch, other: Branch): boolean {
  return isWithin(union(one.least, other.least), intersection(one.most, other.most));
}

function join(one: Branch, other: Branch): Branch {
  return {
    digits: [...one.digits, ...other.digits].sort(),
    least: union(one.least, other.least),
    most: intersection(one.most, other.most),
  };
}

/** With those of the `free` digits that make its class shortest: `[2-46-8]` and 5 is `[2-8]`. */
function shorten(branch: Branch, free: readonly Branch[]): Branch {
  const candidates = [branch];
  for (const each of free.filter((other) => canJoin(branch, other))) {
    candidates.push(...candidates.map((candidate) => join(candidate, each)));
  }
  const [best = branch] = candidates.sort((left, right) => writeClass(left.digits).length - writeClass(right.digits).length);
  return best;
}

/** Ascending digits → `7`, `[28]`, `[2-57]` or `.`, whichever is shortest. */
function writeClass(digits: readonly number[]): string {
  if (digits.length === 10) return '.';
  if (digits.length === 1) return `${digits[0]}`;
  return `[${shortenRuns(digits.join(''))}]`;
}

/** `0123579` → `0-3579`: three digits or more in a row become a range. */
function shortenRuns(digits: string): string {
  let written = '';
  for (let from = 0; from < digits.length; ) {
    let to = from;
    while (Number(digits[to + 1]) === Number(digits[to]) + 1) to++;
    written += to - from < 2 ? digits.slice(from, to + 1) : `${digits[from]}-${digits[to]}`;
    from = to + 1;
  }
  return written;
}

function byCodeUnit(left: string, right: string): number {
  return left < right ? -1 : 1;
}
