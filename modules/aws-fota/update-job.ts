import type { FotaError } from "./errors.js";
import type { JobRecord, RecordPhase, TerminalRecord } from "./fota-record.js";
import type { DocumentOutcome } from "./job-document.js";
import {
  type JobIdentity,
  type JobView,
  jobFromExecution,
  jobFromRecord,
  nothingLoaded,
  withImage,
} from "./job-view.js";
import type { LoadedPart } from "./loaded-part.js";
import type { StorePort } from "./ports.js";
import { afterEnd, type QuarantinedImage } from "./quarantine.js";
import { RecordKeeper } from "./record-keeper.js";
import { addCost, type Bill, type Cost, EMPTY_BILL } from "./status-details.js";
import type { UpdateDocument } from "./update-document.js";

/** The last execution that ended here. `refused`: the service would not even take the last word about it. */
export type EndedJob = JobIdentity & { readonly refused: boolean };

/** What the device tells of itself. */
export type Gauges = {
  /** Monotonic, ms. */
  readonly now: () => number;
  /** Bytes; undefined where the platform does not tell. */
  readonly freeMemory: () => number | undefined;
  /** The last events, which are stored with the job. */
  readonly journal: () => string | undefined;
};

const NO_GAUGES: Gauges = Object.freeze({ now: () => 0, freeMemory: () => undefined, journal: () => undefined });

function lowest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}

/** The execution as the service returned it, and its document as `parseJobDocument` read it. */
export type TakenExecution = Parameters<typeof jobFromExecution>[0];

/**
 * The job that is worked on and everything the device remembers of it over a restart. The only owner of job, record,
 * terminal status, bill, quarantine list, enforced keys and every store: all others read.
 *
 * A verb changes what a restart will find with the next `store()`; `loaded()` and `noteSelfTest()` store at once. No
 * verb sends, traces or touches flash.
 */
export class UpdateJob {
  #keeper: RecordKeeper;
  #job: JobView | undefined;
  #phase: RecordPhase = "downloading";
  #terminal: TerminalRecord | undefined;
  #quarantined: readonly QuarantinedImage[] = Object.freeze([]);
  #enforced: readonly string[] = Object.freeze([]);
  #spent: Bill = EMPTY_BILL;
  readonly #gauges: Gauges;
  /** `gauges.now()` when the job came into this run. */
  #since = 0;
  #meter: (() => Cost) | undefined;
  #ended: EndedJob | undefined;

  constructor(store: StorePort, gauges: Gauges = NO_GAUGES) {
    this.#keeper = new RecordKeeper(store);
    this.#gauges = gauges;
  }

  /** The job at hand; a new object after each change, with the same `identity` as long as it is the same job. */
  get current(): JobView | undefined {
    return this.#job;
  }

  /** How far the job at hand is known to be. */
  get phase(): RecordPhase {
    return this.#terminal === undefined ? this.#phase : "reporting";
  }

  /** Decided; sent until it is settled. */
  get terminal(): TerminalRecord | undefined {
    return this.#terminal;
  }

  /** Images that are not tried again (design rule R10). */
  get quarantined(): readonly QuarantinedImage[] {
    return this.#quarantined;
  }

  /** Ids of the signing keys that the last firmware enforced which was here to stay. */
  get enforced(): readonly string[] {
    return this.#enforced;
  }

  /** What the job at hand has cost up to this moment. */
  get bill(): Bill {
    const bill = this.metered();
    if (this.#job === undefined) return bill;
    const { now, freeMemory } = this.#gauges;
    const seconds = bill.seconds + Math.max(0, Math.floor((now() - this.#since) / 1000));
    const memory = lowest(bill.memory, freeMemory());
    return { ...bill, seconds, ...(memory === undefined ? {} : { memory }) };
  }

  get ended(): EndedJob | undefined {
    return this.#ended;
  }

  /** What a restart would find. */
  get stored() {
    return this.#keeper.record;
  }

  isCurrent(identity: JobIdentity): boolean {
    return this.#job?.identity === identity;
  }

  /** Reads the store. Returns what is wrong with it; nothing is remembered then. */
  load(): FotaError | undefined {
    const damage = this.#keeper.load();
    this.#quarantined = this.stored.quarantined;
    this.#enforced = this.stored.enforced;
    this.#spent = this.stored.bill;
    return damage;
  }

  /** The job of the record is the one at hand again, with its terminal status when one was decided. */
  recall(): void {
    const { job, phase, terminal } = this.stored;
    if (job === undefined || phase === undefined) return;
    this.#job = jobFromRecord(job);
    this.#since = this.#gauges.now();
    this.#phase = phase;
    this.#terminal = terminal;
  }

  /**
   * A job that begins; one that was at hand is forgotten. `known`: what its own details say of an update that is over
   * already.
   */
  take(
    execution: TakenExecution,
    outcome: DocumentOutcome,
    known: Pick<JobRecord, "from" | "to" | "slot">,
    now: number,
  ) {
    this.#job = jobFromExecution(execution, outcome, known, now);
    this.#phase = "downloading";
    this.#terminal = undefined;
    this.#spent = EMPTY_BILL;
    this.#since = this.#gauges.now();
    return this.#job;
  }

  /** The recalled job goes on: the service has it and its document asks for the same image. */
  resume(execution: TakenExecution, update: UpdateDocument, now: number): JobView | undefined {
    const status = execution.status === "QUEUED" ? "QUEUED" : "IN_PROGRESS";
    return this.change({ status, update, documentAt: now });
  }

  /** The document came again, with fresh URLs. */
  adopt(update: UpdateDocument, now: number): void {
    this.change({ update, documentAt: now });
  }

  /** The service took IN_PROGRESS. */
  acknowledged(): void {
    this.change({ status: "IN_PROGRESS" });
  }

  /** The length of the image became known before a byte of it was asked for. */
  sized(size: number): void {
    this.record({ size });
  }

  /** A further part of the image is on flash. Stored at once. @throws FotaError "record-store-failed" */
  loaded(part: LoadedPart): void {
    this.takeOver(part);
    this.store();
  }

  /** How far the download is that pauses; a later store remembers it. */
  reached(part: LoadedPart): void {
    this.takeOver(part);
  }

  /** All of the image is on flash; `part` is undefined when an earlier run wrote it. */
  written(part?: LoadedPart): void {
    if (part !== undefined) this.takeOver(part);
    this.#phase = "written";
  }

  /** What an earlier run left in the slot is not the image: nothing of it counts. */
  discarded(): void {
    const job = this.#job;
    if (job === undefined) return;
    this.change({ resumed: false, record: nothingLoaded(job.record, job.update) });
    this.#phase = "downloading";
  }

  /** The patches of this job are of no use, and neither is what came by one: the image is loaded as a whole. */
  unpatched(code: string): void {
    this.discarded();
    this.record({ unpatched: code });
  }

  /**
   * The slot holds the image that the document asks for; the boot flag will be set for it. The trial is counted here,
   * before it can begin.
   */
  proven({ version, digest }: { readonly version: string; readonly digest: string }): void {
    this.record({ to: version, digest, attempts: (this.#job?.record.attempts ?? 0) + 1, selfTest: undefined });
    this.#phase = "installed";
  }

  /** The boot flag or the trial was lost: what a later restart is about has nothing to do with them any more. */
  interrupted(): void {
    if (this.#phase !== "downloading") this.#phase = "written";
  }

  /** The image runs for the first time. */
  onTrial(): void {
    this.#phase = "testing";
  }

  /** How far the self-test came; stored at once if it is worth a store. @throws FotaError "record-store-failed" */
  noteSelfTest(selfTest: string, isWorthStoring: boolean): void {
    if (this.#job === undefined) return;
    this.record({ selfTest });
    if (isWorthStoring) this.store();
  }

  /** How the job ends, and with it whether its image may ever be tried again. */
  decide(terminal: TerminalRecord): void {
    const job = this.#job;
    if (job === undefined) return;
    this.#terminal = terminal;
    this.#quarantined = afterEnd(this.stored.quarantined, job.record, terminal);
  }

  /** The running firmware is here to stay, and installs nothing without one of these keys. */
  enforces(keyIds: readonly string[]): void {
    this.#enforced = keyIds;
  }

  /** What the download under way has cost; `undefined` ends it and keeps the sum. */
  meter(cost: (() => Cost) | undefined): void {
    this.#spent = this.metered();
    this.#meter = cost;
  }

  /** A connection to the service was lost and is back. */
  reconnected(): void {
    this.#spent = { ...this.#spent, reconnects: this.#spent.reconnects + 1 };
  }

  /**
   * Makes the present job what a restart finds (design rule R6); without a job nothing is written. @throws FotaError
   * "record-store-failed"
   */
  store(): void {
    const job = this.#job;
    if (job === undefined) return;
    this.#keeper.save({
      phase: this.phase,
      job: job.record,
      terminal: this.#terminal,
      quarantined: this.#quarantined,
      enforced: this.#enforced,
      bill: this.bill,
      journal: this.#gauges.journal(),
    });
    this.#spent = { ...this.#spent, stores: this.stored.bill.stores };
  }

  /** The service will not hear of this execution again. */
  refused(): void {
    if (this.#job !== undefined) this.#ended = { ...this.#job.identity, refused: true };
  }

  /**
   * The job is over or settled: only that it was here, the quarantined images and the keys are remembered. @throws
   * FotaError "record-store-failed"
   */
  forget(): void {
    const identity = this.#job?.identity;
    if (identity !== undefined && (this.#ended?.jobId !== identity.jobId || !this.#ended.refused))
      this.#ended = { ...identity, refused: false };
    this.#job = this.#terminal = this.#meter = undefined;
    this.#spent = EMPTY_BILL;
    this.#keeper.clear({ quarantined: this.#quarantined, enforced: this.#enforced });
  }

  private metered(): Bill {
    return this.#meter === undefined ? this.#spent : addCost(this.#spent, this.#meter());
  }

  private takeOver(part: LoadedPart): void {
    const job = this.#job;
    if (job !== undefined) this.change({ record: withImage(nothingLoaded(job.record, job.update), part) });
  }

  private record(changes: Partial<JobRecord>): void {
    const job = this.#job;
    if (job !== undefined) this.change({ record: { ...job.record, ...changes } });
  }

  private change(changes: Partial<Omit<JobView, "identity">>): JobView | undefined {
    if (this.#job !== undefined) this.#job = { ...this.#job, ...changes };
    return this.#job;
  }
}
