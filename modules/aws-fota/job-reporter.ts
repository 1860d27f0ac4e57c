import type { AwsJobsError, JobExecution, UpdateOptions, UpdateResult } from "../aws-jobs/index.js";
import { RetryPause } from "../foundation/retry-pause.js";
import type { AgentErrorCode } from "./errors.js";
import type { JobsPart } from "./parts.js";
import type { TimerPort } from "./ports.js";
import { type ExecutionIdentity, reconcileRejection, viewOfExecution } from "./reconcile.js";
import { type JobUpdate, type Look, ReportQueue, type ReportRequest } from "./report-queue.js";
import { REPORTER_TRANSITIONS, type ReporterEffect, type ReporterEvent, type ReporterState } from "./reporter-state.js";

const PAUSE = Object.freeze({ baseMs: 1000, capMs: 60_000 });

export type JobReporterOptions = {
  readonly jobs: Pick<JobsPart, "update" | "describe">;
  readonly timer: TimerPort;
  readonly random: () => number;
  readonly stepTimeoutInMinutes: number | undefined;
  /** The execution has ended without us. */
  readonly onOver: (code: AgentErrorCode) => void;
  /** The service's present view of a living execution, after `look`. */
  readonly onAlive: (execution: JobExecution) => void;
};

type Execution = { readonly jobId: string } & ExecutionIdentity;
type Target = Execution & { versionNumber: number | undefined };

/**
 * Brings the updates of one execution to the service, one at a time, whatever the connection does. `expectedVersion` is
 * always the service's own last word and is left out when there is none (design rule R3). The table stands in
 * `reporter-state.ts`.
 */
export class JobReporter {
  #options: JobReporterOptions;
  #state: ReporterState = "offline";
  #target: Target | undefined;
  #queue = new ReportQueue();
  /** What was said or asked and has no answer yet. */
  #request: ReportRequest | undefined;
  /** Everything that waits goes on after it. */
  #pause: RetryPause;
  #resends = 0;

  constructor(options: JobReporterOptions) {
    this.#options = options;
    this.#pause = new RetryPause(options, PAUSE);
  }

  get state(): ReporterState {
    return this.#state;
  }

  /** From here on updates are about this execution. `versionNumber`: as the service last gave it. */
  bind({ jobId, executionNumber, queuedAt }: Execution, versionNumber: number | undefined): void {
    if (this.#target?.jobId === jobId && this.#target.executionNumber === executionNumber) {
      if (versionNumber !== undefined) this.adopt(versionNumber);
      return;
    }
    this.release();
    this.#target = { jobId, executionNumber, queuedAt, versionNumber };
  }

  /** Drops everything that was to be sent. Answers still under way are ignored. */
  release(): void {
    this.#target = this.#request = undefined;
    this.#queue.clear();
    this.#pause.succeeded();
    this.#resends = 0;
    this.take("released");
  }

  get versionNumber(): number | undefined {
    return this.#target?.versionNumber;
  }

  adopt(versionNumber: number): void {
    const target = this.#target;
    if (target !== undefined && versionNumber >= (target.versionNumber ?? 0)) target.versionNumber = versionNumber;
  }

  /** True: connected, subscribed, and `$next` was answered on this connection. */
  setReady(ready: boolean): void {
    if (ready) this.#pause.succeeded();
    this.take(ready ? "ready" : "lost");
  }

  /** An update that waits of the same kind is replaced; a terminal one drops all others. */
  send(update: JobUpdate): void {
    this.#queue.add(update);
    if (this.#state === "offline") this.#queue.dropProgress();
    else this.next();
  }

  /** Asks how the execution stands: `onOver` or `onAlive` follows, once the connection allows it. */
  look(document: boolean): void {
    this.#queue.ask(document);
    this.next();
  }

  private take(event: ReporterEvent): void {
    const found = REPORTER_TRANSITIONS[this.#state][event];
    if (found === undefined) return;
    this.#state = found.next;
    found.effects.forEach((effect) => {
      this.perform(effect);
    });
  }

  private perform(effect: ReporterEffect): void {
    switch (effect) {
      case "next":
        this.next();
        break;
      case "put-back":
        this.putBack();
        break;
      case "pause":
        this.#pause.begin(() => this.take("pause-over"));
        break;
      case "end-pause":
        this.#pause.end();
        break;
    }
  }

  private next(): void {
    const target = this.#target;
    if (this.#state !== "free" || target === undefined) return;
    const request = this.#queue.take();
    if (request === undefined) return;
    this.#request = request;
    this.take(request.kind === "look" ? "look" : "send");
    if (request.kind === "look") this.describe(request, request.look, target);
    else this.transmit(request, request.update, target);
  }

  private transmit(request: ReportRequest, update: JobUpdate, target: Target): void {
    const { stepTimeoutInMinutes } = this.#options;
    const options: UpdateOptions = {
      status: update.status,
      statusDetails: update.details,
      executionNumber: target.executionNumber,
      includeJobExecutionState: true,
      ...(target.versionNumber === undefined ? {} : { expectedVersion: target.versionNumber }),
      ...(update.status !== "IN_PROGRESS" || stepTimeoutInMinutes === undefined ? {} : { stepTimeoutInMinutes }),
      ...(update.withDocument === true ? { includeJobDocument: true } : {}),
    };
    this.#options.jobs.update(target.jobId, options, (error, result) => {
      if (this.#request !== request) return;
      if (error !== undefined) this.refused(update, target, error);
      else this.accepted(update, target, result ?? {});
    });
  }

  private accepted(update: JobUpdate, target: Target, result: UpdateResult): void {
    this.#pause.succeeded();
    this.#resends = 0;
    // Without the state in the answer the version is not known any more: better none than a guessed one.
    target.versionNumber = result.executionState?.versionNumber;
    this.finish(() => update.onDone(result));
  }

  private refused(update: JobUpdate, target: Target, error: AwsJobsError): void {
    const reconciliation = reconcileRejection(error, this.#resends);
    switch (reconciliation.kind) {
      case "over":
        this.over(reconciliation.code);
        return;
      case "give-up":
        this.#resends = 0;
        this.finish(() => update.onDone(undefined, error));
        return;
      case "resend":
        // Versions only grow: behind a smaller one is another execution, or an old answer.
        if (reconciliation.versionNumber < (target.versionNumber ?? 0)) this.#queue.ask(false);
        target.versionNumber = reconciliation.versionNumber;
        this.resend(update);
        return;
      case "look":
        this.#queue.ask(false);
        target.versionNumber = undefined;
        this.resend(update);
        return;
      case "later":
        this.putBack();
        this.take("put-off");
        return;
      case "wait":
        this.take("lost");
        return;
    }
  }

  private resend(update: JobUpdate): void {
    this.#resends += 1;
    this.#queue.again(update);
    this.finish(() => {});
  }

  private describe(request: ReportRequest, { document }: Look, target: Target): void {
    this.#options.jobs.describe(target.jobId, { includeJobDocument: document }, (error, execution) => {
      if (this.#request !== request) return;
      if (error?.code === "ResourceNotFound") this.over("job-deleted");
      else if (error?.code === "TerminalStateReached") this.over("job-ended");
      else if (error?.code === "disconnected") this.take("lost");
      else if (error === undefined && execution === undefined) this.over("job-deleted");
      else if (error !== undefined || execution === undefined) {
        this.putBack();
        this.take("put-off");
      } else this.seen(target, execution);
    });
  }

  private seen(target: Target, execution: JobExecution): void {
    const view = viewOfExecution(target, execution);
    if (view.kind === "over") {
      this.over(view.code);
      return;
    }
    if (view.kind === "alive") target.versionNumber = view.versionNumber;
    this.finish(() => {
      if (view.kind === "alive") this.#options.onAlive(execution);
    });
  }

  /** The agent may go on all the same, with an image on trial; news of it would only be refused again. */
  private over(code: AgentErrorCode): void {
    this.#resends = 0;
    this.#queue.dropProgress();
    this.finish(() => this.#options.onOver(code));
  }

  /** `tell` may release the execution and bind another one, whose requests go on by themselves. */
  private finish(tell: () => void): void {
    const request = this.#request;
    tell();
    if (this.#request !== request) return;
    this.#request = undefined;
    this.take("answered");
  }

  private putBack(): void {
    const request = this.#request;
    this.#request = undefined;
    if (request !== undefined) this.#queue.putBack(request);
  }
}
