import { queueExecution } from "./execution-changes.js";
import { completeWhenDone } from "./job-lifecycle.js";
import { isTerminal, type JobRecord } from "./records.js";
import { rolloutRate, rolloutStep } from "./rollout-plan.js";
import type { JobsService } from "./service.js";

/**
 * Things wait for their execution of a job; the roll-out reaches them shortly, at the job's rate. Inside a transaction.
 */
export function addToRollout(service: JobsService, job: JobRecord, thingNames: Iterable<string>): void {
  for (const thingName of thingNames) service.store.addWaiting(job.jobId, thingName);
  startRollout(service, job.jobId, service.now + service.options.rolloutDelayMs);
}

/** Looks at the things waiting for a job at the given moment, unless it is to look earlier anyway. */
export function startRollout(service: JobsService, jobId: string, at: number): void {
  const name = `rollout/${jobId}`;
  if (service.timers.has(name)) return;
  service.timers.set(name, at, () => service.transaction(() => rollOut(service, jobId)));
}

function rollOut(service: JobsService, jobId: string): void {
  const job = service.store.job(jobId);
  if (job?.status !== "IN_PROGRESS" || job.rolloutStopped || job.windowOpen === false) return;
  const waiting = service.store.waiting(jobId);
  const record = service.store.rollout(jobId);
  const succeeded = service.store.counts(jobId).SUCCEEDED ?? 0;
  const rate = rolloutRate(job.jobExecutionsRolloutConfig, record.notified, succeeded);
  const step = rolloutStep(record, rate, waiting.length, service.now);
  for (const { position, thingName } of waiting.slice(0, step.release)) {
    service.store.stopWaiting(jobId, position);
    handOut(service, job, thingName);
  }
  if (step.release > 0) service.store.putRollout(jobId, step.next);
  if (step.at !== undefined) startRollout(service, jobId, step.at);
  completeWhenDone(service, jobId);
}

function handOut(service: JobsService, job: JobRecord, thingName: string): void {
  if (service.registry.thing(thingName) === undefined) return; // deleted while it waited
  const latest = service.store.latestExecution(thingName, job.jobId);
  if (latest === undefined || isTerminal(latest.status)) queueExecution(service, job, thingName);
}
