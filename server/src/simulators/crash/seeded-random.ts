/** Chance that comes again: everything that a run draws hangs on its seed, so that what went wrong can be made to go wrong again. */
export interface SeededRandom {
  /** In [0, 1). */
  next(): number;
  /** A whole number, both bounds included. */
  between(from: number, until: number): number;
  chance(share: number): boolean;
  /** One of them; `items` is not empty. */
  pick<T>(items: readonly T[]): T;
  /** A stream of its own: how much is drawn from it changes nothing elsewhere. */
  branch(name: string): SeededRandom;
}

export function seededRandom(seed: string): SeededRandom {
  let state = hash(seed);

  /** Mulberry32: small, and good enough to choose by. */
  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  return {
    next,
    between: (from, until) => from + Math.floor(next() * (until - from + 1)),
    chance: (share) => next() < share,
    pick<T>(items: readonly T[]): T {
      const item = items[Math.floor(next() * items.length)];
      if (item === undefined) throw new RangeError('There is nothing to pick from.');
      return item;
    },
    branch: (name) => seededRandom(`${seed}/${name}`),
  };
}

/** Of version 4 (RFC 9562). */
export function uuidFrom(random: SeededRandom): `${string}-${string}-${string}-${string}-${string}` {
  const hex = Array.from({ length: 32 }, () => random.between(0, 15).toString(16)).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value;
}
