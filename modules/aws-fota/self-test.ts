import type { TimerId, TimerPort } from "./ports.js";

/** What has to happen besides the application's own test: the connection, then an answer of AWS IoT Jobs. */
export type SelfTestStep = "connected" | "answered";

const MAX_NOTES = 8; // each is stored

export type SelfTestOptions = {
  readonly timer: TimerPort;
  /** From `start()`, ms. */
  readonly deadlineMs: number;
  /** The application's test. What it throws is a failure. */
  readonly application:
    | ((done: (ok: boolean, detail?: string) => void, note: (text: string) => void) => void)
    | undefined;
  /** How far the test came. */
  readonly onNote: (text: string) => void;
  readonly onPassed: () => void;
  readonly onFailed: (code: "self-test-failed" | "self-test-timeout", detail: string) => void;
};

/**
 * The first boot of an image, on trial. Exactly one of `onPassed` and `onFailed` is called, unless it is closed before.
 * A hang is not noticed here: it is the task watchdog's.
 */
export class SelfTest {
  #options: SelfTestOptions;
  #deadline: TimerId | undefined;
  #turn: TimerId | undefined;
  #missing: Set<SelfTestStep | "application">;
  #notes = 0;
  #over = false;

  constructor(options: SelfTestOptions) {
    this.#options = options;
    this.#missing = new Set<SelfTestStep | "application">(["connected", "answered"]);
    if (options.application !== undefined) this.#missing.add("application");
  }

  start(): void {
    const { timer, deadlineMs, application } = this.#options;
    this.#deadline = timer.set(() => this.fail("self-test-timeout", this.waitingFor()), deadlineMs);
    if (application !== undefined) this.#turn = timer.set(() => this.run(application), 0);
  }

  reached(step: SelfTestStep): void {
    if (this.#over || !this.#missing.has(step)) return;
    this.#options.onNote(step);
    this.complete(step);
  }

  close(): void {
    this.#over = true;
    this.#options.timer.clear(this.#deadline);
    this.#options.timer.clear(this.#turn);
  }

  private run(application: NonNullable<SelfTestOptions["application"]>): void {
    if (this.#over) return;
    try {
      application(
        (ok, detail = "") => {
          if (this.#over) return;
          if (ok === true) this.complete("application");
          else this.fail("self-test-failed", detail === "" ? "the application said so" : detail);
        },
        (text) => {
          if (this.#over || this.#notes === MAX_NOTES) return;
          this.#notes += 1;
          this.#options.onNote(String(text));
        },
      );
    } catch (error) {
      this.fail(
        "self-test-failed",
        `the application's test threw ${error instanceof Error ? error.message : "something"}`,
      );
    }
  }

  private waitingFor(): string {
    return `${this.#options.deadlineMs} ms are over, still waiting for: ${[...this.#missing].join(", ")}`;
  }

  private complete(step: SelfTestStep | "application"): void {
    this.#missing.delete(step);
    if (this.#missing.size > 0 || this.#over) return;
    this.close();
    this.#options.onPassed();
  }

  private fail(code: "self-test-failed" | "self-test-timeout", detail: string): void {
    if (this.#over) return;
    this.close();
    this.#options.onFailed(code, detail);
  }
}
