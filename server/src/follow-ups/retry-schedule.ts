/** When a letter that could not be delivered is tried again: soon at first, four times a day at last, for about two days. */
const FIRST_MS = 10_000;
const FACTOR = 4;
const LONGEST_MS = 6 * 3_600_000;
/** Receivers that were down together are not to be asked together. */
const JITTER = 0.2;
/** The last of them is about 46 hours after the first. */
export const MAX_ATTEMPTS = 14;

/** Epoch ms of the next attempt after `attempts`; undefined: it was the last. `random` in [0, 1). A receiver's own `retryAt` is heeded up to 6 h. */
export function nextAttemptAt(attempts: number, now: number, random: number, retryAt = 0): number | undefined {
  if (attempts >= MAX_ATTEMPTS) return undefined;
  const plainMs = Math.min(LONGEST_MS, FIRST_MS * FACTOR ** (attempts - 1));
  const delayMs = Math.round(plainMs * (1 - JITTER + 2 * JITTER * random));
  return Math.max(now + delayMs, Math.min(retryAt, now + LONGEST_MS));
}
