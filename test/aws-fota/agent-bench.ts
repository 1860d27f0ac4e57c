/**
 * One AwsFota between fakes of the modules below it, on a board that starts as an ESP32 does and a clock that moves
 * only by `advance`.
 */
import assert from "node:assert/strict";
import { AwsFota } from "../../modules/aws-fota/aws-fota.js";
import type { FotaError } from "../../modules/aws-fota/errors.js";
import type { AwsFotaOptions } from "../../modules/aws-fota/options.js";
import type { FotaPorts } from "../../modules/aws-fota/ports.js";
import { AwsJobsError, type JobExecution } from "../../modules/aws-jobs/index.js";
import { FotaDownloadError } from "../../modules/fota-download/index.js";
import { OtaPartitionError, type SlotFlash, type SlotVerifierOptions } from "../../modules/ota-partition/index.js";
import { VirtualTimer } from "../support/virtual-timer.js";
import { execution, SIGNING_KEY, verifiedImage } from "./support/documents.js";
import { FakeBoard } from "./support/fake-board.js";
import { FakeDownload } from "./support/fake-download.js";
import { FakeJobs, type Update } from "./support/fake-jobs.js";
import { FakeWriter } from "./support/fake-writer.js";

export { DIGEST, document, execution, SIGNATURE, SIGNING_KEY, SIZE, URL } from "./support/documents.js";
export { FakeBoard } from "./support/fake-board.js";

/** Refuses times that the SDK would cut. */
class WholeTimer extends VirtualTimer {
  /** Timers that wait. */
  get count(): number {
    return this.pending;
  }

  override set(callback: () => void, milliseconds = 0): object {
    assert.ok(Number.isInteger(milliseconds) && milliseconds >= 0, `timer of ${milliseconds} ms`);
    return super.set(callback, milliseconds);
  }
}

/** The store when nothing is under way: which keys the firmware enforced, and no job. */
export const NO_JOB_LEFT =
  '{"v":1,"quarantined":[],"enforced":["key-1"],"bill":{"bytes":0,"requests":0,"erases":0,"stores":0}}';

export type BenchOptions = Partial<Omit<AwsFotaOptions, "parts">>;

/** One start of the board: a new agent over what the board kept. */
export class Bench {
  readonly timer = new WholeTimer();
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
      publicKeys: [SIGNING_KEY],
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
    const openSlot = (): SlotFlash => {
      const slot = board.openSlot();
      return {
        ...slot,
        eraseBlock: (start, end) => {
          this.erased.push(start);
          slot.eraseBlock(start, end);
        },
      };
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
      openSlot,
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
    verifier.onDone(verifiedImage(image));
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

/** A board on the first boot of 1.0.2, installed by job-1. */
export function installedBoard(prepare: (board: FakeBoard) => void = () => {}): FakeBoard {
  const board = new FakeBoard();
  prepare(board);
  const bench = new Bench(board, { selfTest: undefined }).install();
  bench.fota.restart();
  bench.fota.close();
  board.restart();
  board.log.length = 0;
  return board;
}
