import type { UpdateResult } from "../aws-jobs/index.js";
import { endOf, offerOf } from "./active-job.js";
import { type AgentContext, rollbackNote } from "./agent-context.js";
import { asFotaError, FotaError } from "./errors.js";
import type { FotaState } from "./fota-state.js";
import type { TimerId } from "./ports.js";
import { percent, progressDetails, type StatusDetails } from "./status-details.js";

const DOCUMENT_FRESH_MS = 60_000; // shortest lifetime of a presigned URL [AWS Jobs: PresignedUrlConfig]

/** States in which the job is kept alive. */
const BEATING: readonly FotaState[] = Object.freeze(["deferred", "downloading", "verifying", "installed", "testing"]);

/** What the service is told, and how often. */
export class ReportEffects {
  #context: AgentContext;
  #timer: TimerId | undefined;
  #reportedAt = 0;
  #progress: string | undefined;

  constructor(context: AgentContext) {
    this.#context = context;
  }

  /** IN_PROGRESS, and with it a document with fresh URLs when ours has become old. */
  sendStart(onDocument: (document: unknown) => void): void {
    const { job, reporter, options, dispatch, callbacks } = this.#context;
    if (job === undefined) return;
    this.#progress = undefined;
    reporter.send({
      kind: "start",
      status: "IN_PROGRESS",
      details: this.#details("downloading"),
      withDocument: options.clock.ticks() - job.documentAt >= DOCUMENT_FRESH_MS,
      onDone: (result, error) => {
        if (this.#context.job !== job) return;
        if (result !== undefined) {
          job.status = "IN_PROGRESS"; // also when the application paused the update meanwhile
          this.#sent();
        }
        if (this.#context.state() !== "starting") return;
        if (result === undefined) {
          this.#refused(error);
          dispatch("job-over");
          return;
        }
        if (result.jobDocument !== undefined) onDocument(result.jobDocument);
        callbacks.tell(() => options.onStart?.(offerOf(job)));
        dispatch("started");
      },
    });
    this.keepAlive();
  }

  /** Told when the service has heard of it, or cannot be reached: a job that was canceled meanwhile is not restarted into. */
  announce(): void {
    const { job, options, callbacks } = this.#context;
    if (job === undefined) return;
    this.#progress = "100%";
    this.#send("installed", () => {
      if (this.#context.job !== job || this.#context.state() !== "installed") return;
      callbacks.tell(() => options.onInstalled?.(offerOf(job)));
    });
    this.keepAlive();
  }

  /** At most one update in `reportIntervalMs`. */
  progress(written: number, size: number): void {
    this.#progress = percent(written, size);
    const { options, settings } = this.#context;
    if (written < size && options.clock.ticks() - this.#reportedAt >= settings.reportIntervalMs)
      this.#send("downloading");
  }

  testing(selfTest: string): void {
    this.#progress = undefined;
    if (this.#context.job !== undefined) this.#send("testing", undefined, selfTest);
    this.keepAlive();
  }

  sendTerminal(): void {
    const { job, terminal, reporter, dispatch } = this.#context;
    if (job === undefined || terminal === undefined) return;
    reporter.bind(job, undefined);
    reporter.send({
      kind: "terminal",
      status: terminal.status,
      details: terminal.details,
      onDone: (result, error) => {
        if (this.#context.job !== job || this.#context.state() !== "reporting") return;
        if (result === undefined) this.#refused(error);
        dispatch("settled");
      },
    });
  }

  stop(): void {
    this.#context.options.timer.clear(this.#timer);
    this.#timer = undefined;
  }

  /** Renews the step timer while nothing else is said. A QUEUED job has none. */
  keepAlive(): void {
    const { options, settings } = this.#context;
    if (settings.stepTimeoutInMinutes === undefined || this.#timer !== undefined) return;
    this.#timer = options.timer.set(() => {
      this.#timer = undefined;
      const state = this.#context.state();
      if (!BEATING.includes(state)) return;
      const silent = options.clock.ticks() - this.#reportedAt >= settings.heartbeatMs / 2;
      if (silent && this.#context.job?.status === "IN_PROGRESS") this.#send(state);
      this.keepAlive();
    }, settings.heartbeatMs);
  }

  #send(state: FotaState, onDone?: (result: UpdateResult | undefined) => void, reason?: string): void {
    this.#sent();
    this.#context.reporter.send({
      kind: "progress",
      status: "IN_PROGRESS",
      details: this.#details(state, reason),
      onDone: (result) => onDone?.(result),
    });
  }

  #sent(): void {
    this.#reportedAt = this.#context.options.clock.ticks();
  }

  #details(state: FotaState, reason?: string): StatusDetails {
    const context = this.#context;
    const { from, to } = context.job?.record ?? { from: context.facts?.version ?? "", to: undefined };
    const progress = state === "downloading" || state === "installed" ? (this.#progress ?? "0%") : this.#progress;
    return progressDetails(state, { from, to }, { progress, rollback: rollbackNote(context), reason });
  }

  #refused(error: unknown): void {
    const { job, callbacks } = this.#context;
    const cause = error === undefined ? undefined : asFotaError(error, "internal-error");
    callbacks.error(
      new FotaError("update-refused", cause?.message ?? "the service did not take the update", { cause: error }),
    );
    if (job !== undefined) this.#context.ended = { ...endOf(job), refused: true };
  }
}
