import { FotaError } from "./errors.js";
import type { FotaCallbacks } from "./options.js";
import type { TimerId, TimerPort } from "./ports.js";
import { safeText } from "./status-details.js";

export type CallbackQueueOptions = {
  readonly timer: TimerPort;
  readonly trace: (text: string) => void;
  readonly onError: FotaCallbacks["onError"];
  /** At once, before the application hears of it. */
  readonly note: (error: FotaError) => void;
};

/**
 * Calls the application. Never from within one of the agent's public methods nor in the middle of a transition, always
 * in order, and nothing that it throws goes further: an exception that reached native code would restart the board.
 */
export class CallbackQueue {
  #options: CallbackQueueOptions;
  #waiting: (() => void)[] = [];
  #timer: TimerId | undefined;
  #held = 0;
  #closed = false;

  constructor(options: CallbackQueueOptions) {
    this.#options = options;
  }

  /** Runs `action`; callbacks that it causes come on a later turn. */
  hold<T>(action: () => T): T {
    this.#held += 1;
    try {
      return action();
    } finally {
      this.#held -= 1;
    }
  }

  tell(callback: () => void): void {
    if (this.#closed) return;
    if (this.#held === 0 && this.#waiting.length === 0) {
      this.run(callback);
      return;
    }
    this.#waiting.push(callback);
    this.#timer ??= this.#options.timer.set(() => this.flush(), 0);
  }

  error(error: FotaError): void {
    this.#options.trace(`aws-fota: ${safeText(error.message)}`);
    this.#options.note(error);
    this.tell(() => this.#options.onError?.(error));
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#options.timer.clear(this.#timer);
    this.#timer = undefined;
  }

  /** Runs what waits, unless it is still held. */
  flush(): void {
    if (this.#held > 0) return;
    this.#options.timer.clear(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const callback of waiting) if (!this.#closed) this.run(callback);
  }

  private run(callback: () => void): void {
    try {
      callback();
    } catch (cause) {
      const error = new FotaError(
        "application-error",
        safeText(cause instanceof Error ? cause.message : "a callback threw"),
        { cause },
      );
      this.#options.trace(`aws-fota: ${error.message}`);
      try {
        this.#options.onError?.(error);
      } catch {
        // Nobody is left to tell.
      }
    }
  }
}
