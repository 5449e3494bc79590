/** The only source of time in the relay. Tests hand in one that they move by hand. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Runs `task` once after `delayMs`; the answer calls it off. */
  after(delayMs: number, task: () => void): () => void;
}

/** An abort signal that fires after `timeoutMs` of this clock; `cancel` when the work is over. */
export function timeLimit(clock: Clock, timeoutMs: number): { signal: AbortSignal; cancel: () => void } {
  const controller = new AbortController();
  const cancel = clock.after(timeoutMs, () => controller.abort(new DOMException('The time limit has passed.', 'TimeoutError')));
  return { signal: controller.signal, cancel };
}
