import { Journal } from "../journal/index.js";
import { type AgentContext, attempt, fail } from "./agent-context.js";
import { CallbackQueue } from "./callbacks.js";
import { Device } from "./device.js";
import { asFotaError, FotaError } from "./errors.js";
import { FirstBootEffects } from "./first-boot-effects.js";
import { FleetEffects } from "./fleet-effects.js";
import { FotaMachine } from "./fota-machine.js";
import type { FotaEffect, FotaEvent, FotaState } from "./fota-state.js";
import { InstallEffects } from "./install-effects.js";
import { JobInbox } from "./job-inbox.js";
import { JobIntake } from "./job-intake.js";
import { JobReporter } from "./job-reporter.js";
import { OfferEffects } from "./offer-effects.js";
import { type AwsFotaOptions, settingsFrom } from "./options.js";
import { DEFAULT_PARTS } from "./parts.js";
import type { TimerPort } from "./ports.js";
import { ReportEffects } from "./report-effects.js";
import { takeUp } from "./start-up.js";
import { UpdateJob } from "./update-job.js";

/**
 * Updates this device through AWS IoT Jobs.
 *
 *     const ports = devicePorts({ identity });
 *     const publicKeys = [{ id: "2026", key: new Resource("code-signing-key.der") }];
 *     const fota = new AwsFota({ ...ports, session, thingName, publicKeys, onInstalled: () => fota.restart() });
 *     fota.open(); // before the network is brought up: an image on its first boot is on trial from here
 *
 * The states and their table stand in `fota-state.ts`. This class joins the parts, and performs the effects of the
 * table with the classes beside it.
 */
export class AwsFota {
  #context: AgentContext;
  #machine: FotaMachine;
  #offers: OfferEffects;
  #install: InstallEffects;
  #firstBoot: FirstBootEffects;
  #report: ReportEffects;
  #intake: JobIntake;
  #fleet: FleetEffects | undefined;
  #life: "new" | "open" | "closed" = "new";
  #connectedBefore = false;

  /** @throws FotaError "bad-option" */
  constructor(given: AwsFotaOptions) {
    const settings = settingsFrom(given);
    const parts = { ...DEFAULT_PARTS, ...given.parts };
    const { random, session, thingName } = given;
    const trace = quietTrace(given.trace);
    const { timer: deviceTimer, clock } = given;
    const journal = new Journal({ store: given.journal, now: () => clock.ticks(), trace });
    const callbacks = new CallbackQueue({
      timer: deviceTimer,
      trace,
      onError: (error) => options.onError?.(error),
      note: ({ code }) => journal.add("error", code),
    });
    // Every timer below is native code calling: no exception may leave it.
    const timer: TimerPort = {
      set: (callback, milliseconds) => deviceTimer.set(() => this.guard(callback), milliseconds),
      clear: (id) => deviceTimer.clear(id),
    };
    const options = { ...given, timer, trace };
    const machine = new FotaMachine({
      callbacks,
      guard: (action) => this.guard(action),
      perform: (effect) => this.perform(effect),
      onChanged: (next, previous, event) => {
        trace(`aws-fota: ${previous} -> ${next} (${event})`);
        this.noteState(next, event);
        callbacks.tell(() => options.onStateChanged?.(next, previous));
      },
    });
    const inbox = new JobInbox({
      session,
      thingName,
      timer,
      random,
      trace,
      makeJobs: parts.jobs,
      onConnected: () => this.guard(() => this.connected()),
      onDisconnected: () => {
        journal.add("link", "down");
        reporter.setReady(false);
      },
      onNext: (execution, asked) => this.guard(() => this.#intake.next(execution, asked)),
      onError: (error) => callbacks.error(asFotaError(error, "internal-error")),
    });
    const reporter = new JobReporter({
      jobs: inbox.jobs,
      timer,
      random,
      stepTimeoutInMinutes: settings.stepTimeoutInMinutes,
      onOver: (code) => this.guard(() => this.#intake.over(code)),
      onAlive: (execution) => this.guard(() => this.#intake.refresh(execution.jobDocument)),
    });
    const device = new Device(options.boot);
    const job = new UpdateJob(options.store, {
      now: () => options.clock.ticks(),
      freeMemory: () => options.boot.lowestFreeMemory?.(),
      journal: () => journal.text,
    });
    this.#machine = machine;
    this.#context = { options, settings, parts, callbacks, journal, machine, device, job, inbox, reporter };
    this.#offers = new OfferEffects(this.#context);
    this.#report = new ReportEffects(this.#context);
    this.#install = new InstallEffects(this.#context, this.#report);
    this.#firstBoot = new FirstBootEffects(this.#context, this.#report);
    this.#intake = new JobIntake(this.#context, this.#firstBoot);
    const { fleetReport } = settings;
    if (fleetReport !== undefined) this.#fleet = new FleetEffects(this.#context, fleetReport.package);
  }

  get state(): FotaState {
    return this.#machine.state;
  }

  /**
   * Reads the record and the boot state, starts the self-test's deadline when the running image is on trial, and begins
   * to listen. Call it first of all, before the network is brought up. Never throws: what is wrong comes through
   * `onError`. A second call does nothing.
   */
  open(): void {
    if (this.#life !== "new") return;
    this.#life = "open";
    this.fromOutside(() => {
      if (takeUp(this.#context, this.#firstBoot)) this.#context.inbox.open();
      this.#fleet?.open();
    });
  }

  /**
   * Stops everything and silences every callback. The record stays, and where a restart could not tell from flash how
   * far a download came, it is stored; an image on trial stays unconfirmed. Any number of times.
   */
  close(): void {
    if (this.#life === "closed") return;
    this.guard(() => this.#install.leave());
    this.#context.journal.save();
    this.#life = "closed";
    this.#machine.close();
    this.stop();
    this.#context.reporter.release();
    this.#context.inbox.close();
    this.#fleet?.close();
    this.#context.callbacks.close();
  }

  /**
   * The last events of this device, also of earlier starts: a line for each, oldest first, at most 1600 characters. No
   * URL, no secret. `npm run replay -- --journal FILE` runs the simulated board to the same states.
   */
  journal(): string {
    return this.#context.journal.text;
  }

  /** Accepts a deferred update now. Does nothing in another state. */
  accept(): void {
    if (this.#machine.knows("go-on")) this.fromOutside(() => this.#machine.dispatch("go-on"));
  }

  /**
   * Lets an update wait, also in mid-download: it goes on after `ms` where it stopped, or at `accept()`. Does
   * nothing when none can wait.
   */
  defer(ms: number): void {
    if (!this.#machine.knows("paused")) return;
    this.#offers.deferBy(ms);
    this.fromOutside(() => this.#machine.dispatch("paused"));
  }

  /**
   * Ends the update under way with "canceled-by-application". Does nothing when there is none, or when its image runs
   * already.
   */
  cancel(detail = ""): void {
    if (!this.#machine.knows("canceled")) return;
    this.fromOutside(() => fail(this.#context, new FotaError("canceled-by-application", detail), "canceled"));
  }

  /**
   * Restarts into the installed image.
   * @throws FotaError "not-installed" in another state than "installed"
   */
  restart(): void {
    if (!this.#machine.knows("restart")) throw new FotaError("not-installed", `the agent is ${this.state}`);
    this.fromOutside(() => this.#machine.dispatch("restart"));
  }

  private connected(): void {
    this.#context.journal.add("link", "up");
    if (this.#connectedBefore) this.#context.job.reconnected();
    this.#connectedBefore = true;
    this.#firstBoot.reached("connected");
    this.#fleet?.connected();
  }

  /** The job first, where one begins or goes on. While there is one, its record carries the journal. */
  private noteState(next: FotaState, event: FotaEvent): void {
    const { journal, job } = this.#context;
    const { current } = job;
    if (current !== undefined && (event === "offered" || event === "resumed"))
      journal.add("job", current.identity.jobId, current.identity.executionNumber);
    journal.add("state", next, event);
    this.#fleet?.entered(next);
    if (next === "reporting" && job.terminal?.status === "FAILED") journal.save();
  }

  private fromOutside(action: () => void): void {
    this.#context.callbacks.hold(() => this.guard(action));
  }

  /** Nothing that happens in here reaches native code as an exception. */
  private guard(action: () => void): void {
    if (this.#life === "closed") return;
    try {
      action();
    } catch (error) {
      this.#context.callbacks.error(asFotaError(error, "internal-error"));
    }
  }

  /** False: the effects after it must not happen. */
  private perform(effect: FotaEffect): boolean {
    const { options, callbacks, inbox, job } = this.#context;
    switch (effect) {
      case "ask":
        this.#offers.ask();
        break;
      case "wait":
        this.#offers.wait();
        this.#report.keepAlive();
        break;
      case "store":
        this.tell(attempt(() => job.store()));
        break;
      case "store-or-fail":
        return this.storeOrFail();
      case "send-start":
        this.#report.sendStart((document) => this.#intake.refresh(document));
        break;
      case "download":
        this.#report.keepAlive();
        this.#install.download();
        break;
      case "ask-url":
        this.#install.askUrl();
        break;
      case "renew":
        this.#install.renew();
        break;
      case "verify":
        this.#report.keepAlive();
        this.#install.verify();
        break;
      case "set-boot":
        return this.#install.setBoot();
      case "unset-boot":
        this.#install.unsetBoot();
        break;
      case "announce":
        this.#report.announce();
        break;
      case "restart":
        options.trace("aws-fota: restarting into the new image");
        options.boot.restart();
        break;
      case "self-test":
        this.#firstBoot.selfTest();
        break;
      case "mark-valid":
        this.#firstBoot.markValid();
        break;
      case "roll-back":
        this.#firstBoot.rollBack();
        break;
      case "send-terminal":
        this.#report.sendTerminal();
        break;
      case "stop":
        this.stop();
        break;
      case "forget":
        this.forget();
        break;
      case "ask-next":
        inbox.ask();
        break;
      case "tell-idle":
        callbacks.tell(() => options.onIdle?.());
        break;
    }
    return true;
  }

  /** What cannot be remembered is not begun. */
  private storeOrFail(): boolean {
    const failure = attempt(() => this.#context.job.store());
    if (failure !== undefined) fail(this.#context, failure);
    return failure === undefined;
  }

  private tell(failure: FotaError | undefined): void {
    if (failure !== undefined) this.#context.callbacks.error(failure);
  }

  private stop(): void {
    this.#install.stop();
    this.#offers.stop();
    this.#firstBoot.stop();
    this.#report.stop();
  }

  private forget(): void {
    const { reporter, device, job } = this.#context;
    reporter.release();
    device.endTrial();
    this.tell(attempt(() => job.forget()));
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
