import { MAX_ROLLOUT_PER_MINUTE } from "./limits.js";
import type { RolloutConfig, RolloutRecord } from "./records.js";

const ROLLOUT_WINDOW_MS = 60_000;

/**
 * Executions a minute: the base rate times the increment factor once for each time the criterion's number of things was
 * reached, up to the maximum. [AWS IoT Jobs: Job rollout rates]
 */
export function rolloutRate(config: RolloutConfig | undefined, notified: number, succeeded: number): number {
  const maximum = config?.maximumPerMinute ?? MAX_ROLLOUT_PER_MINUTE;
  const rate = config?.exponentialRate;
  if (rate === undefined) return maximum;
  const { numberOfNotifiedThings, numberOfSucceededThings } = rate.rateIncreaseCriteria;
  const increases =
    numberOfNotifiedThings !== undefined
      ? Math.floor(notified / numberOfNotifiedThings)
      : Math.floor(succeeded / (numberOfSucceededThings ?? Number.POSITIVE_INFINITY));
  return Math.min(maximum, Math.floor(rate.baseRatePerMinute * rate.incrementFactor ** increases));
}

export interface RolloutStep {
  /** Executions to hand out now. */
  readonly release: number;
  readonly next: RolloutRecord;
  /** When to look again, while things wait. */
  readonly at?: number;
}

/** How many of the `waiting` things get their execution now: at most `rate` within one window of a minute. */
export function rolloutStep(record: RolloutRecord, rate: number, waiting: number, now: number): RolloutStep {
  const fresh = now - record.windowStart >= ROLLOUT_WINDOW_MS || now < record.windowStart;
  const windowStart = fresh ? now : record.windowStart;
  const used = fresh ? 0 : record.releasedInWindow;
  const release = Math.max(0, Math.min(waiting, rate - used));
  const next = { windowStart, releasedInWindow: used + release, notified: record.notified + release };
  return waiting > release ? { release, next, at: windowStart + ROLLOUT_WINDOW_MS } : { release, next };
}
