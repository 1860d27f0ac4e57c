import Time from "time";

/** The device's two clocks. */
export type Clock = {
  /** Milliseconds since the first call; never goes back and never wraps, whatever happens to the time of day. */
  ticks(): number;
  /** Milliseconds since 1970; 1970 itself after a cold start, until the time was set. */
  now(): number;
};

/**
 * `Time.ticks` is a signed 32-bit counter that wraps after 24.8 days, so differences are added up here. They are right as long as
 * `ticks` is read at least once in that time; the library's own timers do.
 */
export function createClock(): Clock {
  let last = Time.ticks;
  let total = 0;
  return {
    ticks() {
      const ticks = Time.ticks;
      total += Time.delta(last, ticks);
      last = ticks;
      return total;
    },
    now: () => Date.now(),
  };
}
