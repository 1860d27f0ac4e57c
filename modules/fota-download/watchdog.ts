import type { FotaDownloadErrorCode } from "./errors.js";

/**
 * What the download is waiting for. The SDK's client has no time-outs of its own, and on the Linux simulator not even
 * every broken connection is reported, so each wait is bounded here.
 */
export type WatchPhase =
  /** Nothing from the network: between requests. */
  | "idle"
  /** The headers of a response. */
  | "response"
  /** Body bytes. */
  | "body"
  /** The body of an error, which is only looked at. */
  | "error-body"
  /** The client's word that a body is complete, after its last byte. */
  | "end";

export type WatchLimits = {
  readonly responseTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly minimumProgress: number;
  readonly minimumProgressMs: number;
};

const ERROR_BODY_MS = 5_000;
const END_MS = 1_000;

export type WatchVerdict = FotaDownloadErrorCode | "phase-over";

/**
 * Keeps the deadlines of a download. Holds numbers only; the caller owns clock and timer. All times in ms of one
 * monotonic clock.
 */
export class Watchdog {
  readonly #limits: WatchLimits;
  #phase: WatchPhase = "idle";
  #since: number;
  #windowStart: number;
  #windowBytes = 0;
  #held = false;

  constructor(limits: WatchLimits, now: number) {
    this.#limits = limits;
    this.#since = now;
    this.#windowStart = now;
  }

  get phase(): WatchPhase {
    return this.#phase;
  }

  enter(phase: WatchPhase, now: number): void {
    this.#phase = phase;
    this.#held = false;
    this.begin(now);
  }

  private begin(now: number): void {
    this.#since = now;
    this.#windowStart = now;
    this.#windowBytes = 0;
  }

  /** No body byte is wanted for now: that none comes is not the server's fault. */
  hold(): void {
    this.#held = true;
  }

  release(now: number): void {
    if (!this.#held) return;
    this.#held = false;
    this.begin(now);
  }

  received(bytes: number, now: number): void {
    if (this.#phase === "body") this.#since = now;
    this.#windowBytes += bytes;
  }

  /** The next moment at which `check` may have something to say. */
  get deadline(): number {
    return this.phaseDeadline();
  }

  /** Undefined while all is well; "phase-over" when an optional wait ended; otherwise the code of the time-out. */
  check(now: number): WatchVerdict | undefined {
    if (this.#phase === "body") return this.checkBody(now);
    if (now < this.phaseDeadline()) return undefined;
    return this.#phase === "response" ? "response-timeout" : "phase-over";
  }

  private checkBody(now: number): WatchVerdict | undefined {
    if (this.#held) {
      this.begin(now);
      return undefined;
    }
    if (now >= this.#since + this.#limits.idleTimeoutMs) return "idle-timeout";
    if (now < this.#windowStart + this.#limits.minimumProgressMs) return undefined;
    if (this.#windowBytes < this.#limits.minimumProgress) return "too-slow";
    this.#windowStart = now;
    this.#windowBytes = 0;
    return undefined;
  }

  private phaseDeadline(): number {
    switch (this.#phase) {
      case "response":
        return this.#since + this.#limits.responseTimeoutMs;
      case "body":
        return Math.min(this.#since + this.#limits.idleTimeoutMs, this.#windowStart + this.#limits.minimumProgressMs);
      case "error-body":
        return this.#since + ERROR_BODY_MS;
      case "end":
        return this.#since + END_MS;
      default:
        return Number.POSITIVE_INFINITY;
    }
  }
}
