import { type AgentContext, attempt, decideFailure, rollbackNote } from "./agent-context.js";
import { asFotaError, FotaError } from "./errors.js";
import { memoryShortage } from "./memory-need.js";
import { isQuarantining } from "./quarantine.js";
import type { ReportEffects } from "./report-effects.js";
import { SelfTest, type SelfTestStep } from "./self-test.js";
import { enforcedBy, judgeTrial } from "./signing-keys.js";
import { safeText, successDetails, withDetails } from "./status-details.js";

/** The trial of a new image and its two ends. */
export class FirstBootEffects {
  #context: AgentContext;
  #report: ReportEffects;
  #test: SelfTest | undefined;

  constructor(context: AgentContext, report: ReportEffects) {
    this.#context = context;
    this.#report = report;
  }

  selfTest(): void {
    const { options, settings, machine, job } = this.#context;
    const refusal = memoryShortage(options.memory, options.profile) ?? judgeTrial(settings.trust, job.enforced);
    if (refusal !== undefined) {
      this.failed(refusal);
      machine.dispatch("self-test-failed");
      return;
    }
    this.#test = new SelfTest({
      timer: options.timer,
      deadlineMs: settings.selfTestTimeoutMs,
      application: options.selfTest,
      onNote: (text) => this.note(text),
      onPassed: () => machine.dispatch("self-test-passed"),
      onFailed: (code, detail) => {
        this.failed(new FotaError(code, detail));
        machine.dispatch("self-test-failed");
      },
    });
    this.#test.start();
  }

  reached(step: SelfTestStep): void {
    this.#test?.reached(step);
  }

  /** Ends the probation (design rule R7). */
  markValid(): void {
    const { device, job, machine } = this.#context;
    try {
      device.markValid();
    } catch (error) {
      this.failed(new FotaError("mark-valid-failed", asFotaError(error, "internal-error").message, { cause: error }));
      machine.dispatch("mark-valid-failed");
      return;
    }
    this.confirmed();
    machine.dispatch(job.current === undefined ? "confirmed-without-job" : "confirmed");
  }

  /**
   * SUCCEEDED is decided: the new image runs and was marked valid, and what it enforces replaces what the old one did.
   */
  confirmed(): void {
    const { job, options, callbacks, device, settings } = this.#context;
    const { current, bill } = job;
    const enforced = enforcedBy(settings.trust);
    if (enforced !== undefined) job.enforces(enforced);
    const version = device.facts?.version ?? "";
    if (current !== undefined) {
      const { from, to, slot, patch, unpatched } = current.record;
      job.decide({
        status: "SUCCEEDED",
        details: successDetails({ from, to }, slot, bill, {
          rollback: rollbackNote(this.#context),
          patch: unpatched ?? (patch && "applied"),
        }),
      });
    }
    callbacks.tell(() => options.onConfirmed?.({ version, jobId: current?.identity.jobId, bill }));
  }

  /** Back to the old image. Returns only when there is none. */
  rollBack(): void {
    const { options, callbacks, machine, job, device } = this.#context;
    try {
      options.boot.markInvalidAndRestart();
    } catch (error) {
      callbacks.error(
        new FotaError("rollback-impossible", asFotaError(error, "internal-error").message, { cause: error }),
      );
      // ESP-IDF refuses when otadata has no entry of the old image, though its slot may hold it whole. The bootloader
      // looks into the slots, and a restart ends a trial. That happens once only: an image that starts again after it
      // is on trial no more.
      const { facts } = device;
      if (facts?.rollback === true && facts.running.state === "PENDING_VERIFY") options.boot.restart();
      machine.dispatch(job.current === undefined ? "rollback-impossible-without-job" : "rollback-impossible");
    }
  }

  /** The image on trial runs again after it crashed: FAILED, and back to the old one. */
  crashed(code: FotaError["code"], detail: string): void {
    this.failed(new FotaError(code, detail));
  }

  /** The old image runs again: FAILED, with what is known about the reason. */
  rolledBack(code: FotaError["code"], detail: string): void {
    const { job, device, callbacks } = this.#context;
    const { current } = job;
    if (current === undefined) return;
    const reset = device.facts?.resetReason ?? "unknown";
    decideFailure(this.#context, { code, detail }, { reset, selfTest: current.record.selfTest });
    callbacks.error(new FotaError(code, detail));
    this.tellRolledBack(code, detail, reset);
  }

  /**
   * A terminal status was stored before this start: sends it, or first finishes what it says. FAILED after a first boot
   * becomes true only by the old image running again; that one adds why the board started.
   */
  takeUpOutcome(): void {
    const { job, device, machine } = this.#context;
    const { current, terminal } = job;
    const { facts } = device;
    if (current === undefined || terminal === undefined || facts === undefined) return;
    const { code, detail = "", reset } = terminal.details;
    if (code !== undefined && isQuarantining(code)) {
      if (facts.running.label === current.record.slot) {
        machine.dispatch("rejection-found");
        return;
      }
      if (reset === undefined) {
        const details = withDetails(terminal.details, { reset: facts.resetReason });
        job.decide({ ...terminal, details });
        this.tellRolledBack(code, detail, facts.resetReason);
      }
    }
    machine.dispatch("outcome-known");
  }

  stop(): void {
    this.#test?.close();
    this.#test = undefined;
  }

  private tellRolledBack(code: string, detail: string, resetReason: string): void {
    const { job, options, callbacks } = this.#context;
    const { current } = job;
    if (current === undefined) return;
    const { jobId } = current.identity;
    const { selfTest } = current.record;
    callbacks.tell(() => options.onRolledBack?.({ jobId, code, detail, resetReason, selfTest }));
  }

  private failed(error: FotaError): void {
    const { job, callbacks } = this.#context;
    callbacks.error(error);
    decideFailure(this.#context, error, { selfTest: job.current?.record.selfTest });
  }

  private note(text: string): void {
    const { job, callbacks, options } = this.#context;
    const selfTest = safeText(text);
    options.trace(`aws-fota: self-test: ${selfTest}`);
    if (job.current === undefined) return;
    // The answer ends the test unless the application has one: then nothing is stored that the next store replaces.
    const isLast = selfTest === "answered" && options.selfTest === undefined;
    const failure = attempt(() => job.noteSelfTest(selfTest, !isLast));
    if (failure !== undefined) callbacks.error(failure);
    if (!isLast && selfTest !== "connected") this.#report.testing(selfTest);
  }
}
