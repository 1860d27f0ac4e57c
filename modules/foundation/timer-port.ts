/** A running timer; opaque. */
export type TimerId = object;

/** The part of the SDK's `timer` module that the library uses. */
export type TimerPort = {
  /** Calls `callback` once, on a later turn and not before `milliseconds` (default 0) have passed. */
  set(callback: () => void, milliseconds?: number): TimerId;
  /** Accepts `undefined` and a timer that has fired. */
  clear(id: TimerId | undefined): void;
};

/** The device's two clocks. */
export type ClockPort = {
  /** Milliseconds from an arbitrary origin; never goes back and never wraps, whatever happens to the time of day. */
  ticks(): number;
  /** Milliseconds since 1970; wrong until the time was set. */
  now(): number;
};
