import type { JobExecution } from "../aws-jobs/index.js";
import { type AgentContext, fail } from "./agent-context.js";
import { type AgentErrorCode, FotaError } from "./errors.js";
import type { FirstBootEffects } from "./first-boot-effects.js";
import { TRAITS } from "./fota-state.js";
import { type DocumentOutcome, parseJobDocument } from "./job-document.js";
import { isSameContent, type JobView } from "./job-view.js";
import { verdictFromDetails } from "./reboot-verdict.js";
import { isLaterRun, viewOfExecution } from "./reconcile.js";

/**
 * Turns what the service says, in whatever order and however often, into events. A document is read once for each
 * delivery.
 */
export class JobIntake {
  #context: AgentContext;
  #firstBoot: FirstBootEffects;
  #otherSeen: { readonly jobId: string; readonly executionNumber: number } | undefined;

  constructor(context: AgentContext, firstBoot: FirstBootEffects) {
    this.#context = context;
    this.#firstBoot = firstBoot;
  }

  /** The answer to `$next` (`asked`), or a notification; `execution` is undefined when nothing is pending. */
  next(execution: JobExecution | undefined, asked: boolean): void {
    const { job, machine, reporter } = this.#context;
    if (machine.knows("offered")) {
      if (execution !== undefined) this.offer(execution, asked);
      else if (asked) machine.dispatch("nothing-pending");
    } else if (job.current !== undefined) this.aboutJob(job.current, execution);
    if (!asked) return;
    reporter.setReady(true);
    this.#firstBoot.reached("answered");
  }

  private aboutJob({ identity }: JobView, execution: JobExecution | undefined): void {
    const { machine, reporter } = this.#context;
    if (execution?.jobId !== identity.jobId) {
      // Ours is not next any more, or this message is an old one: only the service knows.
      if (TRAITS[machine.state].followsService === true) reporter.look(machine.knows("url-renewed"));
      return;
    }
    const view = viewOfExecution({ ...identity, versionNumber: reporter.versionNumber }, execution);
    if (view.kind === "over") this.over(view.code);
    if (view.kind !== "alive") return;
    reporter.adopt(view.versionNumber);
    this.refresh(execution.jobDocument);
  }

  private offer(execution: JobExecution, asked: boolean): void {
    const { device, inbox, job, machine, options, reporter } = this.#context;
    const { jobId, versionNumber } = execution;
    const { ended } = job;
    if (ended?.jobId === jobId && !isLaterRun(ended, execution)) {
      // An old notification, or the service has not settled yet: do not believe the first, ask; never repeat what it
      // refuses.
      if (!asked) inbox.ask();
      if (!asked || ended.refused) return;
    }
    const outcome = parseJobDocument(execution.jobDocument, device.slot);
    if (outcome.kind === "foreign") {
      this.handOver(execution, outcome.operation);
      return;
    }
    const now = options.clock.ticks();
    const isKnown = this.isRemembered(execution);
    if (isKnown && outcome.kind === "update" && this.isResumable(outcome)) {
      job.resume(execution, outcome.update, now);
      reporter.bind(execution, versionNumber);
      machine.dispatch("resumed");
      return;
    }
    if (!isKnown && this.recognized(execution, outcome, now)) return;
    const { facts } = device;
    job.take(execution, outcome, { from: facts?.version ?? "-", slot: facts?.slot.label ?? "-" }, now);
    reporter.bind(execution, versionNumber);
    machine.dispatch("offered");
  }

  /** Whether the record is about this execution and the slot that would be written. */
  private isRemembered(execution: JobExecution): boolean {
    const { job, device } = this.#context;
    const known = job.stored.job;
    return (
      known?.jobId === execution.jobId &&
      known.executionNumber === execution.executionNumber &&
      known.slot === device.facts?.slot.label &&
      !isLaterRun(known, execution)
    );
  }

  private isResumable({ update }: DocumentOutcome & { readonly kind: "update" }): boolean {
    const { job, machine } = this.#context;
    return machine.knows("resumed") && job.current !== undefined && isSameContent(job.current.record, update);
  }

  /**
   * Without a record, the details that the device itself wrote into the job tell whether the update is over already.
   */
  private recognized(execution: JobExecution, outcome: DocumentOutcome, now: number): boolean {
    const { job, device, machine, reporter } = this.#context;
    const { facts } = device;
    if (facts === undefined || execution.status !== "IN_PROGRESS") return false;
    const { from, to } = execution.statusDetails;
    const verdict = verdictFromDetails(execution.statusDetails, facts);
    if (verdict === undefined || from === undefined || to === undefined) return false;
    const slot = verdict === "confirmed" ? facts.running.label : facts.slot.label;
    job.take(execution, outcome, { from, to, slot }, now);
    reporter.bind(execution, execution.versionNumber);
    if (verdict === "confirmed") this.#firstBoot.confirmed();
    else this.#firstBoot.rolledBack("rolled-back", "the new image does not run, and the record of the update is lost");
    machine.dispatch("outcome-known");
    return true;
  }

  /** Once for each execution: it is the application's from then on (design rule R13). */
  private handOver(execution: JobExecution, operation: string | undefined): void {
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

  /** The document came again: the same update, with fresh URLs, unless the service says something else by now. */
  refresh(document: unknown): void {
    const { job, device, options, machine } = this.#context;
    const { current } = job;
    if (document === undefined || current?.update === undefined) return;
    const outcome = parseJobDocument(document, device.slot);
    if (outcome.kind === "update" && isSameContent(current.record, outcome.update)) {
      job.adopt(outcome.update, options.clock.ticks());
      if (machine.knows("url-renewed")) machine.dispatch("url-renewed");
    } else if (machine.knows("document-changed")) {
      const changed = new FotaError("document-invalid", "changed during the update");
      fail(this.#context, outcome.kind === "invalid" ? outcome.error : changed, "document-changed");
    }
  }

  /** The execution has ended without us. An image on trial goes on: whether it is good does not depend on the job. */
  over(code: AgentErrorCode): void {
    const { job, callbacks, machine, options } = this.#context;
    if (job.current === undefined || !machine.knows("job-over")) return;
    if (job.terminal !== undefined && code === "job-ended") options.trace("aws-fota: the job has ended already");
    else callbacks.error(new FotaError(code, job.current.identity.jobId));
    machine.dispatch("job-over");
  }
}
