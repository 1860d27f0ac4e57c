import { type DeviceExecution, deviceExecution, deviceSummary, wholeSeconds } from "./device-views.js";
import { deliveredDocument } from "./document.js";
import type { ExecutionRecord } from "./records.js";
import type { JobsService } from "./service.js";
import { notifyNextTopic, notifyTopic } from "./topics.js";

/**
 * Pending executions of a thing in the order the service hands them out: IN_PROGRESS first, within each the oldest
 * queued first.
 */
export function pendingQueue(service: JobsService, thingName: string): readonly ExecutionRecord[] {
  return [...service.store.pendingExecutions(thingName)].filter((one) => isVisible(service, one)).sort(byTurn);
}

/** What waits for a maintenance window is not there yet. */
function isVisible(service: JobsService, { status, jobId }: ExecutionRecord): boolean {
  return status !== "QUEUED" || service.store.job(jobId)?.windowOpen !== false;
}

function byTurn(a: ExecutionRecord, b: ExecutionRecord): number {
  if (a.status !== b.status) return a.status === "IN_PROGRESS" ? -1 : 1;
  return a.queuedAt - b.queuedAt || a.sequence - b.sequence;
}

/**
 * Runs a change of a thing's executions and sends the notifications it causes: `notify` when the set of pending
 * executions is another one, `notify-next` when the first of them is. Every row of the notification table follows from
 * these two rules; in particular a status change alone is silent unless it brings another execution to the front. [AWS
 * Jobs: Jobs notifications]
 */
export function changingQueue<T>(service: JobsService, thingName: string, change: () => T): T {
  return changingQueues(service, [thingName], change);
}

/** The same for a change that concerns the executions of several things. */
export function changingQueues<T>(service: JobsService, thingNames: readonly string[], change: () => T): T {
  const before = thingNames.map((thingName) => pendingQueue(service, thingName).map(identity));
  const result = change();
  for (const [index, thingName] of thingNames.entries()) tellChange(service, thingName, before[index] ?? []);
  return result;
}

function tellChange(service: JobsService, thingName: string, before: readonly string[]): void {
  const queue = pendingQueue(service, thingName);
  const after = queue.map(identity);
  const timestamp = wholeSeconds(service.now);
  if (before.length !== after.length || !before.every((id) => after.includes(id))) {
    service.send(notifyTopic(thingName), { timestamp, jobs: pendingByStatus(service, queue) });
  }
  if (before[0] !== after[0]) {
    const first = queue[0];
    const execution = first === undefined ? {} : { execution: withDocument(service, first) };
    service.send(notifyNextTopic(thingName), { timestamp, ...execution });
  }
}

function identity(execution: ExecutionRecord): string {
  return `${execution.jobId}/${execution.executionNumber}`;
}

function pendingByStatus(service: JobsService, queue: readonly ExecutionRecord[]): Record<string, unknown> {
  const listed = queue.slice(0, service.options.pendingListLimit);
  const jobs: Record<string, unknown> = {};
  for (const status of ["IN_PROGRESS", "QUEUED"] as const) {
    const executions = listed.filter((execution) => execution.status === status).map(deviceSummary);
    if (executions.length > 0) jobs[status] = executions;
  }
  return jobs;
}

function withDocument(service: JobsService, execution: ExecutionRecord): DeviceExecution & { jobDocument?: unknown } {
  const job = service.store.job(execution.jobId);
  const view = deviceExecution(execution, service.now);
  return job === undefined ? view : { ...view, jobDocument: JSON.parse(deliveredDocument(service, job)) };
}
