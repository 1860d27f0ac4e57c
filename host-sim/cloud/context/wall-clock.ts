import type { CloudClock } from "./context.js";

/** Longest time a timer of Node can wait. */
const LONGEST_MS = 2_147_483_647;

/** The real clock. Waits of any length; a pending wait does not keep the process alive. */
export const wallClock: CloudClock = Object.freeze({
  now: () => Date.now(),
  after(ms: number, callback: () => void) {
    let timer: NodeJS.Timeout;
    const wait = (left: number) => {
      const step = Math.min(Math.max(0, left), LONGEST_MS);
      timer = setTimeout(() => (left > step ? wait(left - step) : callback()), step);
      timer.unref();
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
});
