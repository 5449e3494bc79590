/** Work that has been begun and is not over: how much there is, and when all of it is. */

/** What a drain can be told to do. */
export interface Drain {
  /** Takes what is due now and waits until all of it has been worked through. */
  run(): Promise<void>;
  /** Takes what is due now, and waits for nothing that rings or answers. */
  begin(): Promise<void>;
  /** Waits for everything that was begun. */
  settled(): Promise<void>;
}

export interface UnderWay {
  readonly size: number;
  /** `work` never rejects. */
  add(work: Promise<void>): void;
  settled(): Promise<void>;
}

/** `onRoom` is told whenever a piece has ended: there may be more to take, or a new time to wait for. */
export function underWay(onRoom: () => void): UnderWay {
  const pieces = new Set<Promise<void>>();
  return {
    get size() {
      return pieces.size;
    },
    add(work) {
      const piece: Promise<void> = work.finally(() => {
        pieces.delete(piece);
        onRoom();
      });
      pieces.add(piece);
    },
    async settled() {
      while (pieces.size > 0) await Promise.all(pieces);
    },
  };
}

/** A drain over `begin`, whose work goes to `pieces`. */
export function drainOver(pieces: UnderWay, begin: () => Promise<void>): Drain {
  return {
    begin,
    settled: pieces.settled,
    async run() {
      await begin();
      await pieces.settled();
    },
  };
}
