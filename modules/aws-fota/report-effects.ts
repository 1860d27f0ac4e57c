import type { UpdateResult } from "../aws-jobs/index.js";
import { type AgentContext, rollbackNote } from "./agent-context.js";
import { asFotaError, FotaError } from "./errors.js";
import type { JobRecord } from "./fota-record.js";
import { type FotaState, TRAITS } from "./fota-state.js";
import { offerOf } from "./job-view.js";
import type { TimerId } from "./ports.js";
import { percent, progressDetails, type StatusDetails } from "./status-details.js";

const DOCUMENT_FRESH_MS = 60_000; // shortest lifetime of a presigned URL [AWS Jobs: PresignedUrlConfig]

/** Why an update goes on that was on trial already; nothing for one that was not. */
function trialNote({ attempts }: JobRecord, maxTrials: number): string | undefined {
  return attempts === 0
    ? undefined
    : `power went before the image was confirmed, trial ${attempts + 1} of ${maxTrials}`;
}

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
    const { job, reporter, options, machine, callbacks, settings } = this.#context;
    const { current } = job;
    if (current === undefined) return;
    this.#progress = undefined;
    reporter.send({
      kind: "start",
      status: "IN_PROGRESS",
      details: this.details("downloading", trialNote(current.record, settings.maxTrials)),
      withDocument: options.clock.ticks() - current.documentAt >= DOCUMENT_FRESH_MS,
      onDone: (result, error) => {
        if (!job.isCurrent(current.identity)) return;
        if (result !== undefined) {
          job.acknowledged(); // also when the application paused the update meanwhile
          this.sent();
        }
        if (!machine.knows("started")) return;
        if (result === undefined) {
          this.refused(error);
          machine.dispatch("job-over");
          return;
        }
        if (result.jobDocument !== undefined) onDocument(result.jobDocument);
        const offer = offerOf(job.current ?? current);
        callbacks.tell(() => options.onStart?.(offer));
        machine.dispatch("started");
      },
    });
    this.keepAlive();
  }

  /**
   * Told when the service has heard of it, or cannot be reached: a job that was canceled meanwhile is not restarted
   * into.
   */
  announce(): void {
    const { job, machine, options, callbacks } = this.#context;
    const { current } = job;
    if (current === undefined) return;
    this.#progress = "100%";
    this.send("installed", () => {
      if (!job.isCurrent(current.identity) || !machine.knows("restart")) return;
      callbacks.tell(() => options.onInstalled?.(offerOf(current)));
    });
    this.keepAlive();
  }

  /** At most one update in `reportIntervalMs`. */
  progress(written: number, size: number): void {
    this.#progress = percent(written, size);
    const { options, settings } = this.#context;
    if (written < size && options.clock.ticks() - this.#reportedAt >= settings.reportIntervalMs)
      this.send("downloading");
  }

  testing(selfTest: string): void {
    this.#progress = undefined;
    if (this.#context.job.current !== undefined) this.send("testing", undefined, selfTest);
    this.keepAlive();
  }

  sendTerminal(): void {
    const { job, reporter, machine } = this.#context;
    const { current, terminal } = job;
    if (current === undefined || terminal === undefined) return;
    reporter.bind(current.identity, undefined);
    reporter.send({
      kind: "terminal",
      status: terminal.status,
      details: terminal.details,
      onDone: (result, error) => {
        if (!job.isCurrent(current.identity) || !machine.knows("settled")) return;
        if (result === undefined) this.refused(error);
        machine.dispatch("settled");
      },
    });
  }

  stop(): void {
    this.#context.options.timer.clear(this.#timer);
    this.#timer = undefined;
  }

  /** Renews the step timer while nothing else is said. A QUEUED job has none. */
  keepAlive(): void {
    const { job, machine, options, settings } = this.#context;
    if (settings.stepTimeoutInMinutes === undefined || this.#timer !== undefined) return;
    this.#timer = options.timer.set(() => {
      this.#timer = undefined;
      const { state } = machine;
      if (TRAITS[state].keepsAlive !== true) return;
      const silent = options.clock.ticks() - this.#reportedAt >= settings.heartbeatMs / 2;
      if (silent && job.current?.status === "IN_PROGRESS") this.send(state);
      this.keepAlive();
    }, settings.heartbeatMs);
  }

  private send(state: FotaState, onDone?: (result: UpdateResult | undefined) => void, reason?: string): void {
    this.sent();
    this.#context.reporter.send({
      kind: "progress",
      status: "IN_PROGRESS",
      details: this.details(state, reason),
      onDone: (result) => onDone?.(result),
    });
  }

  private sent(): void {
    this.#reportedAt = this.#context.options.clock.ticks();
  }

  private details(state: FotaState, reason?: string): StatusDetails {
    const { job, device } = this.#context;
    const { from, to } = job.current?.record ?? { from: device.facts?.version ?? "", to: undefined };
    const said = TRAITS[state].reportedAs ?? state;
    const progress = said === "downloading" || said === "installed" ? (this.#progress ?? "0%") : this.#progress;
    return progressDetails(said, { from, to }, { progress, rollback: rollbackNote(this.#context), reason });
  }

  private refused(error: unknown): void {
    const { job, callbacks } = this.#context;
    const cause = error === undefined ? undefined : asFotaError(error, "internal-error");
    callbacks.error(
      new FotaError("update-refused", cause?.message ?? "the service did not take the update", { cause: error }),
    );
    job.refused();
  }
}
