import Timer from "timer";
import type { TimerId, TimerPort } from "../foundation/timer-port.js";

/** The SDK's timers as the library takes them: an opaque id instead of the SDK's class. */
export const timer: TimerPort = Object.freeze({
  set: (callback: () => void, milliseconds = 0) => Timer.set(callback, milliseconds),
  clear: (id: TimerId | undefined) => Timer.clear(id as Timer | undefined),
});
