import { endOf } from "./active-job.js";
import { type AgentContext, clearRecord, fail, store } from "./agent-context.js";
import { CallbackQueue } from "./callbacks.js";
import { asFotaError, FotaError } from "./errors.js";
import { FirstBootEffects } from "./first-boot-effects.js";
import { type FotaEffect, type FotaEvent, type FotaState, transition } from "./fota-state.js";
import { InstallEffects } from "./install-effects.js";
import { JobInbox } from "./job-inbox.js";
import { JobIntake } from "./job-intake.js";
import { JobReporter } from "./job-reporter.js";
import { OfferEffects } from "./offer-effects.js";
import { type AwsFotaOptions, settingsFrom } from "./options.js";
import { DEFAULT_PARTS } from "./parts.js";
import type { TimerPort } from "./ports.js";
import { RecordKeeper } from "./record-keeper.js";
import { ReportEffects } from "./report-effects.js";
import { takeUp } from "./start-up.js";

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
  #intake: JobIntake;
  #state: FotaState = "idle";
  #life: "new" | "open" | "closed" = "new";
  #events: FotaEvent[] = [];
  #busy = false;

  /** @throws FotaError "bad-option" */
  constructor(given: AwsFotaOptions) {
    const settings = settingsFrom(given);
    const parts = { ...DEFAULT_PARTS, ...given.parts };
    const { random, session, thingName } = given;
    const trace = quietTrace(given.trace);
    const callbacks = new CallbackQueue({ timer: given.timer, trace, onError: (error) => given.onError?.(error) });
    // Every timer below is native code calling: no exception may leave it.
    const timer: TimerPort = {
      set: (callback, milliseconds) => given.timer.set(() => this.#guard(callback), milliseconds),
      clear: (id) => given.timer.clear(id),
    };
    const options = { ...given, timer, trace };
    const inbox = new JobInbox({
      session,
      thingName,
      timer,
      random,
      trace,
      makeJobs: parts.jobs,
      onConnected: () => this.#guard(() => this.#firstBoot.reached("connected")),
      onDisconnected: () => reporter.setReady(false),
      onNext: (execution, asked) => this.#guard(() => this.#intake.next(execution, asked)),
      onError: (error) => callbacks.error(asFotaError(error, "internal-error")),
    });
    const reporter = new JobReporter({
      jobs: inbox.jobs,
      timer,
      random,
      stepTimeoutInMinutes: settings.stepTimeoutInMinutes,
      onOver: (code) => this.#guard(() => this.#intake.over(code)),
      onAlive: (execution) => this.#guard(() => this.#intake.refresh(execution.jobDocument)),
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
    this.#intake = new JobIntake(this.#context, this.#install, this.#firstBoot);
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
      takeUp(this.#context, this.#firstBoot);
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
    const { callbacks } = this.#context;
    callbacks.hold(() => {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) {
        const taken = next;
        this.#guard(() => this.#take(taken));
      }
    });
    this.#busy = false;
    callbacks.flush();
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
      "send-start": () => this.#report.sendStart((document) => this.#intake.refresh(document)),
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
      context.ended = { ...endOf(job), refused: false };
    }
    context.reporter.release();
    context.job = context.terminal = undefined;
    context.firstBoot = false;
    clearRecord(context);
  }
}

/** A line that cannot be traced is not worth an update. */
function quietTrace(trace: (text: string) => void): (text: string) => void {
  return (text) => {
    try {
      trace(text);
    } catch {
      // Nobody is left to tell.
    }
  };
}
