/** Exponential back-off with full jitter, so that a fleet which lost one broker does not come back in step. */

/** Bounds of the pauses between attempts. */
export type BackoffOptions = {
  /** Upper bound of the first delay, ms. */
  readonly baseMs: number;
  /** Upper bound of every delay, ms. */
  readonly capMs: number;
};

export const DEFAULT_BACKOFF: BackoffOptions = Object.freeze({ baseMs: 1_000, capMs: 120_000 });

/** Beyond this the power of two exceeds every cap in use. */
const MAX_EXPONENT = 30;

/**
 * Delay before the next attempt in whole ms, from 0 to min(cap, base x 2^failures).
 * @param failures attempts that failed since the last stable connection, from 0
 * @param random a number in [0, 1)
 */
export function backoffDelay(options: BackoffOptions, failures: number, random: number): number {
  const bound = Math.min(options.capMs, options.baseMs * 2 ** Math.min(Math.max(failures, 0), MAX_EXPONENT));
  return Math.floor(random * (bound + 1));
}
