import type { JobExecution } from "../aws-jobs/index.js";
import { type ActiveJob, isSameContent, jobFromExecution } from "./active-job.js";
import { type AgentContext, begin, clearRecord, fail } from "./agent-context.js";
import { slotNumber } from "./device-facts.js";
import { type AgentErrorCode, FotaError } from "./errors.js";
import type { FirstBootEffects } from "./first-boot-effects.js";
import type { InstallEffects } from "./install-effects.js";
import { parseJobDocument } from "./job-document.js";
import { verdictFromDetails } from "./reboot-verdict.js";
import { isLaterRun, viewOfExecution } from "./reconcile.js";

/** Turns what the service says, in whatever order and however often, into events. */
export class JobIntake {
  #context: AgentContext;
  #install: InstallEffects;
  #firstBoot: FirstBootEffects;
  #otherSeen: { readonly jobId: string; readonly executionNumber: number } | undefined;

  constructor(context: AgentContext, install: InstallEffects, firstBoot: FirstBootEffects) {
    this.#context = context;
    this.#install = install;
    this.#firstBoot = firstBoot;
  }

  /** The answer to `$next` (`asked`), or a notification; `execution` is undefined when nothing is pending. */
  next(execution: JobExecution | undefined, asked: boolean): void {
    const { job, reporter } = this.#context;
    if (job !== undefined) this.#aboutJob(job, execution);
    else if (this.#context.state() === "idle") {
      if (execution !== undefined) this.#offer(execution, asked);
      else if (asked) this.#nothingToDo();
    }
    if (!asked) return;
    reporter.setReady(true);
    this.#firstBoot.reached("answered");
  }

  /** An update that the record would have gone on with was ended by the service while the device was off. */
  #nothingToDo(): void {
    const { options, callbacks, keeper } = this.#context;
    if (keeper.record.job !== undefined) clearRecord(this.#context);
    callbacks.tell(() => options.onIdle?.());
  }

  #aboutJob(job: ActiveJob, execution: JobExecution | undefined): void {
    const { reporter } = this.#context;
    const ours = execution?.jobId === job.jobId ? execution : undefined;
    if (ours !== undefined) {
      const view = viewOfExecution({ ...job, versionNumber: reporter.versionNumber }, ours);
      if (view.kind === "over") this.over(view.code);
      if (view.kind !== "alive") return;
      reporter.adopt(view.versionNumber);
      if (this.#context.state() !== "deciding" && this.#context.state() !== "reporting") this.refresh(ours.jobDocument);
    } else if (this.#context.state() !== "testing" && this.#context.state() !== "reporting") {
      // Ours is not next any more, or this message is an old one: only the service knows.
      reporter.look(this.#install.waitsForUrl);
    }
  }

  #offer(execution: JobExecution, asked: boolean): void {
    const context = this.#context;
    const { ended, facts, keeper, options } = context;
    const { jobId, executionNumber, versionNumber } = execution;
    if (ended?.jobId === jobId && !isLaterRun(ended, execution)) {
      // An old notification, or the service has not settled yet: do not believe the first, ask; never repeat what it refuses.
      if (!asked) context.inbox.ask();
      if (!asked || ended.refused) return;
    }
    const outcome = parseJobDocument(
      execution.jobDocument,
      facts === undefined ? undefined : slotNumber(facts.slot.label),
    );
    if (outcome.kind === "foreign") {
      this.#handOver(execution, outcome.operation);
      return;
    }
    const slot = facts?.slot.label ?? "-";
    const job = jobFromExecution(execution, { from: facts?.version ?? "-", slot, now: options.clock.ticks() });
    const { job: known, phase } = keeper.record;
    const isKnown =
      known?.jobId === jobId &&
      known.executionNumber === executionNumber &&
      known.slot === slot &&
      !isLaterRun(known, execution);
    if (isKnown && phase !== "reporting" && outcome.kind === "update" && isSameContent(known, outcome.update)) {
      begin(this.#context, { ...job, update: outcome.update, record: known, resumed: true }, "resumed", versionNumber);
      return;
    }
    context.bill = { bytes: 0, requests: 0, erases: 0, stores: 0 };
    if (isKnown || !this.#recognized(execution, job)) begin(this.#context, job, "offered", versionNumber);
  }

  /** Without a record, the details that the device itself wrote into the job tell whether the update is over already. */
  #recognized(execution: JobExecution, job: ActiveJob): boolean {
    const { facts } = this.#context;
    if (facts === undefined || execution.status !== "IN_PROGRESS") return false;
    const { from, to } = execution.statusDetails;
    const verdict = verdictFromDetails(execution.statusDetails, facts);
    if (verdict === undefined || from === undefined || to === undefined) return false;
    const slot = verdict === "confirmed" ? facts.running.label : facts.slot.label;
    begin(this.#context, { ...job, record: { ...job.record, from, to, slot } }, undefined, execution.versionNumber);
    if (verdict === "confirmed") this.#firstBoot.confirmed();
    else this.#firstBoot.rolledBack("rolled-back", "the new image does not run, and the record of the update is lost");
    this.#context.dispatch("outcome-known");
    return true;
  }

  /** Once for each execution: it is the application's from then on (design rule R13). */
  #handOver(execution: JobExecution, operation: string | undefined): void {
    const { options, callbacks, inbox } = this.#context;
    const { jobId, executionNumber } = execution;
    if (this.#otherSeen?.jobId === jobId && this.#otherSeen.executionNumber === executionNumber) return;
    this.#otherSeen = { jobId, executionNumber };
    options.trace(`aws-fota: job ${jobId} is not a firmware update`);
    callbacks.tell(() =>
      options.onOtherJob?.({
        execution,
        operation,
        update: (update, onDone) => inbox.jobs.update(jobId, update, onDone),
        describe: (onDone) => inbox.jobs.describe(jobId, {}, onDone),
      }),
    );
  }

  /** The document came again: the same update, with fresh URLs. */
  refresh(document: unknown): void {
    const { job, facts, options } = this.#context;
    if (document === undefined || facts === undefined || job?.update === undefined) return;
    const outcome = parseJobDocument(document, slotNumber(facts.slot.label));
    if (outcome.kind === "update" && isSameContent(job.record, outcome.update)) {
      job.document = document;
      job.documentAt = options.clock.ticks();
      job.update = outcome.update;
      this.#install.refreshed();
    } else if (this.#context.state() === "downloading") {
      fail(
        this.#context,
        outcome.kind === "invalid" ? outcome.error : new FotaError("document-invalid", "changed during the update"),
      );
    }
  }

  /** The execution has ended without us. An image on trial goes on: whether it is good does not depend on the job. */
  over(code: AgentErrorCode): void {
    const { job, callbacks, options } = this.#context;
    if (job === undefined || this.#context.state() === "testing") return;
    if (this.#context.state() === "reporting" && code === "job-ended")
      options.trace("aws-fota: the job has ended already");
    else callbacks.error(new FotaError(code, job.jobId));
    this.#context.dispatch(this.#context.state() === "reporting" ? "settled" : "job-over");
  }
}
