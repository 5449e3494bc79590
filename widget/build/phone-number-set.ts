/**
 * Exact arithmetic on finite sets of digit strings. Numbering plans come as regular expressions, and two expressions cannot be
 * joined, cut to a length or compared; sets can. A set is a minimal automaton whose nodes are shared, so equal sets are the same object.
 */
export interface NumberSet {
  readonly id: number;
  /** The empty string belongs to the set: a number may end here. */
  readonly ends: boolean;
  /** What may follow each digit 0-9. */
  readonly next: readonly NumberSet[];
}

export const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
const nodes = new Map<string, NumberSet>();

const nothing: { id: number; ends: boolean; next: NumberSet[] } = { id: 0, ends: false, next: [] };
nothing.next = DIGITS.map(() => nothing);

export const NONE: NumberSet = nothing;
const END = node(
  true,
  DIGITS.map(() => NONE),
);

/** The set that a regular expression accepts. Knows what numbering plans use: digits, classes, `\d`, groups, `|`, `?`, `{n}`, `{n,m}`. */
export function parseNumberSet(source: string): NumberSet {
  return followedBy(parseExpression(source), END);
}

/** Every string of `starts`, each continued by every string of `rest`. */
export function concat(starts: NumberSet, rest: NumberSet): NumberSet {
  if (starts === NONE || rest === NONE) return NONE;
  const longer = node(
    false,
    starts.next.map((set) => concat(set, rest)),
  );
  return starts.ends ? union(rest, longer) : longer;
}

/** What is left of `numbers` after each of `starts` that they begin with. */
export function after(starts: NumberSet, numbers: NumberSet): NumberSet {
  if (starts === NONE || numbers === NONE) return NONE;
  const deeper = DIGITS.map((digit) => after(starts.next[digit] ?? NONE, numbers.next[digit] ?? NONE));
  return deeper.reduce(union, starts.ends ? numbers : NONE);
}

export const union = combine(
  (left, right) => left || right,
  (left, right) => (left === right || right === NONE ? left : left === NONE ? right : undefined),
);
export const intersection = combine(
  (left, right) => left && right,
  (left, right) => (left === right ? left : left === NONE || right === NONE ? NONE : undefined),
);
export const difference = combine(
  (left, right) => left && !right,
  (left, right) => (left === right || left === NONE ? NONE : right === NONE ? left : undefined),
);

export function isWithin(part: NumberSet, whole: NumberSet): boolean {
  return difference(part, whole) === NONE;
}

const ofLength: NumberSet[] = [END];

/** All strings of that many digits. */
export function allOfLength(length: number): NumberSet {
  ofLength[length] ??= node(
    false,
    DIGITS.map(() => allOfLength(length - 1)),
  );
  return ofLength[length];
}

export function ofLengths(lengths: readonly number[]): NumberSet {
  return lengths.map(allOfLength).reduce(union, NONE);
}

function node(ends: boolean, next: readonly NumberSet[]): NumberSet {
  if (!ends && next.every((set) => set === NONE)) return NONE;
  const key = `${ends}${next.map((set) => set.id)}`;
  let known = nodes.get(key);
  if (known === undefined) {
    known = { id: nodes.size + 1, ends, next };
    nodes.set(key, known);
  }
  return known;
}

function combine(
  ends: (left: boolean, right: boolean) => boolean,
  shortcut: (left: NumberSet, right: NumberSet) => NumberSet | undefined,
): (left: NumberSet, right: NumberSet) => NumberSet {
  const known = new Map<string, NumberSet>();
  return function apply(left, right) {
    const quick = shortcut(left, right);
    if (quick !== undefined) return quick;
    const key = `${left.id},${right.id}`;
    let set = known.get(key);
    if (set === undefined) {
      set = node(
        ends(left.ends, right.ends),
        DIGITS.map((digit) => apply(left.next[digit] ?? NONE, right.next[digit] ?? NONE)),
      );
      known.set(key, set);
    }
    return set;
  };
}

type Expression =
  | { kind: 'class'; digits: ReadonlySet<number> }
  | { kind: 'sequence'; parts: readonly Expression[] }
  | { kind: 'choice'; parts: readonly Expression[] }
  | { kind: 'repeat'; part: Expression; least: number; most: number };

/** The strings of `expression`, each continued by every string of `rest`. */
function followedBy(expression: Expression, rest: NumberSet): NumberSet {
  switch (expression.kind) {
    case 'class':
      return node(
        false,
        DIGITS.map((digit) => (expression.digits.has(digit) ? rest : NONE)),
      );
    case 'sequence':
      return expression.parts.reduceRight((tail, part) => followedBy(part, tail), rest);
    case 'choice':
      return expression.parts.map((part) => followedBy(part, rest)).reduce(union, NONE);
    case 'repeat': {
      let set = rest;
      for (let count = expression.least; count < expression.most; count++) set = union(rest, followedBy(expression.part, set));
      for (let count = 0; count < expression.least; count++) set = followedBy(expression.part, set);
      return set;
    }
  }
}

function parseExpression(source: string): Expression {
  const tokens = source.match(/\(\?:|\[[\d-]+\]|\\d|\{\d+(?:,\d+)?\}|[\d()|?]/g) ?? [];
  if (tokens.join('') !== source) throw new Error(`Not a pattern of digits: ${source}`);
  let at = 0;
  const whole = parseChoice();
  if (at < tokens.length) throw new Error(`Unbalanced group: ${source}`);
  return whole;

  function parseChoice(): Expression {
    const parts = [parseSequence()];
    while (tokens[at] === '|') {
      at++;
      parts.push(parseSequence());
    }
    return { kind: 'choice', parts };
  }

  function parseSequence(): Expression {
    const parts: Expression[] = [];
    for (let token = tokens[at]; token !== undefined && token !== '|' && token !== ')'; token = tokens[at]) {
      at++;
      parts.push(parseRepeat(token.startsWith('(') ? parseGroup() : { kind: 'class', digits: readClass(token) }));
    }
    return { kind: 'sequence', parts };
  }

  function parseGroup(): Expression {
    const inner = parseChoice();
    if (tokens[at++] !== ')') throw new Error(`Unbalanced group: ${source}`);
    return inner;
  }

  function parseRepeat(part: Expression): Expression {
    const token = tokens[at];
    if (token === '?') {
      at++;
      return { kind: 'repeat', part, least: 0, most: 1 };
    }
    if (token?.startsWith('{')) {
      at++;
      const [least = 0, most = least] = token.slice(1, -1).split(',').map(Number);
      return { kind: 'repeat', part, least, most };
    }
    return part;
  }
}

/** `7`, `\d` or `[02-57]` → its digits. */
function readClass(token: string): ReadonlySet<number> {
  const pattern = new RegExp(`^${token}$`);
  return new Set(DIGITS.filter((digit) => pattern.test(`${digit}`)));
}
