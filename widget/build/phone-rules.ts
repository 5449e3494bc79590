/**
 * A set of national numbers written as short rules: letters for the lengths they hold for (`a` is 1 digit, `i` is 9), then what a
 * number must begin with. `hi[1-7]j90` is eight or nine digits beginning with 1 to 7, or ten beginning
 * with 90. Every number of the set fits, no other does.
 */
import { allOfLength, intersection, NONE, type NumberSet } from './phone-number-set.ts';

const LONGEST = 17; // ITU-T E.164 allows 15 digits; the metadata goes up to 17.

export function writeRules(numbers: NumberSet): string {
  const lengthsByStart = new Map<string, string>();
  for (let length = 1; length <= LONGEST; length++) {
    const sameLength = intersection(numbers, allOfLength(length));
    if (sameLength === NONE) continue;
    const start = writeStart(sameLength, length) || '.';
    lengthsByStart.set(start, (lengthsByStart.get(start) ?? '') + String.fromCharCode(96 + length));
  }
  // Sorted alike in every row: the compressor finds longer repeats.
  return [...lengthsByStart]
    .map(([start, lengths]) => lengths + start)
    .sort(byCodeUnit)
    .join('');
}

/** The shortest beginning after which any digits may follow, as a regular expression. `length`: of each number in the set. */
function writeStart(numbers: NumberSet, length: number): string {
  if (numbers === allOfLength(length)) return '';
  const digitsByRest = new Map<string, number[]>();
  for (const [digit, rest] of numbers.next.entries()) {
    if (rest === NONE) continue;
    const start = writeStart(rest, length - 1);
    digitsByRest.set(start, [...(digitsByRest.get(start) ?? []), digit]);
  }
  return [...digitsByRest]
    .map(([rest, digits]) => writeClass(digits) + (rest.includes('|') ? `(${rest})` : rest))
    .sort((left, right) => left.length - right.length || byCodeUnit(left, right))
    .join('|');
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
