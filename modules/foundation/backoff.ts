/** Exponential back-off with full jitter, so that a fleet which lost one server does not come back in step. */

export type BackoffBounds = {
  /** Upper bound of the first delay, ms. */
  readonly baseMs: number;
  /** Upper bound of every delay, ms. */
  readonly capMs: number;
};

/** Beyond this the power of two exceeds every cap in use. */
const MAX_EXPONENT = 30;

/**
 * Delay before the next attempt in whole ms, from 0 to min(cap, base x 2^failures).
 * @param failures attempts that failed before the one that failed just now, from 0
 * @param random a number in [0, 1)
 */
export function backoffDelay({ baseMs, capMs }: BackoffBounds, failures: number, random: number): number {
  const bound = Math.min(capMs, baseMs * 2 ** Math.min(Math.max(failures, 0), MAX_EXPONENT));
  return Math.floor(random * (bound + 1));
}
