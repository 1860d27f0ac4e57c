/** One AwsFota between fakes of the modules below it, on a clock that moves only by `advance`. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { AwsFota } from "../../modules/aws-fota/aws-fota.js";
import type { FotaError } from "../../modules/aws-fota/errors.js";
import type { AwsFotaOptions } from "../../modules/aws-fota/options.js";
import type { FotaPorts, TimerId } from "../../modules/aws-fota/ports.js";
import {
  AwsJobsError,
  type AwsJobsOptions,
  type DescribeOptions,
  type ExecutionDone,
  type JobExecution,
  type UpdateOptions,
  type UpdateResult,
} from "../../modules/aws-jobs/index.js";
import { FotaDownloadError, type FotaDownloadOptions } from "../../modules/fota-download/index.js";
import {
  type BootControl,
  type ImageState,
  OtaPartitionError,
  type SlotFlash,
  type SlotVerifierOptions,
  type SlotWriterOptions,
} from "../../modules/ota-partition/index.js";

const BLOCK = 65536;
export const SIZE = 3 * BLOCK + 1000;
export const URL = "https://b.s3.amazonaws.com/k?X-Amz-Signature=secret";
export const DIGEST = createHash("sha256").update("image").digest();

export class FakeTimer {
  now = 0;
  #next = 1;
  #timers = new Map<TimerId, { at: number; order: number; callback: () => void }>();

  set(callback: () => void, milliseconds = 0): TimerId {
    assert.ok(Number.isInteger(milliseconds) && milliseconds >= 0, `timer of ${milliseconds} ms`);
    const id = {};
    this.#timers.set(id, { at: this.now + milliseconds, order: this.#next++, callback });
    return id;
  }

  clear(id: TimerId | undefined): void {
    if (id !== undefined) this.#timers.delete(id);
  }

  get count(): number {
    return this.#timers.size;
  }

  advance(milliseconds: number): void {
    const end = this.now + milliseconds;
    for (;;) {
      let first: [TimerId, { at: number; order: number; callback: () => void }] | undefined;
      for (const entry of this.#timers) {
        const isEarlier =
          first === undefined ||
          entry[1].at < first[1].at ||
          (entry[1].at === first[1].at && entry[1].order < first[1].order);
        if (entry[1].at <= end && isEarlier) first = entry;
      }
      if (first === undefined) break;
      this.#timers.delete(first[0]);
      this.now = Math.max(this.now, first[1].at);
      first[1].callback();
    }
    this.now = end;
  }
}

/** The store, the flash and otadata: what survives a restart. */
export class FakeBoard {
  text: string | undefined;
  stores = 0;
  failStores = false;
  runs = 0;
  rollback = true;
  reset = "power-on";
  states: [ImageState, ImageState] = ["VALID", "NONE"];
  versions: [string, string | undefined] = ["1.0.1", undefined];
  log: string[] = [];
  failSetBoot = false;
  failMarkValid = false;
  failRollback = false;
  unsetBootFails = false;

  get next(): 0 | 1 {
    return this.runs === 0 ? 1 : 0;
  }

  /** What the bootloader does, in the cases that the tests need. */
  restart(reset = "software"): void {
    this.reset = reset;
    const other = this.next;
    const running = this.runs === 0 ? 0 : 1;
    if (this.states[other] === "NEW" || this.states[other] === "UNDEFINED") {
      if (this.rollback) this.states[other] = "PENDING_VERIFY";
      this.runs = other;
    } else if (this.states[running] === "PENDING_VERIFY" && this.rollback) {
      this.states[running] = "ABORTED";
      this.runs = other;
    } else if (this.states[running] === "INVALID") this.runs = other;
  }

  boot(): BootControl {
    const label = (slot: number) => `ota_${slot}`;
    return {
      running: () => {
        const slot = this.runs === 0 ? 0 : 1;
        return {
          label: label(slot),
          size: 2 ** 20,
          state: this.states[slot],
          version: this.versions[slot] ?? "",
          project: "blink",
        };
      },
      next: () => {
        const version = this.versions[this.next];
        return {
          label: label(this.next),
          size: 2 ** 20,
          state: this.states[this.next],
          ...(version === undefined ? {} : { version }),
        };
      },
      rollbackEnabled: () => this.rollback,
      resetReason: () => this.reset,
      begin: () => {
        this.log.push("begin");
        this.states[this.next] = "NONE";
      },
      setBoot: () => {
        this.log.push("setBoot");
        if (this.failSetBoot) throw new Error("image refused");
        this.states[this.next] = this.rollback ? "NEW" : "UNDEFINED";
      },
      markValid: () => {
        this.log.push("markValid");
        if (this.failMarkValid) throw new Error("otadata");
        this.states[this.runs === 0 ? 0 : 1] = "VALID";
      },
      markInvalidAndRestart: () => {
        this.log.push("markInvalid");
        if (this.failRollback) throw new Error("no other image");
        this.states[this.runs === 0 ? 0 : 1] = "INVALID";
      },
      restart: () => {
        this.log.push("restart");
      },
      unsetBoot: () => {
        if (this.states[this.next] === "NEW" && this.unsetBootFails)
          throw new OtaPartitionError("rollback-failed", "no other image");
        this.log.push("unsetBoot");
        if (this.states[this.next] === "NEW") this.states[this.next] = "INVALID";
      },
    };
  }
}

type Update = UpdateOptions & {
  jobId: string;
  answer: (error: AwsJobsError | undefined, result?: UpdateResult) => void;
};
type Describe = DescribeOptions & { jobId: string; answer: ExecutionDone };

export class FakeJobs {
  nexts: ExecutionDone[] = [];
  updates: Update[] = [];
  describes: Describe[] = [];
  connected = false;
  opened = false;

  constructor(readonly options: AwsJobsOptions) {}

  open(): void {
    this.opened = true;
  }
  close(): void {
    this.opened = false;
  }
  describeNext(onDone: ExecutionDone): void {
    this.nexts.push(onDone);
  }
  describe(jobId: string, options: DescribeOptions, answer: ExecutionDone): void {
    this.describes.push({ ...options, jobId, answer });
  }
  update(jobId: string, options: UpdateOptions, answer: Update["answer"]): void {
    for (const value of Object.values(options.statusDetails ?? {})) {
      assert.match(value, /^[\x20-\x7e]{1,128}$/);
      assert.doesNotMatch(value, /secret|X-Amz/, "R11");
    }
    assert.ok(Object.keys(options.statusDetails ?? {}).length <= 10);
    this.updates.push({ ...options, jobId, answer });
  }
}

export class FakeDownload {
  offset: number;
  stats = { requests: 1, connections: 1, retries: 0, bytes: 0 };
  started = false;
  closed = false;

  constructor(readonly options: FotaDownloadOptions) {
    this.offset = options.offset ?? 0;
  }
  start(): void {
    this.started = true;
  }
  close(): void {
    this.closed = true;
  }
  headers(size = SIZE, etag: string | undefined = '"e1"'): void {
    this.options.onHeaders?.({ size, offset: this.offset, ...(etag === undefined ? {} : { etag }) });
  }
  body(length: number): void {
    if (this.closed) return;
    this.stats.bytes += length;
    try {
      this.options.sink.write(new Uint8Array(length));
      this.offset += length;
    } catch (cause) {
      this.closed = true;
      this.options.onError(new FotaDownloadError("sink-failed", "a callback threw", { cause }));
    }
  }
  /** Headers, all that is missing, the end. */
  complete(): void {
    this.headers();
    while (this.offset < SIZE && !this.closed) this.body(Math.min(BLOCK, SIZE - this.offset));
    if (!this.closed) this.options.onDone({ ...this.stats, size: SIZE, etag: '"e1"' });
  }
  fail(code: ConstructorParameters<typeof FotaDownloadError>[0], reason = code): void {
    this.closed = true;
    this.options.onError(new FotaDownloadError(code, "server", { reason }));
  }
}

class FakeWriter {
  position: number;
  #judged = false;
  constructor(
    readonly options: SlotWriterOptions,
    readonly image: { version: string; project: string },
  ) {
    this.position = options.offset ?? 0;
  }
  get written() {
    return this.position;
  }
  get resumePoint() {
    return Math.floor(this.position / BLOCK) * BLOCK;
  }
  write(bytes: Uint8Array): number {
    if (!this.#judged) {
      this.#judged = true;
      const { version, project } = this.image;
      this.options.onImage?.({
        version,
        project,
        idfVersion: "",
        time: "",
        date: "",
        secureVersion: 0,
        chipId: 0,
        minRevision: 0,
        maxRevision: 0,
        segments: 1,
        entry: 0,
        mmuPageBits: 16,
      });
    }
    if (this.position % BLOCK === 0) this.options.flash.eraseBlock(this.position / 4096, this.position / 4096 + 16);
    this.position += bytes.length;
    return bytes.length;
  }
  finish(): void {}
  close(): void {}
}

export type BenchOptions = Partial<Omit<AwsFotaOptions, "parts">>;

/** One start of the board: a new agent over what the board kept. */
export class Bench {
  readonly timer = new FakeTimer();
  readonly events: string[] = [];
  readonly errors: FotaError[] = [];
  readonly downloads: FakeDownload[] = [];
  readonly verifiers: SlotVerifierOptions[] = [];
  readonly traces: string[] = [];
  readonly erased: number[] = [];
  readonly fota: AwsFota;
  image = { version: "1.0.2", project: "blink" };
  #jobs: FakeJobs | undefined;
  #observers: { onDisconnected?(error: unknown): void }[] = [];

  constructor(
    readonly board = new FakeBoard(),
    options: BenchOptions = {},
  ) {
    const named = (name: string) => (value?: unknown) => {
      this.events.push(value === undefined || typeof value === "object" ? name : `${name} ${String(value)}`);
    };
    this.fota = new AwsFota({
      ...this.#ports(),
      session: {
        observe: (observer: { onDisconnected?(error: unknown): void }) => {
          this.#observers.push(observer);
          return { close: () => this.#observers.splice(this.#observers.indexOf(observer), 1) };
        },
        subscribe: () => ({ close() {} }),
        publish: () => {},
      } as unknown as AwsFotaOptions["session"],
      thingName: "thing-1",
      onStart: named("start"),
      onInstalled: named("installed"),
      onConfirmed: named("confirmed"),
      onRolledBack: named("rolled-back"),
      onIdle: named("idle"),
      onError: (error) => {
        this.errors.push(error);
      },
      ...options,
      parts: {
        jobs: (jobsOptions) => {
          this.#jobs = new FakeJobs(jobsOptions);
          return this.#jobs;
        },
        download: (downloadOptions) => {
          const download = new FakeDownload(downloadOptions);
          this.downloads.push(download);
          return download;
        },
        writer: (writerOptions) => new FakeWriter(writerOptions, this.image),
        verifier: (verifierOptions) => {
          this.verifiers.push(verifierOptions);
          return { start() {}, close() {} };
        },
      },
    });
  }

  #ports(): FotaPorts {
    const { board, timer } = this;
    const flash: SlotFlash = {
      status: () => ({ size: 2 ** 20, blockLength: 4096 }),
      read: () => {},
      write: () => {},
      eraseBlock: (start) => {
        this.erased.push(start);
      },
      close: () => {},
    };
    const endpoint = {} as unknown as FotaPorts["https"];
    return {
      http: endpoint,
      https: endpoint,
      timer,
      clock: { ticks: () => timer.now, now: () => timer.now },
      random: () => 0.5,
      trace: (text) => {
        assert.doesNotMatch(text, /secret/, "R11");
        this.traces.push(text);
      },
      store: {
        read: () => board.text,
        write: (text) => {
          if (board.failStores) throw new Error("nvs full");
          assert.ok(text.length < 4000 && !/secret|X-Amz/.test(text), "R11");
          board.stores += 1;
          board.text = text;
        },
        remove: () => {
          board.stores += 1;
          board.text = undefined;
        },
      },
      boot: board.boot(),
      openSlot: () => flash,
      Digest: class {
        write() {}
        close() {
          return new ArrayBuffer(32);
        }
      },
      verifyP256: () => true,
    };
  }

  get jobs(): FakeJobs {
    return this.#jobs ?? assert.fail("no jobs");
  }
  get download(): FakeDownload {
    return this.downloads.at(-1) ?? assert.fail("no download");
  }
  get codes(): string[] {
    return this.errors.map(({ code }) => code);
  }
  get record() {
    return this.board.text === undefined ? undefined : JSON.parse(this.board.text);
  }

  errorOf() {
    return AwsJobsError;
  }
  partitionError(code: OtaPartitionError["code"]): OtaPartitionError {
    return new OtaPartitionError(code, "slot");
  }
  readonly downloadErrors = { FotaDownloadError };

  open(): this {
    this.fota.open();
    this.timer.advance(0);
    return this;
  }

  /** Connected and subscribed; the service answers `$next` with this. */
  connect(next?: JobExecution): this {
    this.jobs.options.onReady();
    this.answerNext(next);
    return this;
  }
  disconnect(): void {
    for (const { answer } of this.jobs.updates.splice(0)) answer(new AwsJobsError("disconnected", "gone"));
    for (const observer of this.#observers) observer.onDisconnected?.(new Error("gone"));
  }
  answerNext(next?: JobExecution): void {
    const answer = this.jobs.nexts.shift() ?? assert.fail("$next was not asked");
    answer(undefined, next);
  }
  notify(next?: JobExecution): void {
    this.jobs.options.onNotifyNext(next);
  }

  /** The update that waits for an answer. */
  get update(): Update {
    return this.jobs.updates[0] ?? assert.fail("no update was sent");
  }
  accept(versionNumber = (this.update.expectedVersion ?? 1) + 1, jobDocument?: unknown): Update {
    const update = this.jobs.updates.shift() ?? assert.fail("no update was sent");
    const executionState = { status: update.status, statusDetails: {}, versionNumber };
    update.answer(undefined, { executionState, ...(jobDocument === undefined ? {} : { jobDocument }) });
    return update;
  }
  reject(code: AwsJobsError["code"], status?: JobExecution["status"], versionNumber = 9): Update {
    const update = this.jobs.updates.shift() ?? assert.fail("no update was sent");
    const state = status === undefined ? undefined : { status, statusDetails: {}, versionNumber };
    update.answer(new AwsJobsError(code, "no", state));
    return update;
  }
  verified(image: { version?: string; project?: string; sha256?: Uint8Array } = {}): void {
    const verifier = this.verifiers.at(-1) ?? assert.fail("nothing is verified");
    verifier.onDone({
      ...{
        idfVersion: "",
        time: "",
        date: "",
        secureVersion: 0,
        chipId: 0,
        minRevision: 0,
        maxRevision: 0,
        segments: 1,
        entry: 0,
        mmuPageBits: 16,
      },
      imageLength: SIZE,
      version: image.version ?? "1.0.2",
      project: image.project ?? "blink",
      sha256: image.sha256 ?? Uint8Array.from(DIGEST),
    });
  }

  /** Up to the moment in which the application may restart. */
  install(job = execution()): this {
    this.open().connect(job);
    this.accept();
    this.download.complete();
    this.verified();
    this.accept();
    return this;
  }
}

export function document(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { operation: "app_fw_update", fwversion: "v1.0.2", size: SIZE, location: { url: URL }, ...changes };
}

export function execution(changes: Partial<JobExecution> = {}): JobExecution {
  return {
    jobId: "job-1",
    status: "QUEUED",
    statusDetails: {},
    queuedAt: 1,
    lastUpdatedAt: 1,
    versionNumber: 1,
    executionNumber: 1,
    jobDocument: document(),
    ...changes,
  };
}

/** A board on the first boot of 1.0.2, installed by job-1. */
export function installedBoard(prepare: (board: FakeBoard) => void = () => {}): FakeBoard {
  const board = new FakeBoard();
  prepare(board);
  const bench = new Bench(board, { selfTest: undefined }).install();
  bench.fota.restart();
  bench.fota.close();
  board.versions = ["1.0.1", "1.0.2"];
  board.restart();
  board.log.length = 0;
  return board;
}
