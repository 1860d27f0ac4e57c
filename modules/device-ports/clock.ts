import Time from "time";
import type { ClockPort } from "../foundation/timer-port.js";

/**
 * The device's clocks; `now()` begins in 1970 after a cold start. `Time.ticks` is a signed 32-bit counter that wraps
 * after 24.8 days, so differences are added up here. They are right as long as `ticks` is read at least once in that
 * time; the library's own timers do.
 */
export function createClock(): ClockPort {
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
