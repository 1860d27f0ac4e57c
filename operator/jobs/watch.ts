import { type Advice, adviceFor } from "../advice/index.js";
import { type Aws, nameInArn } from "../aws/index.js";
import { type Execution, executionsOfJob, inParallel, readExecution } from "./executions.js";
import { type ExecutionStatus, isOpen, type JobView, readJob } from "./job-view.js";

/** Devices that are asked for in one look: AWS takes ten questions a second of each kind. */
const MAX_ASKED_IN_A_LOOK = 40;
const MAX_RUNNING_SHOWN = 10;
const BAD = ["FAILED", "REJECTED", "TIMED_OUT"] as const;

/** A device that matters: it works on the job, or did not get through. */
export type DeviceLine = {
  readonly thing: string;
  readonly status: string;
  /** What the device said it does: `downloading`, `installed`, `testing`, ... */
  readonly state: string;
  /** Per cent of the download. */
  readonly progress: string;
  /** Why it FAILED or REJECTED. */
  readonly code: string;
  readonly detail: string;
  readonly from: string;
  readonly to: string;
  readonly at: Date | undefined;
};

/** Devices that ended with one code. */
export type CodeLine = { readonly code: string; readonly devices: number; readonly advice: Advice | undefined };

/** What a look at a job sees. */
export type JobLook = {
  readonly job: JobView;
  /** Things that it is for now. */
  readonly total: number;
  /** SUCCEEDED, and those that ran that version before. */
  readonly well: number;
  readonly already: number;
  readonly bad: number;
  /** Per cent of the total that are well. */
  readonly percent: number;
  readonly running: readonly DeviceLine[];
  /** Those that did not get through and were not in an earlier look. */
  readonly newBad: readonly DeviceLine[];
  readonly codes: readonly CodeLine[];
  /** Canaries that the rest waits for. */
  readonly waiting: boolean;
  readonly outcome: Outcome;
};

export type Outcome =
  | "running"
  /** Every device got it. */
  | "done"
  /** The job is over, and some did not. */
  | "done-with-failures"
  /** AWS, or somebody, stopped it. */
  | "stopped"
  /** The canaries are through; the rest waits for its release. */
  | "canary-done";

/**
 * Follows a job by looking at it again and again. Two or three requests a look, and one for each device that is new.
 */
export class JobWatch {
  readonly #aws: Aws;
  readonly #jobId: string;
  /** What did not get through, by thing and execution. */
  readonly #bad = new Map<string, DeviceLine>();
  readonly #listed = new Map<ExecutionStatus, number>();

  constructor(aws: Aws, jobId: string) {
    this.#aws = aws;
    this.#jobId = jobId;
  }

  /** @throws FotaError */
  async look(): Promise<JobLook> {
    const job = await readJob(this.#aws, this.#jobId);
    const newBad = await this.#readBad(job);
    const running = await this.#readRunning(job);
    const already = [...this.#bad.values()].filter(({ code }) => code === "same-version").length;
    const { counts } = job;
    const total = totalOf(job);
    const well = counts.SUCCEEDED + already;
    const bad = counts.FAILED + counts.REJECTED + counts.TIMED_OUT - already;
    const waiting = isWaiting(job);
    return {
      job,
      total,
      well,
      already,
      bad,
      percent: total === 0 ? 0 : (well / total) * 100,
      running,
      newBad,
      codes: this.#codes(),
      waiting,
      outcome: outcomeOf(job, { total, bad, waiting }),
    };
  }

  async #readRunning({ counts }: JobView): Promise<readonly DeviceLine[]> {
    if (counts.IN_PROGRESS === 0) return [];
    const lines = [];
    for await (const line of executionsOfJob(this.#aws, this.#jobId, "IN_PROGRESS")) {
      lines.push(line);
      if (lines.length === MAX_RUNNING_SHOWN) break;
    }
    return await this.#read(lines);
  }

  async #readBad({ counts }: JobView): Promise<readonly DeviceLine[]> {
    const fresh = [];
    for (const status of BAD) {
      if (counts[status] === 0 || counts[status] === this.#listed.get(status)) continue;
      let all = true;
      for await (const line of executionsOfJob(this.#aws, this.#jobId, status)) {
        if (this.#bad.has(keyOf(line))) continue;
        all = fresh.length < MAX_ASKED_IN_A_LOOK;
        if (!all) break;
        fresh.push(line);
      }
      // The rest comes with the next look.
      if (all) this.#listed.set(status, counts[status]);
    }
    const lines = await this.#read(fresh);
    for (const [index, line] of lines.entries()) {
      const execution = fresh[index];
      if (execution !== undefined) this.#bad.set(keyOf(execution), line);
    }
    return lines;
  }

  async #read(lines: readonly { readonly thing: string; readonly jobId: string }[]): Promise<readonly DeviceLine[]> {
    const read = await inParallel(lines, (line) => readExecution(this.#aws, line));
    return read.flatMap((execution) => (execution === undefined ? [] : [deviceLine(execution)]));
  }

  #codes(): readonly CodeLine[] {
    const counts = new Map<string, number>();
    for (const { code, status } of this.#bad.values()) {
      const name = code === "" ? status.toLowerCase().replace("_", "-") : code;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return [...counts]
      .map(([code, devices]) => ({ code, devices, advice: adviceFor(code) }))
      .sort((one, other) => other.devices - one.devices);
  }
}

/** What an execution says. */
export function deviceLine({ thing, status, details, lastUpdatedAt }: Execution): DeviceLine {
  const { state = "", progress = "", code = "", detail = "", from = "", to = "" } = details;
  return { thing, status, state, progress, code, detail, from, to, at: lastUpdatedAt };
}

/** Whether the rest of a roll-out with canaries has not been released. */
export function isWaiting({ note, targets }: Pick<JobView, "note" | "targets">): boolean {
  if (note?.canary === undefined) return false;
  const names = new Set(targets.map(nameInArn));
  return note.canary.rest.some((group) => !names.has(group));
}

function totalOf(job: JobView): number {
  const seen = Object.values(job.counts).reduce((sum, count) => sum + count, 0);
  if (job.note === undefined) return seen;
  const planned = isWaiting(job) ? (job.note.canary?.things ?? 0) : job.note.things;
  // Whoever joined the group of a CONTINUOUS job later counts as well.
  return Math.max(planned, seen);
}

function outcomeOf(
  job: JobView,
  { total, bad, waiting }: { readonly total: number; readonly bad: number; readonly waiting: boolean },
): Outcome {
  const { QUEUED, IN_PROGRESS, SUCCEEDED, FAILED, REJECTED, TIMED_OUT } = job.counts;
  const open = QUEUED + IN_PROGRESS;
  if (!isOpen(job) && job.status !== "COMPLETED") return IN_PROGRESS > 0 ? "running" : "stopped";
  const isThrough = open === 0 && SUCCEEDED + FAILED + REJECTED + TIMED_OUT >= total && total > 0;
  if (job.status !== "COMPLETED" && !(job.continuous && isThrough)) return "running";
  if (waiting) return "canary-done";
  return bad === 0 ? "done" : "done-with-failures";
}

function keyOf({ thing, executionNumber }: { readonly thing: string; readonly executionNumber: number }): string {
  return `${thing} ${executionNumber}`;
}
