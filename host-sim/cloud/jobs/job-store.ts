import type { CloudStore, Stored } from "../context/context.js";
import { listed } from "../context/listed.js";
import {
  type ExecutionRecord,
  type ExecutionStatus,
  isTerminal,
  type JobRecord,
  type RolloutRecord,
  type TemplateRecord,
} from "./records.js";

/** Executions of a job by the status of the latest execution of each thing. */
export type StatusCounts = { readonly [S in ExecutionStatus]?: number };

/** Execution numbers are padded in keys so that they sort as numbers. */
const NUMBER_DIGITS = 10;

/**
 * The records of the Jobs service and their indices: pending executions by thing, executions by job, counts by status.
 * The indices change together with the records, so callers only ever put and remove records, inside a transaction.
 */
export class JobStore {
  readonly #store: CloudStore;

  constructor(store: CloudStore) {
    this.#store = store;
  }

  job(jobId: string): JobRecord | undefined {
    return this.#get<JobRecord>("job", jobId);
  }

  *jobs(): Iterable<JobRecord> {
    for (const { value } of this.#list<JobRecord>("job")) yield value;
  }

  putJob(job: JobRecord): void {
    this.#put(job, "job", job.jobId);
  }

  /** Removes the job; its executions have to be removed before. */
  removeJob(jobId: string): void {
    for (const segment of ["job", "counts", "rollout"]) this.#remove(segment, jobId);
    this.clearWaiting(jobId);
  }

  template(jobTemplateId: string): TemplateRecord | undefined {
    return this.#get<TemplateRecord>("template", jobTemplateId);
  }

  *templates(): Iterable<TemplateRecord> {
    for (const { value } of this.#list<TemplateRecord>("template")) yield value;
  }

  putTemplate(template: TemplateRecord): void {
    this.#put(template, "template", template.jobTemplateId);
  }

  removeTemplate(jobTemplateId: string): void {
    this.#remove("template", jobTemplateId);
  }

  counts(jobId: string): StatusCounts {
    return this.#get<StatusCounts>("counts", jobId) ?? {};
  }

  rollout(jobId: string): RolloutRecord {
    return this.#get<RolloutRecord>("rollout", jobId) ?? { windowStart: 0, releasedInWindow: 0, notified: 0 };
  }

  putRollout(jobId: string, rollout: RolloutRecord): void {
    this.#put(rollout, "rollout", jobId);
  }

  /** Things a job still has to reach, in order, with the keys that {@link stopWaiting} takes. */
  waiting(jobId: string): readonly { readonly position: string; readonly thingName: string }[] {
    return Array.from(this.#list<string>("waiting", jobId), ({ key, value }) => ({
      position: key.at(-1) ?? "",
      thingName: value,
    }));
  }

  addWaiting(jobId: string, thingName: string): void {
    this.#put(thingName, "waiting", jobId, padded(this.nextSequence()));
  }

  stopWaiting(jobId: string, position: string): void {
    this.#remove("waiting", jobId, position);
  }

  clearWaiting(jobId: string): void {
    for (const { position } of this.waiting(jobId)) this.stopWaiting(jobId, position);
  }

  execution(thingName: string, jobId: string, executionNumber: number): ExecutionRecord | undefined {
    return this.#get<ExecutionRecord>("execution", thingName, jobId, padded(executionNumber));
  }

  latestExecution(thingName: string, jobId: string): ExecutionRecord | undefined {
    const number = this.#get<number>("of-job", jobId, thingName);
    return number === undefined ? undefined : this.execution(thingName, jobId, number);
  }

  /** All executions of a thing, of one job or of all, oldest number first. */
  *executionsOfThing(thingName: string, jobId?: string): Iterable<ExecutionRecord> {
    const key = jobId === undefined ? ["execution", thingName] : ["execution", thingName, jobId];
    for (const { value } of this.#list<ExecutionRecord>(...key)) yield value;
  }

  /** The latest execution of each thing of a job, in the order of the things' names, those behind `after`. */
  *latestExecutions(jobId: string, after?: string): Iterable<ExecutionRecord> {
    for (const { key, value } of listed(this.#store, ["jobs", "of-job", jobId], after)) {
      const execution = typeof value === "number" ? this.execution(key.at(-1) ?? "", jobId, value) : undefined;
      if (execution !== undefined) yield execution;
    }
  }

  /** Executions of a thing that are QUEUED or IN_PROGRESS, in no order. */
  *pendingExecutions(thingName?: string): Iterable<ExecutionRecord> {
    const key = thingName === undefined ? ["pending"] : ["pending", thingName];
    for (const { key: found, value } of this.#list<number>(...key)) {
      const execution = this.execution(found.at(-2) ?? "", found.at(-1) ?? "", value);
      if (execution !== undefined) yield execution;
    }
  }

  putExecution(execution: ExecutionRecord): void {
    const { thingName, jobId, executionNumber, status } = execution;
    const latest = this.latestExecution(thingName, jobId);
    if (latest === undefined || latest.executionNumber <= executionNumber) {
      this.#count(jobId, latest?.status, status);
      this.#put(executionNumber, "of-job", jobId, thingName);
      if (isTerminal(status)) this.#remove("pending", thingName, jobId);
      else this.#put(executionNumber, "pending", thingName, jobId);
    }
    this.#put(execution, "execution", thingName, jobId, padded(executionNumber));
  }

  removeExecution(execution: ExecutionRecord): void {
    const { thingName, jobId, executionNumber } = execution;
    const latest = this.latestExecution(thingName, jobId);
    this.#remove("execution", thingName, jobId, padded(executionNumber));
    if (latest?.executionNumber !== executionNumber) return;
    this.#remove("pending", thingName, jobId);
    const before = [...this.executionsOfThing(thingName, jobId)].at(-1);
    this.#count(jobId, execution.status, before?.status);
    if (before === undefined) this.#remove("of-job", jobId, thingName);
    else this.#put(before.executionNumber, "of-job", jobId, thingName);
  }

  /** Counts up over all jobs: settles the order of executions queued in the same millisecond. */
  nextSequence(): number {
    const sequence = (this.#get<number>("sequence") ?? 0) + 1;
    this.#put(sequence, "sequence");
    return sequence;
  }

  setting<T extends Stored>(name: string): T | undefined {
    return this.#get<T>("setting", name);
  }

  putSetting(name: string, value: Stored): void {
    this.#put(value, "setting", name);
  }

  #count(jobId: string, from: ExecutionStatus | undefined, to: ExecutionStatus | undefined): void {
    if (from === to) return;
    const counts: { [S in ExecutionStatus]?: number } = { ...this.counts(jobId) };
    if (from !== undefined) counts[from] = (counts[from] ?? 0) - 1;
    if (to !== undefined) counts[to] = (counts[to] ?? 0) + 1;
    this.#put(counts, "counts", jobId);
  }

  // What is read under a key is what this class put there, which is why the two casts below hold.
  #get<T extends Stored>(...key: readonly string[]): T | undefined {
    return this.#store.get(["jobs", ...key]) as T | undefined;
  }

  *#list<T extends Stored>(
    ...prefix: readonly string[]
  ): Iterable<{ readonly key: readonly string[]; readonly value: T }> {
    for (const { key, value } of this.#store.list(["jobs", ...prefix])) yield { key, value: value as T };
  }

  #put(value: Stored, ...key: readonly string[]): void {
    this.#store.put(["jobs", ...key], value);
  }

  #remove(...key: readonly string[]): void {
    this.#store.remove(["jobs", ...key]);
  }
}

function padded(number: number): string {
  return String(number).padStart(NUMBER_DIGITS, "0");
}
