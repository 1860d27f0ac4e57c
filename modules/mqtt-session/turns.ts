import type { TimerId, TimerPort } from "../foundation/timer-port.js";

/**
 * A turn is one callback of a timer or of the SDK's client. Work that comes up in it, and what a public method asks
 * for, is done at the end of a turn. So no user's callback runs inside a public method, and none runs while another one
 * is in the middle of its work.
 */
export class Turns {
  readonly #timer: TimerPort;
  readonly #atEnd: () => void;
  readonly #onException: (error: unknown) => void;
  #depth = 0;
  #later: (() => void)[] = [];
  #wakeUp: TimerId | undefined;

  /** @param atEnd called at the end of each turn, after the jobs of {@link later} */
  constructor(timer: TimerPort, atEnd: () => void, onException: (error: unknown) => void) {
    this.#timer = timer;
    this.#atEnd = atEnd;
    this.#onException = onException;
  }

  /** Runs `body` as a turn, or as part of the present one. Never throws. */
  run(body: () => void): void {
    this.#depth += 1;
    try {
      body();
      if (this.#depth === 1) this.finish();
    } catch (error) {
      this.#onException(error);
    } finally {
      this.#depth -= 1;
    }
  }

  /** Runs `job` at the end of the present turn, or on a later one. */
  later(job: () => void): void {
    this.#later.push(job);
    this.wake();
  }

  /** Makes sure that a turn ends soon. */
  wake(): void {
    if (this.#depth > 0 || this.#wakeUp !== undefined) return;
    this.#wakeUp = this.#timer.set(() => {
      this.#wakeUp = undefined;
      this.run(() => {});
    });
  }

  /** Forgets the jobs of {@link later}. */
  clear(): void {
    this.#later = [];
    this.#timer.clear(this.#wakeUp);
    this.#wakeUp = undefined;
  }

  private finish(): void {
    do {
      for (let job = this.#later.shift(); job !== undefined; job = this.#later.shift()) job();
      this.#atEnd();
    } while (this.#later.length > 0);
  }
}
