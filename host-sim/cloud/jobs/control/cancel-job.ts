import { definedMembers, invalidRequest, optionalFlag, optionalText } from "../../context/fields.js";
import { jobArn } from "../arns.js";
import { cancelExecutionsOfJob } from "../execution-changes.js";
import { endJob } from "../job-lifecycle.js";
import { MAX_TEXT_LENGTH, REASON_CODE } from "../limits.js";
import { existingJob, type OperationInput, type OperationOutput } from "../operation.js";
import type { JobsService } from "../service.js";

/**
 * [AWS IoT: CancelJob] QUEUED executions become CANCELED, IN_PROGRESS ones only with `force`. A job that is CANCELED
 * already may be cancelled again by force, to end what was left IN_PROGRESS.
 *
 * @throws AwsError `InvalidRequest`, `ResourceNotFound`
 */
export function cancelJob(service: JobsService, input: OperationInput): OperationOutput {
  const force = optionalFlag(input, "force") ?? false;
  const reasonCode = optionalText(input, "reasonCode", { pattern: REASON_CODE });
  const comment = optionalText(input, "comment", { maxLength: MAX_TEXT_LENGTH });
  return service.transaction(() => {
    const job = existingJob(service, input);
    if (job.status === "COMPLETED" || job.status === "DELETION_IN_PROGRESS") {
      throw invalidRequest(`job ${job.jobId} is ${job.status}`);
    }
    endJob(service, job, "CANCELED", { reasonCode, comment, forceCanceled: force || undefined });
    cancelExecutionsOfJob(service, job.jobId, force);
    const { jobId, description } = job;
    return definedMembers({ jobArn: jobArn(service.context, jobId), jobId, description });
  });
}
