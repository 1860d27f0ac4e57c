import { type AgentContext, rollbackNote, setTerminal, store } from "./agent-context.js";
import { type AgentErrorCode, asFotaError, FotaError } from "./errors.js";
import { quarantine, release } from "./quarantine.js";
import type { ReportEffects } from "./report-effects.js";
import { SelfTest, type SelfTestStep } from "./self-test.js";
import { safeText, statusDetails, successDetails } from "./status-details.js";

/** Ends of a job after which its image is not tried again (design rule R10). */
const QUARANTINING: readonly string[] = Object.freeze([
  "rolled-back",
  "boot-refused",
  "self-test-failed",
  "self-test-timeout",
  "mark-valid-failed",
  "install-interrupted",
] satisfies AgentErrorCode[]);

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
    const { options, settings, dispatch } = this.#context;
    this.#test = new SelfTest({
      timer: options.timer,
      deadlineMs: settings.selfTestTimeoutMs,
      application: options.selfTest,
      onNote: (text) => this.#note(text),
      onPassed: () => dispatch("self-test-passed"),
      onFailed: (code, detail) => {
        this.#failed(new FotaError(code, detail));
        dispatch("self-test-failed");
      },
    });
    this.#test.start();
  }

  reached(step: SelfTestStep): void {
    this.#test?.reached(step);
  }

  /** Ends the probation (design rule R7). An image that nothing watches has none: its otadata entry is left alone. */
  markValid(): void {
    const context = this.#context;
    const { options, facts, dispatch } = context;
    try {
      if (facts?.running.state === "PENDING_VERIFY") {
        options.boot.markValid();
        context.facts = { ...facts, running: { ...facts.running, state: "VALID" } };
      }
    } catch (error) {
      this.#failed(new FotaError("mark-valid-failed", asFotaError(error, "internal-error").message, { cause: error }));
      dispatch("self-test-failed");
      return;
    }
    this.confirmed();
    dispatch(context.job === undefined ? "confirmed-without-job" : "confirmed");
  }

  /** SUCCEEDED is decided: the new image runs and was marked valid. */
  confirmed(): void {
    const context = this.#context;
    const { job, options, callbacks, facts, bill } = context;
    const version = facts?.version ?? "";
    if (job !== undefined) {
      const { from, to, slot } = job.record;
      context.terminal = {
        status: "SUCCEEDED",
        details: successDetails({ from, to }, slot, bill, rollbackNote(context)),
      };
    }
    callbacks.tell(() => options.onConfirmed?.({ version, jobId: job?.jobId, bill }));
  }

  /** Back to the old image. Returns only when there is none. */
  rollBack(): void {
    const { options, callbacks, dispatch, job, facts } = this.#context;
    try {
      options.boot.markInvalidAndRestart();
    } catch (error) {
      callbacks.error(
        new FotaError("rollback-impossible", asFotaError(error, "internal-error").message, { cause: error }),
      );
      // ESP-IDF refuses when otadata has no entry of the old image, though its slot may hold it whole. The bootloader looks into the slots: it ends
      // a trial at any restart. Once only, as the image is on trial no more if it starts again.
      if (facts?.rollback === true && facts.running.state === "PENDING_VERIFY") options.boot.restart();
      dispatch(job === undefined ? "rollback-impossible-without-job" : "rollback-impossible");
    }
  }

  /** The old image runs again: FAILED, with what is known about the reason. */
  rolledBack(code: FotaError["code"], detail: string): void {
    const context = this.#context;
    const { job, options, facts, callbacks } = context;
    if (job === undefined) return;
    const reset = facts?.resetReason ?? "unknown";
    const selfTest = job.record.selfTest;
    setTerminal(context, "FAILED", { code, detail }, { reset, selfTest });
    callbacks.error(new FotaError(code, detail));
    callbacks.tell(() => options.onRolledBack?.({ jobId: job.jobId, code, detail, resetReason: reset, selfTest }));
  }

  /**
   * The terminal status was stored before the restart. When the image behind it rejected itself, the old image that runs now
   * adds why the board started again.
   */
  outcomeStored(): void {
    const { job, terminal, options, facts, callbacks } = this.#context;
    const code = terminal?.details.code ?? "";
    if (job === undefined || terminal === undefined || facts === undefined) return;
    if (!QUARANTINING.includes(code)) return;
    if (facts.running.label === job.record.slot) {
      this.#rejectAgain();
      return;
    }
    if (terminal.details.reset !== undefined) return;
    const detail = terminal.details.detail ?? "";
    const reset = facts.resetReason;
    this.#context.terminal = { ...terminal, details: statusDetails({ ...terminal.details, reset }) };
    callbacks.tell(() =>
      options.onRolledBack?.({ jobId: job.jobId, code, detail, resetReason: reset, selfTest: job.record.selfTest }),
    );
  }

  /** The images not to be tried again, this one included (design rule R10), or released because it proved itself after all. */
  quarantined() {
    const { job, keeper, terminal } = this.#context;
    const { quarantined } = keeper.record;
    const digest = job?.record.digest;
    if (job === undefined || digest === undefined || terminal === undefined) return quarantined;
    if (terminal.status === "SUCCEEDED") return release(quarantined, digest);
    if (!QUARANTINING.includes(terminal.details.code ?? "")) return quarantined;
    const { size = 0, etag } = job.record;
    return quarantine(quarantined, { digest, size, ...(etag === undefined ? {} : { etag }) });
  }

  stop(): void {
    this.#test?.close();
    this.#test = undefined;
  }

  /** The rejected image runs once more: its mark was lost, by a power cut in the write of otadata for one. FAILED becomes true by another attempt. */
  #rejectAgain(): void {
    const { options, callbacks } = this.#context;
    try {
      options.boot.markInvalidAndRestart();
    } catch (error) {
      callbacks.error(
        new FotaError("rollback-impossible", asFotaError(error, "internal-error").message, { cause: error }),
      );
    }
  }

  #failed(error: FotaError): void {
    const { job, callbacks } = this.#context;
    this.stop();
    callbacks.error(error);
    setTerminal(this.#context, "FAILED", error, { selfTest: job?.record.selfTest });
  }

  #note(text: string): void {
    const context = this.#context;
    const { job, callbacks, options } = context;
    const selfTest = safeText(text);
    options.trace(`aws-fota: self-test: ${selfTest}`);
    if (job === undefined) return;
    job.record = { ...job.record, selfTest };
    // The answer ends the test unless the application has one: then nothing is stored that the next store replaces.
    if (selfTest === "answered" && options.selfTest === undefined) return;
    try {
      store(context);
    } catch (error) {
      callbacks.error(asFotaError(error, "internal-error"));
    }
    if (selfTest !== "connected") this.#report.testing(selfTest);
  }
}
