import assert from "node:assert/strict";
import type { AwsJobsErrorCode, JobStatus } from "../../modules/aws-jobs/index.js";
import { randomIndex } from "../support/random-index.js";
import { Bench, document, execution, FakeBoard, SIZE } from "./agent-bench.js";

const RUNS = 400;
const STEPS = 80;

const REJECTIONS: readonly AwsJobsErrorCode[] = [
  "VersionMismatch",
  "InvalidStateTransition",
  "TerminalStateReached",
  "ResourceNotFound",
  "RequestThrottled",
  "timeout",
  "disconnected",
  "InvalidRequest",
];
const STATUSES: readonly JobStatus[] = ["QUEUED", "IN_PROGRESS", "SUCCEEDED", "FAILED", "CANCELED", "TIMED_OUT"];
const SURPRISES: readonly string[] = ["unexpected-event", "internal-error"];

class Life {
  readonly board = new FakeBoard();
  readonly terminal: string[] = [];
  bench: Bench;

  constructor(readonly random: (limit: number) => number) {
    this.bench = this.start();
  }

  start(): Bench {
    const onJob = () =>
      (["accept", "accept", "accept", "refuse", { deferMs: 5000 }] as const)[this.random(5)] ?? "accept";
    const selfTest = (done: (ok: boolean) => void) => {
      if (this.random(3) > 0) done(this.random(4) > 0);
    };
    return new Bench(this.board, { onJob, selfTest, stepTimeoutInMinutes: 5 }).open();
  }

  job() {
    const { random } = this;
    return execution({
      jobId: `job-${random(3)}`,
      executionNumber: 1 + random(2),
      versionNumber: 1 + random(9),
      status: STATUSES[random(2)] ?? "QUEUED",
      jobDocument: random(8) === 0 ? { operation: "other" } : document({ force: random(4) === 0 }),
    });
  }

  /** What brings the present state on. Without it a random life hardly ever comes to an end. */
  help(): void {
    const { bench } = this;
    const { jobs } = bench;
    if (bench.fota.state === "downloading") this.load(() => bench.download.complete());
    else if (bench.fota.state === "verifying") bench.verified();
    else if (bench.fota.state === "installed" && jobs.updates.length === 0) this.restart();
    else if (jobs.updates.length > 0) this.answer();
    else if (jobs.nexts.length > 0) jobs.nexts.shift()?.(undefined, this.job());
    else jobs.options.onReady();
  }

  step(): void {
    if (this.random(2) === 0) {
      this.help();
      return;
    }
    const { bench, random, board } = this;
    const { jobs } = bench;
    const error = () =>
      new (bench.errorOf())(
        REJECTIONS[random(REJECTIONS.length)] ?? "timeout",
        "x",
        random(2) === 0
          ? undefined
          : { status: STATUSES[random(6)] ?? "QUEUED", statusDetails: {}, versionNumber: random(9) },
      );
    const actions: readonly (() => void)[] = [
      () => jobs.options.onReady(),
      () => jobs.nexts.shift()?.(undefined, random(4) === 0 ? undefined : this.job()),
      () => jobs.nexts.shift()?.(error()),
      () => bench.notify(random(4) === 0 ? undefined : this.job()),
      () => this.answer(),
      () => this.answer(),
      () => jobs.updates.shift()?.answer(error()),
      () => jobs.describes.shift()?.answer(undefined, this.job()),
      () => jobs.describes.shift()?.answer(error()),
      () => bench.downloads.at(-1)?.headers(),
      () => this.load(() => bench.download.body(4096 * random(20))),
      () => this.load(() => bench.download.complete()),
      () =>
        this.load(() =>
          bench.download.fail((["not-found", "url-expired", "retries-exhausted"] as const)[random(3)] ?? "not-found"),
        ),
      () => this.verify(),
      () => bench.timer.advance(random(400_000)),
      () => bench.disconnect(),
      () => bench.fota.defer(random(10_000)),
      () => bench.fota.accept(),
      () => (random(6) === 0 ? bench.fota.cancel() : undefined),
      () => this.restart(),
      () => {
        board.failStores = random(6) === 0;
      },
    ];
    actions[random(actions.length)]?.();
  }

  answer(): void {
    const update = this.bench.jobs.updates.shift();
    if (update === undefined) return;
    if (update.status !== "IN_PROGRESS") this.terminal.push(update.status);
    update.answer(undefined, {
      executionState: { status: update.status, statusDetails: {}, versionNumber: 1 + this.random(9) },
    });
  }

  /** A real downloader is silent once it is closed, and sends bytes after headers. */
  load(action: () => void): void {
    const download = this.bench.downloads.at(-1);
    if (download === undefined || download.closed) return;
    download.headers();
    if (!download.closed && download.offset < SIZE) action();
  }

  verify(): void {
    const { bench, random } = this;
    if (bench.fota.state !== "verifying") return;
    if (random(3) === 0) bench.verifiers.at(-1)?.onError(bench.partitionError("image-digest"));
    else bench.verified();
  }

  restart(): void {
    const { board, bench } = this;
    if (bench.fota.state === "installed") board.versions[board.next] = "1.0.2";
    this.check();
    bench.fota.close();
    assert.equal(bench.timer.count, 0);
    board.restart("panic");
    board.failStores = false;
    if (board.versions[board.runs === 0 ? 0 : 1] === "1.0.2" && board.states[board.runs === 0 ? 0 : 1] === "VALID") {
      board.versions[board.runs === 0 ? 0 : 1] = "1.0.1"; // the next update of this life begins
    }
    this.bench = this.start();
  }

  check(): void {
    assert.deepEqual(
      this.bench.errors.filter(({ code }) => SURPRISES.includes(code)).map(({ message }) => message),
      [],
    );
  }
}

describe("any life of the agent", () => {
  it(`never meets an event that its state does not know, in ${RUNS} random ones`, () => {
    const ends = new Set<string>();
    for (let seed = 1; seed <= RUNS; seed++) {
      const life = new Life(randomIndex(seed));
      try {
        for (let step = 0; step < STEPS; step++) life.step();
        life.check();
      } catch (error) {
        throw new Error(`seed ${seed}`, { cause: error });
      }
      for (const status of life.terminal) ends.add(status);
    }
    assert.deepEqual([...ends].sort(), ["FAILED", "REJECTED", "SUCCEEDED"], "each kind of end was met");
  });
});
