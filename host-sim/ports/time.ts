/**
 * SDK `time`. `ticks` is a signed 32-bit millisecond counter that wraps: only differences by `delta` mean something.
 */
import { callHost, callNumber } from "./host.js";

function ticks(): number {
  return callNumber("clock.ticks") | 0;
}

const Time = Object.freeze({
  get ticks(): number {
    return ticks();
  },
  get microseconds(): number {
    return callNumber("clock.ticks") * 1000;
  },
  delta(start: number, end: number = ticks()): number {
    return (end - start) | 0;
  },
  set(seconds: number): void {
    callHost("clock.set", Number(seconds));
  },
  timezone: 0,
  dst: 0,
});

export default Time;
