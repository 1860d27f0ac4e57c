import Timer from "timer";

/** The SDK's timers as the library takes them: an opaque id instead of the SDK's class. */
export type TimerPort = {
  set(callback: () => void, milliseconds?: number): object;
  clear(id: object | undefined): void;
};

export const timer: TimerPort = Object.freeze({
  set: (callback: () => void, milliseconds = 0) => Timer.set(callback, milliseconds),
  clear: (id: object | undefined) => Timer.clear(id as Timer | undefined),
});
