import type { AwsJobsError, JobExecution, UpdateOptions, UpdateResult } from "../aws-jobs/index.js";
import { backoffDelay } from "../foundation/backoff.js";
import type { AgentErrorCode } from "./errors.js";
import type { JobsPart } from "./parts.js";
import type { TimerId, TimerPort } from "./ports.js";
import { type ExecutionIdentity, reconcileRejection, viewOfExecution } from "./reconcile.js";
import type { StatusDetails } from "./status-details.js";

const PAUSE = Object.freeze({ baseMs: 1000, capMs: 60_000 });

/** "start": IN_PROGRESS that opens the work; "progress": dropped when it does not get through; "terminal": sent until it is settled. */
export type UpdateKind = "start" | "progress" | "terminal";

export type JobUpdate = {
  readonly kind: UpdateKind;
  readonly status: UpdateOptions["status"];
  readonly details: StatusDetails;
  /** Have the document sent along, with fresh URLs. */
  readonly withDocument?: boolean;
  /** `result` is undefined when the service did not take the update and will not. Not called when the job turns out to be over. */
  readonly onDone: (result: UpdateResult | undefined, error?: AwsJobsError) => void;
};

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
 * Brings the updates of one execution to the service, one at a time, whatever the connection does. `expectedVersion` is always the service's own last
 * word and is left out when there is none (design rule R3).
 */
export class JobReporter {
  #options: JobReporterOptions;
  #target: Target | undefined;
  #waiting: Partial<Record<UpdateKind, JobUpdate>> = {};
  #sending: JobUpdate | undefined;
  #ready = false;
  #timer: TimerId | undefined;
  #failures = 0;
  #resends = 0;
  /** A look is under way: what it finds decides about the updates that wait. */
  #looking = false;
  #lookWanted: { readonly document: boolean } | undefined;

  constructor(options: JobReporterOptions) {
    this.#options = options;
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
    this.#target = undefined;
    this.#waiting = {};
    this.#sending = undefined;
    this.#looking = false;
    this.#lookWanted = undefined;
    this.#failures = 0;
    this.#resends = 0;
    this.#options.timer.clear(this.#timer);
    this.#timer = undefined;
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
    this.#ready = ready;
    if (!ready) return;
    this.#failures = 0;
    this.#options.timer.clear(this.#timer);
    this.#timer = undefined;
    this.#pump();
  }

  /** An update that waits of the same kind is replaced; a terminal one drops all others. */
  send(update: JobUpdate): void {
    // What opens or ends the work has not failed when a newer one takes its place.
    const replaced = update.kind === "progress" ? this.#waiting.progress : undefined;
    if (update.kind === "terminal") this.#waiting = {};
    this.#waiting[update.kind] = update;
    replaced?.onDone(undefined);
    if (!this.#ready && update.kind === "progress") this.#drop(update);
    else this.#pump();
  }

  /** Asks how the execution stands: `onOver` or `onAlive` follows, once the connection allows it. */
  look(document: boolean): void {
    this.#lookWanted = { document: document || (this.#lookWanted?.document ?? false) };
    this.#pump();
  }

  #pump(): void {
    if (!this.#ready || this.#target === undefined || this.#timer !== undefined) return;
    if (this.#sending !== undefined || this.#looking) return;
    if (this.#lookWanted !== undefined) {
      const { document } = this.#lookWanted;
      this.#lookWanted = undefined;
      this.#look(document);
      return;
    }
    const update = this.#waiting.start ?? this.#waiting.terminal ?? this.#waiting.progress;
    if (update === undefined) return;
    delete this.#waiting[update.kind];
    this.#transmit(update, this.#target);
  }

  #transmit(update: JobUpdate, target: Target): void {
    this.#sending = update;
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
      if (this.#target !== target || this.#sending !== update) return;
      this.#sending = undefined;
      if (error !== undefined) this.#refused(update, target, error);
      else this.#accepted(update, target, result ?? {});
    });
  }

  #accepted(update: JobUpdate, target: Target, result: UpdateResult): void {
    this.#failures = 0;
    this.#resends = 0;
    // Without the state in the answer the version is not known any more: better none than a guessed one.
    target.versionNumber = result.executionState?.versionNumber;
    update.onDone(result);
    this.#pump();
  }

  #refused(update: JobUpdate, target: Target, error: AwsJobsError): void {
    const reconciliation = reconcileRejection(error, this.#resends);
    switch (reconciliation.kind) {
      case "over":
        this.#options.onOver(reconciliation.code);
        return;
      case "give-up":
        this.#resends = 0;
        update.onDone(undefined, error);
        this.#pump();
        return;
      case "resend":
        this.#resends += 1;
        // Versions only grow: behind a smaller one is another execution, or an old answer.
        if (reconciliation.versionNumber < (target.versionNumber ?? 0)) this.#lookWanted = { document: false };
        target.versionNumber = reconciliation.versionNumber;
        break;
      case "look":
        this.#resends += 1;
        target.versionNumber = undefined;
        this.#lookWanted = { document: false };
        break;
      default:
    }
    const pauses = reconciliation.kind === "later" || reconciliation.kind === "wait";
    if (update.kind === "progress" && pauses) update.onDone(undefined, error);
    else this.#waiting[update.kind] ??= update;
    if (reconciliation.kind === "wait") this.#ready = false;
    else if (reconciliation.kind === "later") this.#pause();
    this.#pump();
  }

  #look(document: boolean): void {
    const target = this.#target;
    if (target === undefined) return;
    this.#looking = true;
    this.#options.jobs.describe(target.jobId, { includeJobDocument: document }, (error, execution) => {
      if (this.#target !== target) return;
      this.#looking = false;
      if (error?.code === "ResourceNotFound") this.#options.onOver("job-deleted");
      else if (error?.code === "TerminalStateReached") this.#options.onOver("job-ended");
      else if (error?.code === "disconnected") this.#ready = false;
      else if (error !== undefined || execution === undefined) {
        this.#lookWanted ??= { document };
        this.#pause();
      } else this.#seen(target, execution);
    });
  }

  #seen(target: Target, execution: JobExecution): void {
    const view = viewOfExecution(target, execution);
    if (view.kind === "over") {
      this.#options.onOver(view.code);
      return;
    }
    if (view.kind === "alive") {
      target.versionNumber = view.versionNumber;
      this.#options.onAlive(execution);
    }
    this.#pump();
  }

  /** Full jitter; everything that waits goes on after it. */
  #pause(): void {
    const { timer, random } = this.#options;
    timer.clear(this.#timer);
    this.#timer = timer.set(
      () => {
        this.#timer = undefined;
        this.#pump();
      },
      backoffDelay(PAUSE, this.#failures, random()),
    );
    this.#failures += 1;
  }

  #drop(update: JobUpdate): void {
    delete this.#waiting[update.kind];
    update.onDone(undefined);
  }
}
