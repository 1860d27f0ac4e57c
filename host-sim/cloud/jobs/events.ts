import { thingArn } from "./arns.js";
import { wholeSeconds } from "./device-views.js";
import type { ExecutionRecord, JobRecord } from "./records.js";
import type { JobsService } from "./service.js";

/** Fleet events, off until UpdateEventConfigurations turns them on. [AWS IoT: Jobs events] */
export type EventConfigurations = { readonly [eventType: string]: { readonly Enabled: boolean } };

const SETTING = "event-configurations";

export function eventConfigurations(service: JobsService): EventConfigurations {
  return service.store.setting<EventConfigurations>(SETTING) ?? {};
}

export function putEventConfigurations(service: JobsService, configurations: EventConfigurations): void {
  service.store.putSetting(SETTING, configurations);
}

export type JobEvent = "completed" | "canceled" | "deleted" | "cancellation_in_progress" | "deletion_in_progress";

export function sendJobEvent(service: JobsService, job: JobRecord, operation: JobEvent): void {
  if (!eventConfigurations(service).JOB?.Enabled) return;
  service.send(`$aws/events/job/${job.jobId}/${operation}`, {
    eventType: "JOB",
    ...eventEnvelope(service),
    operation,
    jobId: job.jobId,
    status: job.status,
    targetSelection: job.targetSelection,
    targets: job.targets,
    description: job.description,
    // Unlike `timestamp`, these are milliseconds in this event.
    createdAt: job.createdAt,
    lastUpdatedAt: job.lastUpdatedAt,
    completedAt: job.completedAt,
  });
}

/** @param operation by default the execution's status in lower case. */
export function sendExecutionEvent(service: JobsService, execution: ExecutionRecord, operation?: "deleted"): void {
  if (!eventConfigurations(service).JOB_EXECUTION?.Enabled) return;
  const name = operation ?? execution.status.toLowerCase();
  service.send(`$aws/events/jobExecution/${execution.jobId}/${name}`, {
    eventType: "JOB_EXECUTION",
    ...eventEnvelope(service),
    operation: name,
    jobId: execution.jobId,
    thingArn: thingArn(service.context, execution.thingName),
    status: execution.status,
    statusDetails: execution.statusDetails,
  });
}

function eventEnvelope(service: JobsService): { readonly eventId: string; readonly timestamp: number } {
  const eventId = Buffer.from(service.context.random(8)).toString("hex");
  return { eventId, timestamp: wholeSeconds(service.now) };
}
