import type { JobExecution } from "../aws-jobs/index.js";
import { type ActiveJob, isSameContent, jobFromExecution, jobFromRecord } from "./active-job.js";
import { type AgentContext, fail, store } from "./agent-context.js";
import { CallbackQueue } from "./callbacks.js";
import { isWatched, readDeviceFacts, slotNumber } from "./device-facts.js";
import { type AgentErrorCode, asFotaError, FotaError } from "./errors.js";
import { FirstBootEffects } from "./first-boot-effects.js";
import { type FotaEffect, type FotaEvent, type FotaState, transition } from "./fota-state.js";
import { InstallEffects } from "./install-effects.js";
import { parseJobDocument } from "./job-document.js";
import { JobInbox } from "./job-inbox.js";
import { JobReporter } from "./job-reporter.js";
import { OfferEffects } from "./offer-effects.js";
import { type AwsFotaOptions, settingsFrom } from "./options.js";
import { DEFAULT_PARTS } from "./parts.js";
import type { TimerPort } from "./ports.js";
import { rebootVerdict, verdictFromDetails } from "./reboot-verdict.js";
import { viewOfExecution } from "./reconcile.js";
import { RecordKeeper } from "./record-keeper.js";
import { ReportEffects } from "./report-effects.js";

/** States without a store are not worth a job: what cannot be remembered is not begun. */
const STORE_OR_FAIL: readonly FotaState[] = Object.freeze(["starting", "installed"]);
const CANCELABLE: readonly FotaState[] = Object.freeze([
  "deferred",
  "starting",
  "downloading",
  "verifying",
  "installed",
]);

/**
 * Updates this device through AWS IoT Jobs.
 *
 *     const fota = new AwsFota({ ...devicePorts({ identity }), session, thingName, onInstalled: () => fota.restart() });
 *     fota.open(); // before the network is brought up: an image on its first boot is on trial from here
 *
 * The states and their table stand in `fota-state.ts`. This class turns what the service, the record and the application say into
 * events, and performs the effects of the table with the help of the classes beside it.
 */
export class AwsFota {
  #context: AgentContext;
  #offers: OfferEffects;
  #install: InstallEffects;
  #firstBoot: FirstBootEffects;
  #report: ReportEffects;
  #state: FotaState = "idle";
  #life: "new" | "open" | "closed" = "new";
  #events: FotaEvent[] = [];
  #busy = false;
  #otherSeen: { readonly jobId: string; readonly executionNumber: number } | undefined;

  /** @throws FotaError "bad-option" */
  constructor(given: AwsFotaOptions) {
    const settings = settingsFrom(given);
    const parts = { ...DEFAULT_PARTS, ...given.parts };
    const { random, trace, session, thingName } = given;
    const callbacks = new CallbackQueue({ timer: given.timer, trace, onError: (error) => given.onError?.(error) });
    // Every timer below is native code calling: no exception may leave it.
    const timer: TimerPort = {
      set: (callback, milliseconds) => given.timer.set(() => this.#guard(callback), milliseconds),
      clear: (id) => given.timer.clear(id),
    };
    const options = { ...given, timer };
    const inbox = new JobInbox({
      session,
      thingName,
      timer,
      random,
      trace,
      makeJobs: parts.jobs,
      onConnected: () => this.#guard(() => this.#firstBoot.reached("connected")),
      onDisconnected: () => reporter.setReady(false),
      onNext: (execution, asked) => this.#guard(() => this.#next(execution, asked)),
      onError: (error) => callbacks.error(asFotaError(error, "internal-error")),
    });
    const reporter = new JobReporter({
      jobs: inbox.jobs,
      timer,
      random,
      stepTimeoutInMinutes: settings.stepTimeoutInMinutes,
      onOver: (code) => this.#guard(() => this.#over(code)),
      onAlive: (execution) => this.#guard(() => this.#refresh(execution.jobDocument)),
    });
    this.#context = {
      options,
      settings,
      parts,
      callbacks,
      keeper: new RecordKeeper(options.store),
      inbox,
      reporter,
      state: () => this.#state,
      dispatch: (event) => this.#dispatch(event),
      facts: undefined,
      firstBoot: false,
      job: undefined,
      terminal: undefined,
      bill: { bytes: 0, requests: 0, erases: 0, stores: 0 },
      ended: undefined,
    };
    this.#offers = new OfferEffects(this.#context);
    this.#report = new ReportEffects(this.#context);
    this.#install = new InstallEffects(this.#context, this.#report);
    this.#firstBoot = new FirstBootEffects(this.#context, this.#report);
  }

  get state(): FotaState {
    return this.#state;
  }

  /**
   * Reads the record and the boot state, starts the self-test's deadline when the running image is on trial, and begins to listen. Call it first
   * of all, before the network is brought up. Never throws: what is wrong comes through `onError`. A second call does nothing.
   */
  open(): void {
    if (this.#life !== "new") return;
    this.#life = "open";
    this.#fromOutside(() => {
      this.#remember();
      this.#context.inbox.open();
    });
  }

  /** Stops everything and silences every callback. The record stays; an image on trial stays unconfirmed. Any number of times. */
  close(): void {
    if (this.#life === "closed") return;
    this.#life = "closed";
    this.#events = [];
    this.#stop();
    this.#context.reporter.release();
    this.#context.inbox.close();
    this.#context.callbacks.close();
  }

  /** Accepts a deferred update now. Does nothing in another state. */
  accept(): void {
    if (this.#state === "deferred") this.#fromOutside(() => this.#dispatch("accepted"));
  }

  /**
   * Lets an update wait, also in mid-download: it goes on after `ms` at the last stored block, or at `accept()`. Does nothing when none can wait.
   */
  defer(ms: number): void {
    if (this.#state !== "starting" && this.#state !== "downloading") return;
    this.#offers.deferBy(ms);
    this.#fromOutside(() => this.#dispatch("deferred"));
  }

  /** Ends the update under way with "canceled-by-application". Does nothing when there is none, or when its image runs already. */
  cancel(detail = ""): void {
    if (!CANCELABLE.includes(this.#state)) return;
    this.#fromOutside(() => fail(this.#context, new FotaError("canceled-by-application", detail)));
  }

  /**
   * Restarts into the installed image.
   * @throws FotaError "not-installed" in another state than "installed"
   */
  restart(): void {
    if (this.#state !== "installed") throw new FotaError("not-installed", `the agent is ${this.#state}`);
    this.#context.options.trace("aws-fota: restarting into the new image");
    this.#context.options.boot.restart();
  }

  // What happened before this start

  #remember(): void {
    const context = this.#context;
    const { keeper, callbacks, options } = context;
    const damage = keeper.load();
    if (damage !== undefined) callbacks.error(damage);
    const { record } = keeper;
    context.bill = record.bill;
    try {
      context.facts = readDeviceFacts(options);
    } catch (error) {
      callbacks.error(asFotaError(error, "internal-error"));
    }
    const { facts } = context;
    if (facts === undefined) return;
    const verdict = rebootVerdict(record, facts);
    options.trace(
      `aws-fota: ${facts.version} runs in ${facts.running.label} (${facts.running.state}), ${verdict.kind}`,
    );
    context.firstBoot = verdict.kind === "self-test" || verdict.kind === "confirmed";
    if (!isWatched(facts, context.firstBoot)) {
      callbacks.error(new FotaError("rollback-disabled", "the bootloader would not return to the old image"));
    }
    const remembered = record.job === undefined ? undefined : jobFromRecord(record.job);
    switch (verdict.kind) {
      case "self-test":
        this.#begin(remembered, "first-boot");
        return;
      case "confirmed":
        this.#begin(remembered);
        this.#firstBoot.confirmed();
        this.#dispatch("outcome-known");
        return;
      case "boot-flag-set":
        this.#begin(remembered, "boot-flag-found");
        return;
      case "report":
        this.#begin(remembered);
        context.terminal = record.terminal;
        this.#firstBoot.outcomeStored();
        this.#dispatch("outcome-known");
        return;
      case "failed":
        this.#begin(remembered);
        this.#firstBoot.rolledBack(verdict.code, verdict.detail);
        this.#dispatch("outcome-known");
        return;
      case "stale":
        this.#clear();
        break;
      default:
    }
    // Whoever installed it: an image on trial that nobody confirms would be gone with the next restart.
    if (facts.running.state === "PENDING_VERIFY") {
      context.firstBoot = true;
      this.#dispatch("first-boot");
    }
  }

  #begin(job: ActiveJob | undefined, event?: FotaEvent, versionNumber?: number): void {
    this.#context.job = job;
    if (job !== undefined) this.#context.reporter.bind(job.jobId, job.executionNumber, versionNumber);
    if (event !== undefined) this.#dispatch(event);
  }

  // What the service says

  #next(execution: JobExecution | undefined, asked: boolean): void {
    const { job, options, callbacks, reporter } = this.#context;
    if (job !== undefined) this.#aboutJob(job, execution);
    else if (this.#state === "idle") {
      if (execution !== undefined) this.#offer(execution, asked);
      else if (asked) callbacks.tell(() => options.onIdle?.());
    }
    if (!asked) return;
    reporter.setReady(true);
    this.#firstBoot.reached("answered");
  }

  #aboutJob(job: ActiveJob, execution: JobExecution | undefined): void {
    const { reporter } = this.#context;
    const ours = execution?.jobId === job.jobId ? execution : undefined;
    if (ours !== undefined) {
      const view = viewOfExecution({ ...job, versionNumber: reporter.versionNumber }, ours);
      if (view.kind === "over") this.#over(view.code);
      if (view.kind !== "alive") return;
      reporter.adopt(view.versionNumber);
      if (this.#state !== "deciding" && this.#state !== "reporting") this.#refresh(ours.jobDocument);
    } else if (this.#state !== "testing" && this.#state !== "reporting") {
      // Ours is not next any more, or this message is an old one: only the service knows.
      reporter.look(this.#install.waitsForUrl);
    }
  }

  #offer(execution: JobExecution, asked: boolean): void {
    const context = this.#context;
    const { ended, facts, keeper, options } = context;
    const { jobId, executionNumber, versionNumber } = execution;
    if (ended?.jobId === jobId && executionNumber <= ended.executionNumber) {
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
    const isKnown = known?.jobId === jobId && known.executionNumber === executionNumber && known.slot === slot;
    if (isKnown && phase !== "reporting" && outcome.kind === "update" && isSameContent(known, outcome.update)) {
      this.#begin({ ...job, update: outcome.update, record: known, resumed: true }, "resumed", versionNumber);
      return;
    }
    context.bill = { bytes: 0, requests: 0, erases: 0, stores: 0 };
    if (isKnown || !this.#recognized(execution, job)) this.#begin(job, "offered", versionNumber);
  }

  /** Without a record, the details that the device itself wrote into the job tell whether the update is over already. */
  #recognized(execution: JobExecution, job: ActiveJob): boolean {
    const { facts } = this.#context;
    if (facts === undefined || execution.status !== "IN_PROGRESS") return false;
    const { from, to } = execution.statusDetails;
    const verdict = verdictFromDetails(execution.statusDetails, facts);
    if (verdict === undefined || from === undefined || to === undefined) return false;
    const slot = verdict === "confirmed" ? facts.running.label : facts.slot.label;
    this.#begin({ ...job, record: { ...job.record, from, to, slot } }, undefined, execution.versionNumber);
    if (verdict === "confirmed") this.#firstBoot.confirmed();
    else this.#firstBoot.rolledBack("rolled-back", "the new image does not run, and the record of the update is lost");
    this.#dispatch("outcome-known");
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
  #refresh(document: unknown): void {
    const { job, facts, options } = this.#context;
    if (document === undefined || facts === undefined || job?.update === undefined) return;
    const outcome = parseJobDocument(document, slotNumber(facts.slot.label));
    if (outcome.kind === "update" && isSameContent(job.record, outcome.update)) {
      job.document = document;
      job.documentAt = options.clock.ticks();
      job.update = outcome.update;
      this.#install.refreshed();
    } else if (this.#state === "downloading") {
      fail(
        this.#context,
        outcome.kind === "invalid" ? outcome.error : new FotaError("document-invalid", "changed during the update"),
      );
    }
  }

  /** The execution has ended without us. An image on trial goes on: whether it is good does not depend on the job. */
  #over(code: AgentErrorCode): void {
    const { job, callbacks, options } = this.#context;
    if (job === undefined || this.#state === "testing") return;
    if (this.#state === "reporting" && code === "job-ended") options.trace("aws-fota: the job has ended already");
    else callbacks.error(new FotaError(code, job.jobId));
    this.#dispatch(this.#state === "reporting" ? "settled" : "job-over");
  }

  // The table

  #fromOutside(action: () => void): void {
    this.#context.callbacks.hold(() => this.#guard(action));
  }

  /** Nothing that happens in here reaches native code as an exception. */
  #guard(action: () => void): void {
    if (this.#life === "closed") return;
    try {
      action();
    } catch (error) {
      this.#context.callbacks.error(asFotaError(error, "internal-error"));
    }
  }

  /** One event after the other: what an effect causes waits until the effects before it are done. */
  #dispatch(event: FotaEvent): void {
    if (this.#life !== "open") return;
    this.#events.push(event);
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
      const taken = next;
      this.#guard(() => this.#take(taken));
    }
    this.#busy = false;
  }

  #take(event: FotaEvent): void {
    const { callbacks, options } = this.#context;
    const previous = this.#state;
    const found = transition(previous, event);
    if (found === undefined) {
      callbacks.error(new FotaError("unexpected-event", `${event} while ${previous}`));
      return;
    }
    const { next, effects } = found;
    this.#state = next;
    if (next !== previous) {
      options.trace(`aws-fota: ${previous} -> ${next} (${event})`);
      callbacks.tell(() => options.onStateChanged?.(next, previous));
    }
    for (const effect of effects) if (this.#life !== "open" || this.#perform(effect) === false) return;
  }

  /** False: the effects after it must not happen. */
  #perform(effect: FotaEffect): boolean {
    if (effect === "store") return this.#store();
    if (effect === "set-boot") return this.#install.setBoot();
    const perform: Readonly<Record<Exclude<FotaEffect, "store" | "set-boot">, () => void>> = {
      ask: () => this.#offers.ask(),
      wait: () => {
        this.#offers.wait();
        this.#report.keepAlive();
      },
      "send-start": () => this.#report.sendStart((document) => this.#refresh(document)),
      download: () => {
        this.#report.keepAlive();
        this.#install.download();
      },
      verify: () => {
        this.#report.keepAlive();
        this.#install.verify();
      },
      "unset-boot": () => this.#install.unsetBoot(),
      announce: () => this.#report.announce(),
      "self-test": () => this.#firstBoot.selfTest(),
      "mark-valid": () => this.#firstBoot.markValid(),
      "roll-back": () => this.#firstBoot.rollBack(),
      "send-terminal": () => this.#report.sendTerminal(),
      stop: () => this.#stop(),
      forget: () => this.#forget(),
      "ask-next": () => this.#context.inbox.ask(),
    };
    perform[effect]();
    return true;
  }

  #store(): boolean {
    const context = this.#context;
    if (context.job === undefined) return true;
    try {
      store(context, this.#firstBoot.quarantined());
      return true;
    } catch (error) {
      const failure = asFotaError(error, "internal-error");
      if (!STORE_OR_FAIL.includes(this.#state)) {
        context.callbacks.error(failure);
        return true;
      }
      fail(context, failure);
      return false;
    }
  }

  #stop(): void {
    this.#install.stop();
    this.#offers.stop();
    this.#firstBoot.stop();
    this.#report.stop();
  }

  #forget(): void {
    const context = this.#context;
    const { job } = context;
    if (job !== undefined && (context.ended?.jobId !== job.jobId || !context.ended.refused)) {
      context.ended = { jobId: job.jobId, executionNumber: job.executionNumber, refused: false };
    }
    context.reporter.release();
    context.job = context.terminal = undefined;
    context.firstBoot = false;
    this.#clear();
  }

  #clear(): void {
    const context = this.#context;
    context.bill = { bytes: 0, requests: 0, erases: 0, stores: 0 };
    try {
      context.keeper.clear();
    } catch (error) {
      context.callbacks.error(asFotaError(error, "internal-error"));
    }
  }
}
