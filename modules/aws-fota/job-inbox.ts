import type { AwsJobsError, JobExecution, JobsSession } from "../aws-jobs/index.js";
import { RetryPause } from "../foundation/retry-pause.js";
import { INBOX_TRANSITIONS, type InboxEffect, type InboxEvent, type InboxState } from "./inbox-state.js";
import type { JobsPart, Parts } from "./parts.js";
import type { TimerPort } from "./ports.js";

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
 * What the service wants next. `$next` is asked on every connect, once the subscriptions stand, and whenever the agent
 * wants it (design rule R1); a question without a good answer is repeated with back-off as long as the connection
 * lasts. The table stands in `inbox-state.ts`.
 */
export class JobInbox {
  readonly jobs: JobsPart;
  #options: JobInboxOptions;
  #observer: { close(): void } | undefined;
  #state: InboxState = "offline";
  #question: object | undefined;
  #answer: JobExecution | undefined;
  #pause: RetryPause;

  constructor(options: JobInboxOptions) {
    this.#options = options;
    this.#pause = new RetryPause(options, ASK_AGAIN);
    const { session, thingName, timer, random, trace, makeJobs } = options;
    this.jobs = makeJobs({
      session,
      thingName,
      timer,
      random,
      trace,
      onReady: () => this.take("connected"),
      onNotifyNext: (execution) => options.onNext(execution, false),
      onError: (error) => options.onError(error),
    });
  }

  get state(): InboxState {
    return this.#state;
  }

  get connected(): boolean {
    return this.#state !== "offline";
  }

  open(): void {
    this.#observer = this.#options.session.observe({ onDisconnected: () => this.take("lost") });
    this.jobs.open();
  }

  close(): void {
    this.take("closed");
    this.#observer?.close();
    this.#observer = undefined;
    this.jobs.close();
  }

  /**
   * Asks `$next` as soon as the connection allows it; connecting asks anyway. A question under way is followed by
   * another one.
   */
  ask(): void {
    this.take("ask");
  }

  private take(event: InboxEvent): void {
    const found = INBOX_TRANSITIONS[this.#state][event];
    if (found === undefined) return;
    this.#state = found.next;
    found.effects.forEach((effect) => {
      this.perform(effect);
    });
  }

  private perform(effect: InboxEffect): void {
    const { onConnected, onDisconnected, onNext } = this.#options;
    switch (effect) {
      case "tell-connected":
        this.#pause.succeeded();
        onConnected();
        break;
      case "tell-lost":
        onDisconnected();
        break;
      case "ask":
        this.describeNext();
        break;
      case "deliver":
        this.#pause.succeeded();
        onNext(this.#answer, true);
        break;
      case "pause":
        this.#pause.begin(() => this.take("pause-over"));
        break;
      case "end-pause":
        this.#pause.end();
        break;
    }
  }

  /** An answer to an earlier question, on a connection that has ended, counts no more. */
  private describeNext(): void {
    const question = {};
    this.#question = question;
    this.jobs.describeNext((error, execution) => {
      if (this.#question !== question || !this.connected) return;
      this.#answer = execution;
      if (error === undefined) this.take("answered");
      else if (error.code === "disconnected") this.take("cut-off");
      else {
        this.#options.onError(error);
        this.take("failed");
      }
    });
  }
}
