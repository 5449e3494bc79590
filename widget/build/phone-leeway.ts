/**
 * How much wider than its numbers the rules of a plan may be. libphonenumber reads digits that are no number of a plan too, and the
 * relay refuses them; so the page may take them for a number as well, as long as it reads the same one. Rules with that leeway take
 * two thirds of the bytes of exact ones.
 */
import { after, allOfLength, concat, difference, intersection, NONE, type NumberSet, ofLengths, union } from './phone-number-set.ts';
import { readRules, writeRules } from './phone-rules.ts';

/** What decides how libphonenumber reads digits in one region. */
export interface ReadingPlan {
  /** The calling code alone. */
  code: NumberSet;
  lengths: readonly number[];
  /** Of each region that shares the code: after a trunk prefix it may look at any of them. */
  codeLengths: readonly (readonly number[])[];
  /** What the pattern matches, of any length. */
  matched: NumberSet;
  /** Every trunk prefix that is ever taken off a whole number, or more. */
  trunks: NumberSet;
  /** Digits that are dialled without their area code. */
  local: NumberSet;
}

/** Short rules that hold for all of `numbers`; what else they hold for is read alike under each of `plans`, which have the same lengths. */
export function writeLooseRules(numbers: NumberSet, plans: readonly ReadingPlan[]): string {
  for (let may = union(numbers, ofLengths(plans[0]?.lengths ?? [])); ; ) {
    const rules = writeRules(numbers, may);
    const ruled = readRules(rules);
    const misread = plans.map((plan) => misreadOf(difference(ruled, union(numbers, plan.matched)), ruled, plan)).reduce(union, NONE);
    if (misread === NONE) return rules;
    may = difference(may, misread);
  }
}

/** Which of `extra`, numbers of no plan, the page would read otherwise by rules for `ruled`. Rather too many than one too few. */
function misreadOf(extra: NumberSet, ruled: NumberSet, plan: ReadingPlan): NumberSet {
  const { code, lengths, codeLengths, matched, trunks, local } = plan;
  const trunkOrNone = union(trunks, allOfLength(0));
  const possible = codeLengths.map(ofLengths);
  const notTooLong = ofLengths(Array.from({ length: Math.max(...lengths) + 1 }, (_, length) => length));
  const withCode = concat(code, union(concat(trunkOrNone, matched), local));
  const misread = [
    // What a prefix leaves of a whole number: libphonenumber takes none off.
    after(trunks, matched),
    // What begins with a prefix that leaves a possible length: it is taken off.
    concat(trunks, difference(possible.reduce(union), ruled)),
    // Of a length that not all regions have: whether a prefix is taken off depends on more than the table knows.
    difference(ofLengths(lengths), possible.reduce(intersection)),
    // The area code is put in front.
    local,
    // A number after the code: the code is taken off.
    withCode,
    after(trunks, withCode),
    // Not too long for a number together with the code: that stays.
    after(concat(code, trunkOrNone), concat(trunkOrNone, difference(notTooLong, ruled))),
  ];
  return intersection(extra, misread.reduce(union));
}
