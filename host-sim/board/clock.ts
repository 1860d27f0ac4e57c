/** Cancels what {@link BoardClock.after} planned. Calling it again, or after the callback ran, does nothing. */
export type CancelTimer = () => void;

/**
 * The time that a board, its network and the local cloud share. The virtual clock and the real one implement it; the
 * local AWS asks for the first two members only.
 */
export interface BoardClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `callback` once, `ms` milliseconds from now, never before the current call stack ended. */
  after(ms: number, callback: () => void): CancelTimer;
  /** Lets `ms` milliseconds pass while nothing else runs: the board is busy. */
  block(ms: number): void;
  /** `true` when time passes only by request, so that two runs from one seed are equal. */
  readonly virtual: boolean;
}
