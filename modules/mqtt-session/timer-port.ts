/** A running timer; opaque. */
export type TimerId = object;

/** The part of the SDK's `timer` module that is used. */
export type TimerPort = {
  /** Calls `callback` once after `ms` (0 = on a later turn). */
  set(callback: () => void, ms?: number): TimerId;
  /** `undefined` and timers that already fired are accepted. */
  clear(id: TimerId | undefined): void;
};
