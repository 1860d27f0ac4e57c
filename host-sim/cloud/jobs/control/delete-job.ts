import { AwsError } from "../../context/context.js";
import { optionalFlag } from "../../context/fields.js";
import { sendJobEvent } from "../events.js";
import { removeExecution } from "../execution-changes.js";
import { MAX_DELETIONS_IN_PROGRESS } from "../limits.js";
import { existingJob, type OperationInput, type OperationOutput } from "../operation.js";
import type { JobRecord } from "../records.js";
import { armJob } from "../schedule.js";
import type { JobsService } from "../service.js";

/**
 * [AWS IoT: DeleteJob] The job is DELETION_IN_PROGRESS for a moment, then gone; its pending executions are gone at
 * once.
 *
 * @throws AwsError `InvalidStateTransition` for a job that has not ended, without `force`; `LimitExceeded`;
 * `ResourceNotFound`
 */
export function deleteJob(service: JobsService, input: OperationInput): OperationOutput {
  const force = optionalFlag(input, "force") ?? false;
  return service.transaction(() => {
    const job = existingJob(service, input);
    if (job.status === "DELETION_IN_PROGRESS") return {};
    if (job.status !== "COMPLETED" && job.status !== "CANCELED" && !force) {
      throw new AwsError("InvalidStateTransition", `job ${job.jobId} is ${job.status}`);
    }
    const deletions = [...service.store.jobs()].filter((other) => other.status === "DELETION_IN_PROGRESS").length;
    if (deletions >= MAX_DELETIONS_IN_PROGRESS) {
      throw new AwsError("LimitExceeded", `${deletions} jobs are being deleted`);
    }
    const deleting: JobRecord = { ...job, status: "DELETION_IN_PROGRESS", lastUpdatedAt: service.now };
    service.store.putJob(deleting);
    service.store.clearWaiting(job.jobId);
    sendJobEvent(service, deleting, "deletion_in_progress");
    for (const execution of [...service.store.pendingExecutions()]) {
      if (execution.jobId === job.jobId) removeExecution(service, execution);
    }
    armJob(service, deleting);
    return {};
  });
}
