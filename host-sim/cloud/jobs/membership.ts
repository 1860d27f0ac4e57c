import { thingGroupArn } from "./arns.js";
import { applyServiceChange, removeExecution } from "./execution-changes.js";
import { completeWhenDone } from "./job-lifecycle.js";
import type { JobRecord } from "./records.js";
import { addToRollout } from "./rollout.js";
import type { JobsService } from "./service.js";
import { targetThings } from "./targets.js";

/** A thing in a thing group. */
export type GroupMembership = { readonly thingName: string; readonly thingGroupName: string };

/** Tells the Jobs service that a thing is now a member of a group: CONTINUOUS jobs of the group get it an execution. */
export function thingJoinedGroup(service: JobsService, { thingName, thingGroupName }: GroupMembership): void {
  service.transaction(() => {
    for (const job of continuousJobs(service, thingGroupName)) {
      const isWaiting = service.store.waiting(job.jobId).some((waiting) => waiting.thingName === thingName);
      if (!isWaiting) addToRollout(service, job, [thingName]);
    }
  });
}

/**
 * Tells the Jobs service that a thing left a group: its pending executions of the group's CONTINUOUS jobs become
 * REMOVED.
 */
export function thingLeftGroup(service: JobsService, { thingName, thingGroupName }: GroupMembership): void {
  service.transaction(() => {
    for (const job of continuousJobs(service, thingGroupName)) {
      if (targetThings(service, job.targets).has(thingName)) continue; // still a target by another way
      stopWaiting(service, job.jobId, thingName);
      for (const execution of [...service.store.pendingExecutions(thingName)]) {
        if (execution.jobId === job.jobId) applyServiceChange(service, execution, { status: "REMOVED" });
      }
    }
  });
}

/** Tells the Jobs service that a thing is gone: so are its executions, and jobs that waited for it may complete. */
export function thingDeleted(service: JobsService, { thingName }: { readonly thingName: string }): void {
  service.transaction(() => {
    const executions = [...service.store.executionsOfThing(thingName)].reverse();
    for (const execution of executions) removeExecution(service, execution);
    const jobIds = new Set(executions.map((execution) => execution.jobId));
    for (const job of [...service.store.jobs()]) {
      if (!isOpen(job)) continue;
      if (stopWaiting(service, job.jobId, thingName) || jobIds.has(job.jobId)) completeWhenDone(service, job.jobId);
    }
  });
}

function continuousJobs(service: JobsService, thingGroupName: string): readonly JobRecord[] {
  // A job for a group is one for the groups below it, too.
  const names = [thingGroupName, ...service.registry.groupsAbove(thingGroupName)];
  const arns = names.map((name) => thingGroupArn(service.context, name));
  return [...service.store.jobs()].filter(
    (job) => job.targetSelection === "CONTINUOUS" && isOpen(job) && job.targets.some((target) => arns.includes(target)),
  );
}

function isOpen(job: JobRecord): boolean {
  return job.status === "IN_PROGRESS" || job.status === "SCHEDULED";
}

function stopWaiting(service: JobsService, jobId: string, thingName: string): boolean {
  const waiting = service.store.waiting(jobId).filter((entry) => entry.thingName === thingName);
  for (const { position } of waiting) service.store.stopWaiting(jobId, position);
  return waiting.length > 0;
}
