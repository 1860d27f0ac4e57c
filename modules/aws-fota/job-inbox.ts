import type { AwsJobsError, JobExecution, JobsSession } from "../aws-jobs/index.js";
import { backoffDelay } from "../foundation/backoff.js";
import type { JobsPart, Parts } from "./parts.js";
import type { TimerId, TimerPort } from "./ports.js";

const ASK_AGAIN = Object.freeze({ baseMs: 1000, capMs: 60_000 });

export type JobInboxOptions = {
  readonly session: JobsSession;
  readonly thingName: string;
  readonly timer: TimerPort;
  readonly random: () => number;
  readonly trace: (text: string) => void;
  readonly makeJobs: Parts["jobs"];
  /** All subscriptions of this connection are acknowledged. */
  readonly onConnected: () => void;
  readonly onDisconnected: () => void;
  /** The service's answer to `$next` (`asked`), or a notification. `execution` is undefined when nothing is pending. */
  readonly onNext: (execution: JobExecution | undefined, asked: boolean) => void;
  readonly onError: (error: AwsJobsError) => void;
};

/**
 * What the service wants next. `$next` is asked on every connect, once the subscriptions stand, and whenever the agent wants it (design rule R1);
 * a question without a good answer is repeated with back-off as long as the connection lasts.
 */
export class JobInbox {
  readonly jobs: JobsPart;
  #options: JobInboxOptions;
  #observer: { close(): void } | undefined;
  #connected = false;
  #asking = false;
  #askAgain = false;
  #failures = 0;
  #timer: TimerId | undefined;
  #connection = 0;

  constructor(options: JobInboxOptions) {
    this.#options = options;
    const { session, thingName, timer, random, trace, makeJobs } = options;
    this.jobs = makeJobs({
      session,
      thingName,
      timer,
      random,
      trace,
      onReady: () => this.#ready(),
      onNotifyNext: (execution) => options.onNext(execution, false),
      onError: (error) => options.onError(error),
    });
  }

  get connected(): boolean {
    return this.#connected;
  }

  open(): void {
    this.#observer = this.#options.session.observe({ onDisconnected: () => this.#lost() });
    this.jobs.open();
  }

  close(): void {
    this.#lost(true);
    this.#observer?.close();
    this.#observer = undefined;
    this.jobs.close();
  }

  /** Asks `$next` as soon as the connection allows it. A question under way is followed by another one. */
  ask(): void {
    if (!this.#connected) return; // connecting asks anyway
    if (this.#asking) {
      this.#askAgain = true;
      return;
    }
    this.#options.timer.clear(this.#timer);
    this.#timer = undefined;
    this.#asking = true;
    this.#askAgain = false;
    const connection = this.#connection;
    this.jobs.describeNext((error, execution) => {
      if (connection !== this.#connection) return;
      this.#asking = false;
      if (error !== undefined) this.#failed(error);
      else if (this.#askAgain) this.ask();
      else {
        this.#failures = 0;
        this.#options.onNext(execution, true);
      }
    });
  }

  #ready(): void {
    this.#connection += 1;
    this.#connected = true;
    this.#asking = false;
    this.#failures = 0;
    this.#options.onConnected();
    this.ask();
  }

  #lost(silent = false): void {
    this.#options.timer.clear(this.#timer);
    this.#timer = undefined;
    if (!this.#connected) return;
    this.#connection += 1;
    this.#connected = false;
    this.#asking = false;
    if (!silent) this.#options.onDisconnected();
  }

  #failed(error: AwsJobsError): void {
    if (error.code === "disconnected") return; // the next connection asks
    this.#options.onError(error);
    this.#timer = this.#options.timer.set(
      () => {
        this.#timer = undefined;
        this.ask();
      },
      backoffDelay(ASK_AGAIN, this.#failures, this.#options.random()),
    );
    this.#failures += 1;
  }
}
